--[[ How dialog and hotkey listener know of each other: by variables of VLC, one with the last message to the viewer. ]]

local player = require("cinepalette.player")

local M = {}

local VARIABLE = "cinepalette-said"
local DIALOG = "cinepalette-dialog"

--- Said of a still that is in the inbox, before its answer comes.
M.SAVED = ""

local count = 0

--- The listener is on, and has shown the viewer this message.
---@param text string
function M.say(text)
  player.put(player.libvlc(), VARIABLE, count .. " " .. text)
  count = count + 1
  if text ~= M.SAVED then M.wake_dialog() end
end

--- Number and text of the last message to the viewer; nil when no listener runs in this VLC.
---@return number|nil, string|nil
function M.said()
  local said = player.get(player.libvlc(), VARIABLE)
  local number, text = tostring(said or ""):match("^(%d+) (.*)$")
  return tonumber(number), text
end

--- The dialog is open, or no longer.
---@param open boolean
function M.set_dialog(open) player.put(player.libvlc(), DIALOG, open and "open" or "") end

--- Whether the dialog is open.
---@return boolean
function M.has_dialog() return player.get(player.libvlc(), DIALOG) == "open" end

--- Has an open dialog look at what has changed, since it has no clock of its own.
function M.wake_dialog()
  if M.has_dialog() then player.wake_extensions() end
end

return M
