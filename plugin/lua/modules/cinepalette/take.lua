--[[ From a press to a whole still: the shot, the sidecar, and what to say where there is none. ]]

local files = require("cinepalette.files")
local film = require("cinepalette.film")
local inbox = require("cinepalette.inbox")
local player = require("cinepalette.player")
local still = require("cinepalette.still")

local M = {}

--- Shoots. What is given is not a still before `finish` has written its sidecar; `files.remove(shot.path)` undoes it.
---@param settings table
---@param at function position in the film in seconds at a moment of VLC's clock
---@return table|nil shot, string|nil why not, for the viewer
function M.shoot(settings, at)
  local account = film.account()
  if not account then return nil, "Nothing is playing: no still." end
  local stem, taken_at = inbox.new_name("vlc")
  local began_s = at(player.now_us())
  local has_picture = player.vout() ~= nil
  local taken = still.take(settings.inbox .. "/" .. stem, settings, at, account.video)
  if not taken and not inbox.ready(settings.inbox) then
    return nil, "No still: cannot write to " .. settings.inbox
  end
  if not taken and has_picture then -- the inbox may have been missing
    taken = still.take(settings.inbox .. "/" .. stem, settings, at, account.video)
  end
  if not taken and not has_picture then return nil, "No still: there is no picture to take." end

  account.player = player.version()
  account.taken_at = taken_at
  account.time_s = taken and taken.time_s or began_s
  account.failed = not taken or nil
  return { stem = stem, path = taken and taken.path, picture = taken, sidecar = account }
end

--- A snapshot that VLC's own key has made, copied into the inbox; the file stays where it is.
---@param settings table
---@param path string
---@param time_s number|nil
---@return table|nil shot
function M.adopt(settings, path, time_s)
  local account = film.account()
  local ending = path:match("%.(%w+)$")
  local picture = account and ending and files.read(path)
  if not picture then return nil end
  local stem, taken_at = inbox.new_name("vlc")
  local copy = settings.inbox .. "/" .. stem .. "." .. ending:lower()
  if not files.write(copy, picture) then return nil end
  account.player, account.taken_at, account.time_s = player.version(), taken_at, time_s
  return { stem = stem, path = copy, sidecar = account }
end

--- Writes the sidecar: now it is a still.
---@param settings table
---@param shot table
---@return boolean, string|nil why not, for the viewer
function M.finish(settings, shot)
  if inbox.put(settings.inbox, shot.stem, shot.sidecar) then return true end
  return false, "No still: cannot write to " .. settings.inbox
end

return M
