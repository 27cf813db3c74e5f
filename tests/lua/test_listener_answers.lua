-- What the viewer sees of the daemon's answers: the strip with its title, or a line of text.

local fake_vlc = require "fake_vlc"

local T = {}

local SHIFT_C, U, Y = 0x02000063, 0x75, 0x79
local INBOX = "home_answers/Pictures/Cinepalette/Inbox"

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function begin(overlay)
  os.execute("rm -rf home_answers && mkdir -p " .. INBOX .. "/replies home_answers/lua")
  if overlay == false then write("home_answers/lua/cinepalette.json", '{"overlay":{"show":false}}') end
  local player = fake_vlc.new({ homedir = "home_answers", userdatadir = "home_answers" })
  _G.vlc = player.vlc
  for name in pairs(package.loaded) do
    if name:find("^cinepalette%.") then package.loaded[name] = nil end
  end
  local listener = require("cinepalette.listener").new()
  return player, function(duration_us) player.run(duration_us, listener.step, 10000) end
end

-- Presses a key, and gives what was asked when that is answered; `answer` is the reply's JSON without its braces.
local function press(player, live, key, answer)
  player.press(key)
  live(50000)
  local asked
  for _, name in ipairs(player.vlc.io.readdir(INBOX)) do
    local stem = name:match("^(.*)%.json$")
    if stem then
      local file = assert(io.open(INBOX .. "/" .. name, "rb"))
      asked = file:read("*a"):match('"do":%s*"(%w+)"') or "still"
      file:close()
      os.remove(INBOX .. "/" .. name)
      if asked == "still" or answer:find("STRIP") then write(INBOX .. "/replies/" .. stem .. ".png", "png") end
      write(INBOX .. "/replies/" .. name, "{" .. answer:gsub("STRIP", stem .. ".png") .. "}")
    end
  end
  live(1500000)
  return asked
end

local STILL = '"ok":true,"text":"3 A Film","strip":"STRIP","strip_size":[800,100],"video_size":[1920,1080]'

function T.a_strip_that_bears_its_title_needs_no_line_of_text()
  local player, live = begin()
  assert(press(player, live, SHIFT_C, STILL .. ',"titled":true') == "still")
  assert(player.vout.logo and #player.messages == 0)
  assert(player.log[#player.log] == "info: cinepalette: 3 A Film")
  assert(select(2, require("cinepalette.listener_state").said()) == "3 A Film", "the dialog shows it as well")
end

function T.without_a_title_in_the_strip_or_without_a_strip_the_text_is_shown()
  local player, live = begin()
  press(player, live, SHIFT_C, STILL)
  assert(player.vout.logo and player.messages[1].text == "3 A Film")
  player, live = begin(false)
  press(player, live, SHIFT_C, STILL .. ',"titled":true')
  assert(not player.vout.logo and player.messages[1].text == "3 A Film")
end

function T.the_strip_of_a_still_that_is_taken_back_goes()
  local player, live = begin()
  press(player, live, SHIFT_C, STILL .. ',"titled":true')
  assert(player.vout.logo)
  assert(press(player, live, U, '"ok":true,"text":"Removed 3"') == "undo")
  assert(not player.vout.logo and player.messages[1].text == "Removed 3")
end

function T.what_was_taken_back_is_said_in_a_box_of_its_own()
  local player, live = begin()
  press(player, live, SHIFT_C, STILL .. ',"titled":true')
  local strip = player.vout.logo.file
  press(player, live, U, STILL:gsub("3 A Film", "Removed 3") .. ',"titled":true')
  assert(player.vout.logo and player.vout.logo.file ~= strip, "the note takes the strip's place")
  assert(#player.messages == 0, "nothing in VLC's letters")
end

function T.a_request_says_how_large_the_film_is()
  local player, live = begin()
  player.press(U)
  live(50000)
  local asked
  for _, name in ipairs(player.vlc.io.readdir(INBOX)) do
    if name:find("^request") then asked = assert(io.open(INBOX .. "/" .. name, "rb")):read("*a") end
  end
  assert(asked:find('"width":1920') and asked:find('"height":1080'), asked)
end

function T.a_strip_stays_when_nothing_was_taken_back()
  local player, live = begin()
  press(player, live, SHIFT_C, STILL .. ',"titled":true')
  assert(press(player, live, Y, '"ok":false,"text":"nothing to redo"') == "redo")
  assert(player.vout.logo and player.messages[1].text == "nothing to redo")
end

function T.an_open_dialog_is_woken_when_the_daemon_comes_or_goes()
  local player, live = begin()
  local woken = 0
  player.on_meta = function() woken = woken + 1 end
  live(3000000)
  assert(woken == 0, "no dialog")
  require("cinepalette.listener_state").set_dialog(true)
  live(3000000)
  local before = woken
  write(INBOX .. "/.daemon.pid", "1\n")
  live(2000000)
  assert(woken == before + 1)
  os.remove(INBOX .. "/.daemon.pid")
  live(2000000)
  assert(woken == before + 2)
end

return T
