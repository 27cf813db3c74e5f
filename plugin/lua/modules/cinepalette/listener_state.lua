--[[ How the dialog knows of the hotkey listener: a variable of VLC's own, with the last message to the viewer. ]]

local player = require("cinepalette.player")

local M = {}

local VARIABLE = "cinepalette-said"

--- Said of a still that is in the inbox, before its answer comes.
M.SAVED = ""

local count = 0

--- The listener is on, and has shown the viewer this message.
---@param text string
function M.say(text)
  player.put(player.libvlc(), VARIABLE, count .. " " .. text)
  count = count + 1
end

--- Number and text of the last message to the viewer; nil when no listener runs in this VLC.
---@return number|nil, string|nil
function M.said()
  local said = player.get(player.libvlc(), VARIABLE)
  local number, text = tostring(said or ""):match("^(%d+) (.*)$")
  return tonumber(number), text
end

return M
