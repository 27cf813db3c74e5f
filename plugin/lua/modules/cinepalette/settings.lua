--[[ The plugin's settings: what the daemon has written for it, and what holds where it has written nothing. ]]

local M = {}

local FILE_NAME = "cinepalette.json"

local function defaults()
  return {
    inbox = vlc.config.homedir() .. "/Pictures/Cinepalette/Inbox",
    keys = { take = { "shift+c", "f12" }, undo = { "u" }, redo = { "y" }, new = { "q" } },
    subtitles = "hide",
    -- How VLC hands over the picture, the best first; see still.lua.
    formats = { "pgmyuv", "bmp", "png" },
    overlay = { show = true, seconds = 3, position = "bottom" },
    vlc_snapshots = false,
  }
end

-- Takes what is given over the defaults; what has another type than its default is left out.
local function merged(default, given)
  if type(given) ~= type(default) then return default end
  if type(default) ~= "table" then return given end
  if default[1] ~= nil then return given end
  for key, value in pairs(default) do
    if given[key] ~= nil then default[key] = merged(value, given[key]) end
  end
  return default
end

--- The settings in force.
---@param files table the files module
---@param json table VLC's dkjson
---@return table
function M.load(files, json)
  local text = files.read(vlc.config.userdatadir() .. "/lua/" .. FILE_NAME)
  return merged(defaults(), text and json.decode(text))
end

return M
