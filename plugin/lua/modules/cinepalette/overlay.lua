--[[ Lays a picture over the film, lets it glide in and out, and takes it away again.

VLC's logo filter does the drawing. It is put in front of the viewer's own `sub-source` chain, and that chain is put
back afterwards. While the filter runs, VLC mirrors its variables on the video output, so that opacity, place and
picture change from frame to frame without building the chain again. That takes a frame, so the filter is put up without
a picture while the daemon still looks for the palette. Nothing of it is ever part of a snapshot.

Nobody else keeps the time: the loop that called `show` calls `tick` until `showing` is false.
]]

local files = require "cinepalette.files"
local player = require "cinepalette.player"

local M = {}

-- Two frames of a film: who has pressed a key waits for the palette.
local GLIDE_IN_US = 40000
local GLIDE_OUT_US = 420000
-- The first frame is already well visible: the palette answers the key at once and glides in from there.
local FIRST_LEVEL = 0.12
-- A loop that was held up (by a snapshot, say) must not turn the glide into a jump.
local LONGEST_STEP_US = 60000
-- Without VLC's mirrored variables after this time there is no gliding: the picture is shown at once.
local MIRROR_WAIT_US = 400000
-- How long the filter waits for its picture; without an answer by then there is no daemon.
local PREPARED_US = 4000000
-- VLC's logo filter shows one picture for at most this long before it starts its list again.
local LOGO_DELAY_MS = 60000

-- The picture has a soft shadow around it, which belongs to its height.
local MARGIN_PER_HEIGHT = 0.25
local TRAVEL_PER_HEIGHT = 0.22
local USUAL_HEIGHT_PX = 100

-- Where the picture may lie, as VLC writes it in logo-position.
local LEFT, RIGHT, TOP, BOTTOM = 1, 2, 4, 8
local PLACES = {
  ["bottom"] = BOTTOM,
  ["top"] = TOP,
  ["bottom-left"] = BOTTOM + LEFT,
  ["bottom-right"] = BOTTOM + RIGHT,
  ["top-left"] = TOP + LEFT,
  ["top-right"] = TOP + RIGHT,
}

-- What lies over the film now, or nil.
local shown = nil

local function whole(number) return math.floor(number + 0.5) end

-- Where the glide is: fast at first, slow at last.
local function eased(level)
  local rest = 1 - level
  return 1 - rest * rest * rest
end

local function opacity() return whole(255 * eased(shown.level)) end

-- How far from the upper or lower edge the picture is now: it glides away from it.
local function edge_px() return whole(shown.margin_px - (1 - eased(shown.level)) * shown.travel_px) end

