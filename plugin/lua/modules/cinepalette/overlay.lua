--[[ Lays a picture over the film, lets it glide in and out, and takes it away again.

VLC's logo filter does the drawing. It is put in front of the viewer's own `sub-source` chain, and that chain is put
back afterwards. While the filter runs, VLC mirrors its variables on the video output, so that opacity, place and
picture change from frame to frame without building the chain again. Nothing of it is ever part of a snapshot.

Nobody else keeps the time: the loop that called `show` calls `tick` until `showing` is false.
]]

local M = {}

local GLIDE_IN_US = 260000
local GLIDE_OUT_US = 420000
-- The first frame is already well visible: the palette answers the key, the glide is only its manner.
local FIRST_LEVEL = 0.12
-- A loop that was held up (by a snapshot, say) must not turn the glide into a jump.
local LONGEST_STEP_US = 60000
-- Without VLC's mirrored variables after this time there is no gliding: the picture is simply there.
local MIRROR_WAIT_US = 400000
-- VLC's logo filter shows one picture for at most this long before it starts its list again.
local LOGO_DELAY_MS = 60000

local MARGIN_PER_HEIGHT = 0.45
local TRAVEL_PER_HEIGHT = 0.40
local USUAL_HEIGHT_PX = 100

-- `align` is what VLC calls logo-position; `edge` is the offset along which the picture glides away from its edge.
local PLACES = {
  ["bottom"] = { align = 8, edge = "logo-y" },
  ["top"] = { align = 4, edge = "logo-y" },
  ["left"] = { align = 1, edge = "logo-x" },
  ["right"] = { align = 2, edge = "logo-x" },
  ["bottom-left"] = { align = 9, edge = "logo-y" },
  ["bottom-right"] = { align = 10, edge = "logo-y" },
  ["top-left"] = { align = 5, edge = "logo-y" },
  ["top-right"] = { align = 6, edge = "logo-y" },
  ["center"] = { align = 0 },
}

-- What lies over the film now, or nil.
local shown = nil

-- vlc.var raises on a variable that is not there, and a raised error would end the listener for the whole evening.
local function get(vout, name)
  local ok, value = pcall(vlc.var.get, vout, name)
  if ok then return value end
  return nil
end

local function set(vout, name, value)
  local ok, code = pcall(vlc.var.set, vout, name, value)
  return ok and (code == nil or code == 0)
end

local function whole(number) return math.floor(number + 0.5) end

-- Where the glide is: fast at first, slow at last.
local function eased(level)
  local rest = 1 - level
  return 1 - rest * rest * rest
end

local function opacity() return whole(255 * eased(shown.level)) end

local function edge_px() return whole(shown.margin_px - (1 - eased(shown.level)) * shown.travel_px) end

-- A value inside the braces of a chain. VLC ends it at an unescaped quote and at nothing else.
local function quoted(text) return '"' .. text:gsub('[\\"\']', "\\%0") .. '"' end

-- The viewer's own chain with our filter before it: of two logo filters VLC mirrors the first.
-- Every option is named, so that the viewer's own logo settings have no say in ours.
local function chain_for(path)
  local x, y = whole(shown.margin_px), whole(shown.margin_px)
  if shown.place.edge == "logo-x" then x = edge_px() end
  if shown.place.edge == "logo-y" then y = edge_px() end
  local ours = string.format(
    "logo{file=%s,delay=%d,repeat=-1,position=%d,x=%d,y=%d,opacity=%d}",
    quoted(path), LOGO_DELAY_MS, shown.place.align, x, y, opacity())
  if shown.before == "" then return ours end
  return ours .. ":" .. shown.before
end

local function still_ours() return get(shown.vout, "sub-source") == shown.chain end

-- Puts the present level on the screen.
local function draw()
  set(shown.vout, "logo-opacity", opacity())
  if shown.place.edge then set(shown.vout, shown.place.edge, edge_px()) end
end

--- Lays the picture over the film. One that is still there makes room for it without a gap.
---@param vout userdata the video output
---@param path string a PNG; VLC reads it when it draws its next frame, so it must stay until the overlay is gone
---@param settings table `seconds` to stay, `position` ("bottom", "top-left", "center", ...); both may be missing
---@param size table|nil {width, height} of the picture in pixels of the video; margin and glide are in proportion to it
---@return boolean false when this VLC cannot show it
function M.show(vout, path, settings, size)
  if not vout or not M.can_show(path) then return false end
  local place = PLACES[settings.position] or PLACES.bottom
  local height_px = type(size) == "table" and tonumber(size[2]) or USUAL_HEIGHT_PX
  local stay_us = math.max(0, tonumber(settings.seconds) or 3) * 1000000

  if shown and shown.mirrored and shown.place == place and still_ours() then
    if set(shown.vout, "logo-file", path) then
      shown.left_us = stay_us
      return true
    end
  end
  M.hide()

  local before = get(vout, "sub-source")
  if type(before) ~= "string" then before = "" end
  shown = {
    vout = vout,
    before = before,
    path = path,
    place = place,
    margin_px = MARGIN_PER_HEIGHT * height_px,
    travel_px = TRAVEL_PER_HEIGHT * height_px,
    level = FIRST_LEVEL, -- 0 is gone, 1 is all there
    left_us = stay_us,
    waited_us = 0,
    mirrored = false,
  }
  shown.chain = chain_for(path)
  if set(vout, "sub-source", shown.chain) then return true end
  shown = nil
  return false
end

--- Whether VLC's logo filter can be told this path: it takes commas and semicolons for the ends of its list's entries.
---@param path string
---@return boolean
function M.can_show(path) return not path:find("[,;]") end

--- Takes the next step of the glide; to be called every few hundredths of a second while `showing`.
---@param now_us number vlc.misc.mdate()
function M.tick(now_us)
  if not shown then return end
  local step_us = math.min(math.max(now_us - (shown.now_us or now_us), 0), LONGEST_STEP_US)
  local passed_us = math.max(now_us - (shown.now_us or now_us), 0)
  shown.now_us = now_us

  if not still_ours() then -- the viewer has changed the chain meanwhile: it is theirs
    shown = nil
    return
  end

  shown.left_us = shown.left_us - passed_us
  if not shown.mirrored then
    shown.mirrored = get(shown.vout, "logo-opacity") ~= nil
    shown.waited_us = shown.waited_us + passed_us
    if not shown.mirrored then
      if shown.waited_us > MIRROR_WAIT_US and shown.level < 1 then
        shown.level = 1
        shown.chain = chain_for(shown.path)
        set(shown.vout, "sub-source", shown.chain)
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

--- Takes the picture away at once and puts the viewer's own chain back.
function M.hide()
  if not shown then return end
  if still_ours() then set(shown.vout, "sub-source", shown.before) end
  shown = nil
  -- The reference to the video output goes with the collector; without it a closed one would linger.
  collectgarbage()
end

--- Whether a picture lies over the film.
---@return boolean
function M.showing() return shown ~= nil end

return M
