--[[ The still: one frame through the film's own video output, whole, without subtitles, into the file asked for.

VLC takes its snapshot with variables of the video output. They are created for the shot, and say afterwards again what
the viewer's settings say, so that the viewer's own snapshot key goes on as before.
]]

local files = require("cinepalette.files")
local player = require("cinepalette.player")

local M = {}

-- How long VLC needs to take the subtitles off the picture.
local SUBTITLE_WAIT_US = 80000
-- A crop holds from the frame after the next: one may be drawn already, and the change comes after the drawing.
local CROP_FRAMES = 2
-- An extension cannot wait for a time, but for frames.
local FRAMES_WITHOUT_SLEEP = 3
-- A shot into nothing returns when a frame has been drawn.
local NOTHING = package.config:sub(1, 1) == "\\" and "NUL" or "/dev/null"
-- After this long without a frame VLC gives up; the next try usually gets one.
local TIMEOUT_US = 450000
local TRIES = 4

-- Width and height of a picture and whether its file is whole, from its first bytes; nil for what is no such picture.
-- The endings that VLC writes: pgmyuv is the frame's Y'CbCr planes, one above the others.
local function looked_up(path)
  local head = files.read(path, 54)
  local size = files.size(path)
  if not head or not size then return nil end
  local function number(first, bytes, big)
    local value = 0
    for i = 0, bytes - 1 do
      local byte = head:byte(big and first + i or first + bytes - 1 - i) or 0
      value = value * 256 + byte
    end
    return value
  end
  if head:sub(1, 2) == "BM" then return number(19, 4), number(23, 4), size >= number(3, 4) end
  if head:sub(1, 2) == "P5" then
    local width, rows, start = head:match("^P5%s(%d+)%s(%d+)%s255%s()")
    if not width then return nil end
    width, rows = tonumber(width), tonumber(rows)
    return width, rows * 2 / 3, size >= start - 1 + width * rows
  end
  if head:sub(2, 4) == "PNG" then return number(17, 4, true), number(21, 4, true), size > 60 end
  return nil, nil, size > 0
end

-- Width and height of a whole picture; nil, and what is left of it removed, when it is not.
local function whole(path)
  local width, height, complete = looked_up(path)
  if complete then return width or 0, height or 0 end
  files.remove(path)
  return nil
end

-- One try. VLC writes its file's path over the film when its OSD is on.
local function shoot(vout, path, format)
  player.put(vout, "snapshot-path", path)
  player.put(vout, "snapshot-format", format)
  player.put(vout, "snapshot-preview", false)
  player.put(vout, "osd", false)
  pcall(vlc.var.trigger_callback, vout, "video-snapshot")
  player.put(vout, "osd", vlc.config.get("osd") ~= false)
  player.put(vout, "snapshot-path", vlc.config.get("snapshot-path") or "")
  player.put(vout, "snapshot-format", vlc.config.get("snapshot-format") or "png")
  player.put(vout, "snapshot-preview", vlc.config.get("snapshot-preview") ~= false)
end

-- Waits until what was changed can be seen.
local function settle(vout, format, subtitles, crop)
  local frames = crop and CROP_FRAMES or 0
  if subtitles and not player.sleep(SUBTITLE_WAIT_US) then frames = FRAMES_WITHOUT_SLEEP end
  -- On a busy machine a frame may not come in time: that shot showed none.
  for _ = 1, frames + TRIES do
    if frames == 0 then return end
    local began_us = player.now_us()
    shoot(vout, NOTHING, format)
    if player.now_us() - began_us < TIMEOUT_US then frames = frames - 1 end
  end
end

-- Formats that VLC cannot write, since each attempt would bring up its dialog of errors: true for any film, or the
-- address of the one film (pgmyuv needs even sides, and a DVD of 16 by 9 has 853 pixels in a row).
local unwritable = {}

local function first_writable(formats, film)
  for _, format in ipairs(formats) do
    if unwritable[format] ~= true and unwritable[format] ~= film then return format end
  end
  return nil
end

-- `uncropped` is the video whose crop was taken away: on a busy machine that may still be to come.
local function tries(vout, stem, formats, at, uncropped)
  local item = player.item()
  local film = item and item:uri() or ""
  local failed = {}
  for try = 1, TRIES do
    local format = first_writable(formats, film) or formats[#formats]
    local path = stem .. "." .. format
    local began_us = player.now_us()
    shoot(vout, path, format)
    local width, height = whole(path)
    local cropped = width and uncropped
      and (width < (uncropped.width or 0) or height < (uncropped.height or 0)) and try < TRIES
    if cropped then
      files.remove(path)
    elseif width then
      if width % 2 == 1 or height % 2 == 1 then
        for _, each in ipairs(failed) do unwritable[each] = film end
      end
      return { path = path, format = format, width = width, height = height, time_s = at(began_us) }
    end
    -- Without a frame in time: the same again. With a frame and no file: the format or the folder is the cause.
    if not cropped and player.now_us() - began_us < TIMEOUT_US then
      failed[#failed + 1] = format
      unwritable[format] = true
    end
    if try < TRIES then player.sleep(20000) end -- where a quitting VLC ends us
  end
  -- When no format can be written, the format is not the cause.
  if #failed > 1 then
    for _, format in ipairs(failed) do unwritable[format] = nil end
  end
  return nil
end

--- Takes a still; blocks until its file is written, the film goes on meanwhile.
---@param stem string path of the picture without its ending
---@param settings table
---@param at function position in the film in seconds at a moment of VLC's clock
---@param video table its `width` and `height`, as far as they are known
---@return table|nil `path`, `format`, `width` and `height` of the file, `time_s`
function M.take(stem, settings, at, video)
  local vout = player.vout()
  if not vout then return nil end
  local show_again = settings.subtitles ~= "keep" and player.hide_subtitles() or nil
  local crop_again = player.show_whole(vout)
  -- Whatever happens, the viewer's subtitles and crop come back; "Interrupted." goes on its way.
  local ok, result = pcall(function()
    settle(vout, settings.formats[1], show_again, crop_again)
    return tries(vout, stem, settings.formats, at, crop_again and video)
  end)
  if crop_again then crop_again() end
  if show_again then show_again() end
  if not ok then error(result, 0) end
  return result
end

return M
