--[[ The inbox: where stills, sidecars and requests go, and where the daemon's replies come from. ]]

local files = require("cinepalette.files")
local json = require("dkjson")

local M = {}

--- What the viewer reads when the daemon does not answer a still or a request.
M.STILL_UNANSWERED = "Saved. The palette daemon is not running: cinepalette start"
M.REQUEST_UNANSWERED = "The palette daemon is not running: cinepalette start"

local VERSION = 1
local DAEMON_MARK = ".daemon.pid"
local KEY_ORDER = { "v", "player", "title", "uri", "time_s", "duration_s", "taken_at", "chapter", "disc_title" }

-- The wall clock in whole seconds, and VLC's clock for what lies between; kept in step at every reading.
local offset_us

local function wall_us()
  local second_us = os.time() * 1000000
  local now_us = vlc.misc and vlc.misc.mdate and vlc.misc.mdate() or second_us
  local guess_us = now_us + (offset_us or second_us - now_us)
  local right_us = math.max(second_us, math.min(guess_us, second_us + 999999))
  offset_us = right_us - now_us
  return right_us
end

-- The zone as +HH:MM; os.date's own %z is a name on Windows.
local function zone(seconds)
  local utc = os.date("!*t", seconds)
  utc.isdst = os.date("*t", seconds).isdst
  local minutes = math.floor(os.difftime(seconds, os.time(utc)) / 60 + 0.5)
  local sign = minutes < 0 and "-" or "+"
  minutes = math.abs(minutes)
  return string.format("%s%02d:%02d", sign, math.floor(minutes / 60), minutes % 60)
end

--- Follows the wall clock, so that it is known to the hundredth of a second; to be called often.
function M.keep_time() wall_us() end

local count = 0

--- A name that no other still or request of this VLC has, and the moment it stands for.
---@param kind string "vlc" or "request"
---@return string stem, string taken_at
function M.new_name(kind)
  count = count + 1
  local now_us = wall_us()
  local seconds = math.floor(now_us / 1000000)
  local ms = math.floor(now_us / 1000) % 1000
  local stem = string.format("%s-%s-%03d-%04d", kind, os.date("%Y%m%d-%H%M%S", seconds), ms, count % 10000)
  local taken_at = string.format("%s.%03d%s", os.date("%Y-%m-%dT%H:%M:%S", seconds), ms, zone(seconds))
  return stem, taken_at
end

--- Writes a JSON file into the inbox, whose folders are made when they are missing.
---@param folder string the inbox
---@param stem string
---@param data table
---@return boolean
function M.put(folder, stem, data)
  data.v = VERSION
  local text = json.encode(data, { keyorder = KEY_ORDER }) .. "\n"
  local path = folder .. "/" .. stem .. ".json"
  return files.write_whole(path, text) or M.ready(folder) and files.write_whole(path, text)
end

--- Whether a picture can be written into the inbox; makes it when it is missing.
---@param folder string
---@return boolean
function M.ready(folder)
  files.make_folder(folder)
  local probe = folder .. "/.cinepalette"
  local ok = files.write(probe, "?")
  files.remove(probe)
  return ok
end

--- Whether a daemon watches the inbox, by its own mark.
---@param folder string the inbox
---@return boolean
function M.is_watched(folder) return files.size(folder .. "/" .. DAEMON_MARK) ~= nil end

--- The daemon's reply; nil while there is none.
---@param folder string the inbox
---@param stem string of the still or request
---@return table|nil
function M.reply(folder, stem)
  local path = folder .. "/replies/" .. stem .. ".json"
  local text = files.read(path)
  local reply = text and json.decode(text)
  if type(reply) ~= "table" then return nil end
  files.remove(path)
  return reply
end

--- Path of the strip that a reply brings; nil when it brings none.
---@param folder string the inbox
---@param reply table
---@return string|nil
function M.strip(folder, reply)
  local name = reply.strip
  if type(name) ~= "string" or name:find("[/\\]") then return nil end
  return folder .. "/replies/" .. name
end

return M