-- VLC centers and right-aligns in the coded pixels of the video, but draws the picture in square ones: where those
-- differ (a DVD, a phone's upright video) the distance from the left is computed here, which VLC takes as it is.
local function left_px(place, width_px, frame_width_px, margin_px)
  local side = place % TOP
  if side == LEFT then return margin_px end
  if side == RIGHT then return frame_width_px - width_px - margin_px end
  return (frame_width_px - width_px) / 2
end

-- A value inside the braces of a chain. VLC ends it at an unescaped quote and at nothing else.
local function quoted(text) return '"' .. text:gsub('[\\"\']', "\\%0") .. '"' end

-- The viewer's own chain with our filter before it: of two logo filters VLC mirrors the first.
-- Every option is named, so that the viewer's own logo settings do not reach ours.
local function chain_for(path)
  local ours = string.format(
    "logo{file=%s,delay=%d,repeat=-1,position=%d,x=%d,y=%d,opacity=%d}",
    quoted(path or ""), LOGO_DELAY_MS, shown.align, whole(shown.left_px), edge_px(), opacity())
  if shown.before == "" then return ours end
  return ours .. ":" .. shown.before
end

-- Our chain, not the viewer's, and not another video output.
local function carries_ours(vout) return player.get(vout, "sub-source") == shown.chain end

-- The reference to the video output goes with the collector; without it a closed one would linger.
local function forget()
  if shown.path then files.remove(shown.path) end
  shown = nil
  collectgarbage()
end

-- Puts the present level on the screen.
local function draw()
  player.set(shown.vout, "logo-opacity", opacity())
  player.set(shown.vout, "logo-y", edge_px())
end

-- Whether VLC mirrors the filter's variables: from the frame on in which it was built.
local function look_for_mirror()
  shown.mirrored = shown.mirrored or player.get(shown.vout, "logo-opacity") ~= nil
  return shown.mirrored
end

-- Width and height out of a size as JSON brings it, {width, height}; nil where it is none.
local function pair(size)
  if type(size) ~= "table" then return nil end
  return tonumber(size[1]), tonumber(size[2])
end

-- VLC's logo filter takes a comma or a semicolon for the end of a path: such a picture is shown from a copy. Nil when
-- there is no better place for one.
local function without_separators(path)
  if not path:find("[,;]") then return path end
  local copy = vlc.config.userdatadir() .. "/lua/cinepalette-strip.png"
  local picture = not copy:find("[,;]") and files.read(path)
  if not picture or not files.write(copy, picture) then return nil end
  files.remove(path)
  return copy
end

-- What is to be shown, or prepared when it has no path yet.
local function take_on(vout, path, stay_us)
  local before = player.get(vout, "sub-source")
  if type(before) ~= "string" then before = "" end
  shown = {
    vout = vout,
    before = before,
    path = path,
    align = BOTTOM,
    left_px = 0,
    margin_px = 0,
    travel_px = 0,
    level = 0, -- 0 is gone, 1 is all there
    left_us = stay_us,
    waited_us = 0,
    mirrored = false,
  }
end

-- Puts our filter into the chain.
local function put_up()
  shown.chain = chain_for(shown.path)
  if player.set(shown.vout, "sub-source", shown.chain) then return true end
  shown = nil
  return false
end

--- Gets ready for a picture that will come soon: what VLC needs a frame for is done when it is there.
---@param vout userdata|nil the video output
function M.prepare(vout)
  if shown or not vout then return end
  take_on(vout, nil, PREPARED_US)
  put_up()
end

-- Where a picture of this size lies over this film.
local function place_it(settings, sizes)
  local place = PLACES[settings.position] or PLACES.bottom
  local width_px, height_px = pair(sizes.strip)
  local frame_width_px = pair(sizes.frame)
  shown.margin_px = MARGIN_PER_HEIGHT * (height_px or USUAL_HEIGHT_PX)
  shown.travel_px = TRAVEL_PER_HEIGHT * (height_px or USUAL_HEIGHT_PX)
  shown.align, shown.left_px = place, shown.margin_px
  local square = sizes.coded_width == nil or frame_width_px == nil or sizes.coded_width == frame_width_px
  if width_px and not square then
    shown.align = place - place % TOP + LEFT
    shown.left_px = left_px(place, width_px, frame_width_px, shown.margin_px)
  end
end

--- Lays the picture over the film. One that is still there makes room for it without a gap.
---@param vout userdata the video output
---@param path string a PNG; it belongs to the overlay from now on, which removes it when it is done with it
---@param settings table `seconds` to stay, `position` ("bottom", "top-left", ...); both may be missing
---@param sizes table|nil `strip`: {width, height} of the picture; `frame`: {width, height} of the film's picture, its
--- height in coded lines and its width in pixels as square as those lines are high; `coded_width` of the video
---@return boolean false when this VLC cannot show it; the picture is then left to the caller
function M.show(vout, path, settings, sizes)
  path = vout and without_separators(path)
  if not path then return false end
  settings, sizes = settings or {}, sizes or {}
  local stay_us = math.max(0, tonumber(settings.seconds) or 3) * 1000000

  if shown and carries_ours(vout) and look_for_mirror() then
    local before = shown.path
    shown.path, shown.left_us = path, stay_us
    if not before then shown.level = FIRST_LEVEL end
    place_it(settings, sizes)
    player.set(vout, "logo-position", shown.align)
    player.set(vout, "logo-x", whole(shown.left_px))
    draw()
    if player.set(vout, "logo-file", path) then
      if before and before ~= path then files.remove(before) end
      return true
    end
    shown.path = before
  end
  M.hide()

  take_on(vout, path, stay_us)
  shown.level = FIRST_LEVEL
  place_it(settings, sizes)
  return put_up()
end

--- Takes the next step of the glide; to be called every few hundredths of a second while `showing`.
---@param now_us number vlc.misc.mdate()
function M.tick(now_us)
  if not shown then return end
  local passed_us = math.max(now_us - (shown.now_us or now_us), 0)
  local step_us = math.min(passed_us, LONGEST_STEP_US)
  shown.now_us = now_us

  if not carries_ours(shown.vout) then -- the viewer has changed the chain meanwhile: it is theirs
    forget()
    return
  end

  shown.left_us = shown.left_us - passed_us
  if not shown.path then
    if shown.left_us <= 0 then M.hide() end
    return
  end
  if not shown.mirrored then
    shown.waited_us = shown.waited_us + passed_us
    if not look_for_mirror() then
      if shown.waited_us > MIRROR_WAIT_US and shown.level < 1 then
        shown.level = 1
        shown.chain = chain_for(shown.path)
        player.set(shown.vout, "sub-source", shown.chain)
      end
      if shown.left_us <= 0 then M.hide() end
      return
    end
  end

  if shown.left_us > 0 then
    if shown.level == 1 then return end
    shown.level = math.min(1, shown.level + step_us / GLIDE_IN_US)
  else
    shown.level = shown.level - step_us / GLIDE_OUT_US
    if shown.level <= 0 then
      M.hide()
      return
    end
  end
  draw()
end

--- Lets the picture glide out before its time.
function M.leave()
  if shown and shown.path then shown.left_us = math.min(shown.left_us, 0) end
end

--- Takes the picture away at once and puts the viewer's own chain back.
function M.hide()
  if not shown then return end
  if carries_ours(shown.vout) then player.set(shown.vout, "sub-source", shown.before) end
  forget()
end

--- Whether a picture lies over the film.
---@return boolean
function M.showing() return shown ~= nil and shown.path ~= nil end

--- Whether it moves now, so that `tick` should be called more often.
---@return boolean
function M.gliding() return M.showing() and (shown.level < 1 or shown.left_us <= 0) end

return M
