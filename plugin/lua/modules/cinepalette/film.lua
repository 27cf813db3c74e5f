--[[ What VLC knows of the film, in the sidecar's words and independent of VLC's language. ]]

local player = require("cinepalette.player")

local M = {}

-- VLC's own words (before translation) and ours.
local MATRICES = { ["ITU-R BT.601"] = "bt601", ["ITU-R BT.709"] = "bt709", ["ITU-R BT.2020"] = "bt2020" }
local RANGES = { ["Full"] = "full", ["Limited"] = "limited" }
local TRANSFERS = {
  ["Linear"] = "linear",
  ["sRGB"] = "srgb",
  ["ITU-R BT.470 BG"] = "bt470bg",
  ["ITU-R BT.470 M"] = "bt470m",
  ["ITU-R BT.709"] = "bt709",
  ["SMPTE ST2084 (PQ)"] = "pq",
  ["SMPTE 240M"] = "smpte240",
  ["Hybrid Log-Gamma"] = "hlg",
}
local PRIMARIES = {
  ["ITU-R BT.601 (525 lines, 60 Hz)"] = "bt601-525",
  ["ITU-R BT.601 (625 lines, 50 Hz)"] = "bt601-625",
  ["ITU-R BT.709"] = "bt709",
  ["ITU-R BT.2020"] = "bt2020",
  ["DCI/P3 D65"] = "dci-p3",
  ["ITU-R BT.470 M"] = "bt470m",
}
local ORIENTATIONS = {}
for _, name in ipairs({
  "Top left", "Left top", "Right bottom", "Top right", "Bottom left", "Bottom right", "Left bottom", "Right top",
}) do
  ORIENTATIONS[name] = name:lower():gsub(" ", "-")
end

-- VLC translates the names and many of the values of a stream's properties. Its own translation of the English
-- word finds them again, whatever the language.
local function translated(text)
  local translate = vlc.gettext and vlc.gettext._
  return translate and translate(text) or text
end

local function property(info, name) return info[translated(name)] or info[name] end

local function word_for(value, words)
  if not value then return nil end
  for english, word in pairs(words) do
    if value == english or value == translated(english) then return word end
  end
  return nil
end

-- VLC has one text for both, "ITU-R BT.709 Full Range"; VLC 3 leaves the range out of it ("ITU-R BT.709 Range").
local function matrix_and_range(text)
  if not text then return nil, nil end
  local matrix
  for english, word in pairs(MATRICES) do
    for _, name in ipairs({ english, translated(english) }) do
      if text:sub(1, #name) == name then matrix = word end
    end
  end
  local range
  for english, word in pairs(RANGES) do
    if text:find(english, 1, true) or text:find(translated(english), 1, true) then range = word end
  end
  return matrix, range
end

-- Of several video streams (a cover, a second angle) the one that is being decoded.
local function video_stream(streams)
  local best
  for _, info in pairs(streams) do
    if property(info, "Video resolution") then
      if property(info, "Decoded format") then return info end
      best = best or info
    end
  end
  return best or {}
end

--- The `video` object of a sidecar; what VLC does not know is left out.
---@param streams table as item:info() gives them
---@return table
function M.video(streams)
  local info = video_stream(streams)
  local width, height = (property(info, "Video resolution") or ""):match("(%d+)%D+(%d+)")
  local matrix, range = matrix_and_range(property(info, "Color space"))
  local decoded = property(info, "Decoded format") or ""
  local rate = (property(info, "Frame rate") or ""):gsub(",", ".")
  return {
    width = tonumber(width),
    height = tonumber(height),
    matrix = matrix,
    range = range,
    transfer = word_for(property(info, "Color transfer function"), TRANSFERS),
    primaries = word_for(property(info, "Color primaries"), PRIMARIES),
    orientation = word_for(property(info, "Orientation"), ORIENTATIONS),
    frame_rate = tonumber(rate:match("%d+%.?%d*")),
    chroma = decoded:match("%((%w+)%s*%)%s*$") or decoded:match("^%w%w%w%w$"),
  }
end

-- The name of a file without its folder and ending; of a stream without a name what its address ends in, or its host.
local function title_from(name, uri)
  local plain, address_end = name or "", uri and not uri:find("^file:") and uri or ""
  -- VLC calls a stream by the end of its address; a question mark in a name from a playlist belongs to it.
  if plain ~= "" and address_end:sub(-#plain) == plain then plain = plain:gsub("[?#].*$", "") end
  if plain == "" or plain:find("://", 1, true) then
    local address = (plain ~= "" and plain or uri or ""):gsub("[?#].*$", "")
    local host, path = address:match("^%a[%w+.-]*://([^/]*)/?(.*)$")
    plain = (path or ""):match("([^/]+)/*$") or (host or ""):gsub("^.*@", "")
    if vlc.strings and vlc.strings.decode_uri then plain = vlc.strings.decode_uri(plain) or plain end
  end
  local stem, ending = plain:match("^(.+)%.(%w+)$")
  if stem and #ending <= 5 and not ending:match("^%d+$") then plain = stem end
  return plain ~= "" and plain or nil
end

-- Never with the name and password that an address may hold.
local function without_login(uri) return uri and (uri:gsub("^(%a[%w+.-]*://)[^/@]*@", "%1")) end

--- Width and height of the video as it is coded, for an answer that is laid over it; nil when nothing plays.
---@return table|nil
function M.size()
  local item = player.item()
  local video = item and M.video(item:info() or {})
  return video and { width = video.width, height = video.height }
end

--- All that a sidecar says of the film; nil when nothing plays.
---@return table|nil
function M.account()
  local item = player.item()
  if not item then return nil end
  local metas = item:metas() or {}
  local uri = item:uri()
  local title = metas.title
  if not title or title == "" or title:find("://", 1, true) then title = title_from(item:name(), uri) end
  local duration_s = item:duration()
  local is_disc = uri and uri:find("^dvd") or uri and uri:find("^bluray") or uri and uri:find("^vcd")
  return {
    title = title,
    uri = without_login(uri),
    duration_s = type(duration_s) == "number" and duration_s > 0 and duration_s or nil,
    chapter = player.chapter(),
    disc_title = is_disc and player.disc_title() or nil,
    video = M.video(item:info() or {}),
  }
end

return M
