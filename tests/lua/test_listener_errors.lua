-- What the listener does when something in it breaks.

local fake_vlc = require "fake_vlc"

local T = {}

local function listener_with(broken, position)
  local player = fake_vlc.new({ version = 3, homedir = "home_errors" })
  _G.vlc = player.vlc
  for name in pairs(package.loaded) do
    if name:find("^cinepalette%.") then package.loaded[name] = nil end
  end
  package.loaded["cinepalette.take"] = { shoot = broken }
  local settings = require("cinepalette.settings")
  local load_settings = settings.load
  settings.load = function(...)
    local loaded = load_settings(...)
    loaded.overlay.position = position or loaded.overlay.position
    return loaded
  end
  local listener = require("cinepalette.listener").new()
  package.loaded["cinepalette.take"] = nil
  player.play("A Film")
  return listener, player
end

function T.an_error_is_told_once_in_the_log_and_to_the_viewer_and_the_listener_goes_on()
  local times = 0
  local listener, player = listener_with(function()
    times = times + 1
    error("broken")
  end)
  for press = 1, 3 do
    player.press(0x02000063)
    listener.step(player.now_us)
    player.now_us = player.now_us + 2000000
    listener.step(player.now_us)
    assert(times == press)
  end
  assert(player.messages[#player.messages].text:find("did not work"))
  local errors = 0
  for _, line in ipairs(player.log) do errors = errors + (line:find("^err: cinepalette: .*broken") and 1 or 0) end
  assert(errors == 1)
end

function T.what_is_said_stands_where_the_palette_does_not_lie()
  for position, place in pairs({ bottom = "top-left", top = "bottom-left", ["top-right"] = "bottom-left" }) do
    local listener, player = listener_with(function() error("broken") end, position)
    player.press(0x02000063)
    listener.step(player.now_us)
    player.now_us = player.now_us + 2000000
    listener.step(player.now_us)
    assert(player.messages[#player.messages].place == place, position)
  end
end

function T.the_end_of_vlc_is_never_held_up()
  local listener, player = listener_with(function() error("Interrupted.", 0) end)
  player.press(0x02000063)
  local ok, why = pcall(listener.step, player.now_us)
  assert(not ok and why == "Interrupted.")
end

return T
