-- Four hours of an evening in front of the listener: presses, answers, other films, and nothing left over.

local fake_vlc = require "fake_vlc"

local T = {}

local HOUR_US = 3600 * 1000000
local SHIFT_C, U = 0x02000063, 0x75

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- The daemon's part: an answer for each sidecar and request, as files.
local function answer_all(player, inbox)
  local names = player.vlc.io.readdir(inbox)
  for _, name in ipairs(names) do
    local stem = name:match("^(.*)%.json$")
    if stem then
      local strip = ""
      if stem:find("^vlc") then
        write(inbox .. "/replies/" .. stem .. ".png", "png")
        strip = ',"strip":"' .. stem .. '.png","strip_size":[908,117],"video_size":[1920,1080]'
        os.remove(inbox .. "/" .. stem .. ".bmp")
      end
      write(inbox .. "/replies/" .. name, '{"v":1,"ok":true,"text":"an answer"' .. strip .. "}")
      os.remove(inbox .. "/" .. name)
    end
  end
end

local function count(list)
  local n = 0
  for _ in pairs(list) do n = n + 1 end
  return n
end

local function evening(version)
  local home = "home" .. version
  local inbox = home .. "/Pictures/Cinepalette/Inbox"
  os.execute("rm -rf " .. home .. " && mkdir -p " .. inbox .. "/replies")
  local player = fake_vlc.new({ version = version, homedir = home, sub_source = "marq{marquee=mine}" })
  _G.vlc = player.vlc
  for name in pairs(package.loaded) do
    if name:find("^cinepalette%.") then package.loaded[name] = nil end
  end
  local listener = require("cinepalette.listener").new()
  local looks, shown = 0, 0
  local memory_kb = {}

  local function live(duration_us, daemon_is_there)
    local end_us = player.now_us + duration_us
    local waiting_us = 0
    while player.now_us < end_us do
      local pause_us = listener.step(player.now_us)
      assert(pause_us >= 10000 and pause_us <= 30000)
      looks = looks + 1
      player.now_us = player.now_us + pause_us
      if player.input then player.input.variables.time = player.now_us end
      player.frame()
      if player.vout and player.vout.logo then shown = shown + 1 end
      waiting_us = waiting_us + pause_us
      if daemon_is_there and waiting_us > 200000 then
        daemon_is_there, waiting_us = waiting_us < 1000000, 0
        answer_all(player, inbox)
      end
    end
  end

  for half = 1, 8 do
    local half_ends_us = player.now_us + HOUR_US / 2
    player.play("Film " .. half)
    for _ = 1, 4 do
      player.press(SHIFT_C)
      live(5000000, true)
      assert(not player.vout.logo, "nothing lies over the film any more")
      assert(player.vout.variables["sub-source"] == "marq{marquee=mine}")
    end
    assert(not player.logo_in_shot)
    player.press(U)
    live(2000000, true)
    player.press(SHIFT_C) -- nobody answers
    live(4000000, false)
    local said = player.messages[#player.messages].text
    assert(said == "Saved. The palette daemon is not running: cinepalette start", said)
    if half % 4 == 1 then live(40000000, false) end
    answer_all(player, inbox)
    -- In between, nothing happens: time passes in longer steps, to keep the test short.
    while player.now_us < half_ends_us do live(10 * 30000); player.now_us = player.now_us + 20000000 end
    for _, line in ipairs(player.log) do assert(line:find("^info: cinepalette: "), line) end
    player.messages, player.log = {}, {}
    os.execute("rm -f " .. inbox .. "/replies/*")
    collectgarbage()
    collectgarbage()
    memory_kb[half] = collectgarbage("count")
  end
  assert(shown > 1000, "the palettes were seen: " .. shown)
  -- Lua doubles its table of strings once; a leak of one string a press would be more.
  assert(memory_kb[8] - memory_kb[2] < 12, memory_kb[8] - memory_kb[2])
  assert(player.channels <= 8, "one message channel a video output, not one a message: " .. player.channels)
  assert(count(player.libvlc.variables) <= 3)
end

function T.vlc_3() evening(3) end

function T.vlc_4() evening(4) end

return T
