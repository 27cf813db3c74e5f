--[[ VLC as the other modules see it: VLC 3 and VLC 4 distinguished by what they have, every object guarded. ]]

local M = {}

local STATE_PLAYING, STATE_PAUSED = 2, 3
local UNCROPPED = { ["crop"] = "", ["crop-left"] = 0, ["crop-right"] = 0, ["crop-top"] = 0, ["crop-bottom"] = 0 }
local OSD_CHANNEL = "cinepalette-channel"

--- What VLC raises in a wait when it quits; who swallows it keeps VLC from quitting for ever.
---@param why any
---@return boolean
function M.is_interrupt(why) return tostring(why):find("Interrupted", 1, true) ~= nil end

--- The libvlc object; it lives as long as VLC.
function M.libvlc() return vlc.object.libvlc and vlc.object.libvlc() end

--- The video output, nil when nothing is on screen.
function M.vout() return vlc.object.vout and vlc.object.vout() end

-- VLC 3 has an input object, VLC 4 a player in its place.
local function input() return vlc.object.input and vlc.object.input() end

--- A variable's value; nil when it or its object is not there.
function M.get(object, name)
  if not object then return nil end
  local ok, value = pcall(vlc.var.get, object, name)
  if ok then return value end
  return nil
end

--- Sets a variable that is there; false when it could not be.
function M.set(object, name, value)
  if not object or M.get(object, name) == nil then return false end
  return (pcall(vlc.var.set, object, name, value))
end

--- Creates a variable or sets it. Never for numbers: VLC makes floats of them.
function M.put(object, name, value)
  return object ~= nil and (pcall(vlc.var.create, object, name, value))
end

-- The name of a variable's present choice, or its number counted from 1; nil where there is no choice.
local function choice(object, name)
  local present = M.get(object, name)
  if type(present) ~= "number" or not vlc.var.get_list then return nil end
  local ok, values, texts = pcall(vlc.var.get_list, object, name)
  if not ok or type(values) ~= "table" or #values < 2 then return nil end
  for index, value in ipairs(values) do
    local text = type(texts) == "table" and texts[index]
    if value == present then return text and text:match("^%s*(.-)%s*$"):match(".+") or tostring(index) end
  end
  return nil
end

--- VLC's clock in microseconds; an extension has only the wall clock's seconds.
function M.now_us() return vlc.misc and vlc.misc.mdate and vlc.misc.mdate() or os.time() * 1000000 end

--- Waits; VLC raises "Interrupted." here when it quits, and nobody may catch that. Extensions cannot wait.
---@return boolean whether it has waited
function M.sleep(us)
  if not (vlc.misc and vlc.misc.mwait) then return false end
  vlc.misc.mwait(vlc.misc.mdate() + us)
  return true
end

--- Name and version, e.g. "vlc 3.0.24".
function M.version()
  local version = vlc.misc and vlc.misc.version and vlc.misc.version()
  return "vlc" .. (version and " " .. (tostring(version):match("^%S+") or "") or "")
end

--- What plays, as VLC's input item; nil when nothing does.
function M.item()
  local from = vlc.player and vlc.player.item or vlc.input and vlc.input.item
  if not from then return nil end
  local ok, item = pcall(from)
  return ok and item or nil
end

--- Has VLC call `meta_changed` of the extensions that are on: a word about the film is set to what it is already.
function M.wake_extensions()
  local item = M.item()
  if not item then return end
  pcall(function() item:set_meta("encoded_by", item:metas().encoded_by or "") end)
end

--- Position in the film in seconds as VLC last reported it, how fast it plays (0 when paused); nil when nothing does.
---@return number|nil time_s, number|nil rate
function M.position()
  if vlc.player and vlc.player.get_time then
    local ok, time_us = pcall(vlc.player.get_time)
    if not ok or type(time_us) ~= "number" or time_us < 0 then return nil end
    local rate_ok, rate = pcall(vlc.player.get_rate or function() return 1 end)
    local paused = vlc.playlist and vlc.playlist.status and vlc.playlist.status() == "paused"
    return time_us / 1000000, paused and 0 or rate_ok and rate or 1
  end
  local playing = input()
  local time_us = M.get(playing, "time")
  if type(time_us) ~= "number" then return nil end
  local state = M.get(playing, "state")
  local rate = state == STATE_PLAYING and (M.get(playing, "rate") or 1) or 0
  return time_us / 1000000, rate, state == STATE_PAUSED
end

--- Name or number of the chapter that plays; nil where there are no chapters.
---@return string|nil
function M.chapter() return choice(input(), "chapter") end

--- Name or number of a disc's title that plays; nil where there is one alone.
---@return string|nil
function M.disc_title() return choice(input(), "title") end

--- Takes the viewer's subtitles off the picture.
---@return function|nil puts them on again; nil when there were none
function M.hide_subtitles()
  if vlc.player and vlc.player.get_spu_tracks then
    local ok, tracks = pcall(vlc.player.get_spu_tracks)
    local hidden = {}
    for _, track in ipairs(ok and tracks or {}) do
      if track.selected then hidden[#hidden + 1] = track.id end
    end
    if #hidden == 0 then return nil end
    local function toggle()
      for _, id in ipairs(hidden) do pcall(vlc.player.toggle_spu_track, id) end
    end
    toggle()
    return toggle
  end
  local playing = input()
  local track = M.get(playing, "spu-es")
  if type(track) ~= "number" or track < 0 or not M.set(playing, "spu-es", -1) then return nil end
  return function()
    -- Only if the viewer has not chosen another meanwhile.
    if M.get(playing, "spu-es") == -1 then M.set(playing, "spu-es", track) end
  end
end

--- Shows the whole frame, where the viewer has cropped it: VLC's snapshot is cropped as the screen is.
---@return function|nil crops it again; nil when it was whole
function M.show_whole(vout)
  local before = {}
  for name, whole in pairs(UNCROPPED) do
    local value = M.get(vout, name)
    if value ~= nil and value ~= whole and M.set(vout, name, whole) then before[name] = value end
  end
  if next(before) == nil then return nil end
  return function()
    for name, value in pairs(before) do M.set(vout, name, value) end
  end
end

-- One channel for each video output, remembered on it: a message takes the place of the one before.
local function osd_channel(vout)
  local known = tonumber(M.get(vout, OSD_CHANNEL))
  if known then return known end
  local channel = vlc.osd.channel_register()
  M.put(vout, OSD_CHANNEL, tostring(channel))
  return channel
end

--- Writes a line into VLC's log.
---@param text string
function M.log(text) vlc.msg.info("cinepalette: " .. text) end

--- Shows a line over the film; without a film it stands in VLC's log alone.
---@param text string
---@param seconds number
---@param place string|nil "top-left" unless said
function M.message(text, seconds, place)
  M.log(text)
  local vout = M.vout()
  if not vout or not vlc.osd then return end
  pcall(vlc.osd.message, text, osd_channel(vout), place or "top-left", math.floor((seconds or 3) * 1000000))
end

return M
