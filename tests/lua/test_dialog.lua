-- The dialog: what its viewer reads and what its buttons do, with and without daemon and listener.

local fake_vlc = require "fake_vlc"

local T = {}

-- Widgets by what they are and what stands on them.
local function new_window()
  local window = { widgets = {} }
  local function add(kind, text, call)
    local widget = { kind = kind, text = text, call = call }
    function widget:set_text(now) self.text = now end
    window.widgets[#window.widgets + 1] = widget
    return widget
  end
  function window.add_label(_, text) return add("label", text) end
  function window.add_button(_, text, call) return add("button", text, call) end
  function window.add_image(_, path, _, _, _, _, width, height)
    local image = add("image", path)
    image.width, image.height = width, height
    return image
  end
  function window:del_widget(widget)
    for index, each in ipairs(self.widgets) do
      if each == widget then table.remove(self.widgets, index) end
    end
  end
  function window:show() self.shown = true end
  function window:delete() self.deleted = true end
  function window:text()
    local texts = {}
    for _, widget in ipairs(self.widgets) do
      if widget.kind == "label" then texts[#texts + 1] = widget.text end
    end
    return table.concat(texts, "\n")
  end
  function window:image()
    for _, widget in ipairs(self.widgets) do
      if widget.kind == "image" then return widget end
    end
  end
  function window:press(text)
    for _, widget in ipairs(self.widgets) do
      if widget.kind == "button" and widget.text == text then return widget.call() end
    end
    error("no button " .. text)
  end
  function window:has(text) return self:text():find(text, 1, true) ~= nil end
  return window
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local REPLIES = {
  status = '{"v":1,"ok":true,"text":"","session":"A < B 2026-11-20","stills":3,'
    .. '"strip":"last.png","strip_size":[600,75]}',
  undo = '{"v":1,"ok":true,"text":"Took out 3"}',
  redo = '{"v":1,"ok":true,"text":"3 is back"}',
  new = '{"v":1,"ok":true,"text":"The next still begins a new collage"}',
  open = '{"v":1,"ok":true,"text":"Opened"}',
}

-- An extension's VLC, with a daemon that answers as soon as a file is written.
local function begin(options)
  options = options or {}
  os.execute("rm -rf home && mkdir -p home/Pictures/Cinepalette/Inbox/replies home/data/lua")
  local inbox = "home/Pictures/Cinepalette/Inbox"
  local player = fake_vlc.new({ homedir = "home", userdatadir = "home/data" })
  _G.vlc = player.vlc
  player.vlc.misc = nil
  player.asked = {}
  if options.daemon ~= false then
    write(inbox .. "/.daemon.pid", "1\n")
    local open = io.open
    player.vlc.io.open = function(path, mode)
      local stem = path:match("/replies/(.*)%.json$")
      local request = stem and not player.mute and open(inbox .. "/" .. stem .. ".json", "rb")
      if request then
        local text = request:read("*a")
        request:close()
        os.remove(inbox .. "/" .. stem .. ".json")
        local what = text:match('"do":%s*"(%w+)"')
        player.asked[#player.asked + 1] = what or "still"
        write(inbox .. "/replies/last.png", "png")
        write(path, what and REPLIES[what] or '{"v":1,"ok":true,"text":"4 \194\183 Film 00:00:01"}')
      end
      return open(path, mode)
    end
  end
  local window = new_window()
  player.vlc.dialog = function() return window end
  for name in pairs(package.loaded) do
    if name:find("^cinepalette%.") then package.loaded[name] = nil end
  end
  if options.settings then write("home/data/lua/cinepalette.json", options.settings) end
  if options.listener then require("cinepalette.listener_state").say("") end
  return player, require "cinepalette.dialog", window
end

function T.it_shows_the_session_and_the_last_palette()
  local _, dialog, window = begin({ listener = true })
  dialog.open()
  assert(window.shown and window:has("<b>A &lt; B 2026-11-20</b> &middot; 3 stills"))
  assert(not window:has("running"), "nobody would take that back when the daemon stops")
  assert(window:image().text:find("last.png", 1, true))
  assert(window:image().width / window:image().height == 8)
  assert(window:has("<b>Shift+C</b> or <b>F12</b>") and not window:has("The keys are off"))
  dialog.close()
  assert(window.deleted)
end

function T.where_stills_were_taken_out_the_numbers_are_explained()
  local shown = REPLIES.status
  REPLIES.status = shown:gsub('"stills":3', '"stills":2,"last":3')
  local _, dialog, window = begin({ listener = true })
  dialog.open()
  REPLIES.status = shown
  assert(window:has("2 stills, the last is number 3"), window:text())
end

function T.each_button_asks_for_what_it_says_and_tells_what_came_of_it()
  local player, dialog, window = begin({ listener = true })
  dialog.open()
  local buttons = { Undo = "undo", Redo = "redo", ["New collage"] = "new", ["Open folder"] = "open" }
  for button, asked in pairs(buttons) do
    player.asked = {}
    window:press(button)
    assert(player.asked[1] == asked, button)
    assert(window:has(REPLIES[asked]:match('"text":"(.-)"')))
  end
end

function T.a_long_answer_does_not_widen_the_window()
  local _, dialog, window = begin({ listener = true })
  dialog.open()
  REPLIES.open = '{"v":1,"ok":false,"text":"/home/a/Pictures/' .. ("A < B "):rep(30) .. ': cannot be opened"}'
  window:press("Open folder")
  REPLIES.open = '{"v":1,"ok":true,"text":"Opened"}'
  local text = window:text():match("<i>(.-)</i>"):gsub("&lt;", "<")
  for line in (text .. "<br>"):gmatch("(.-)<br>") do assert(#line <= 80 and #line > 0, line) end
  assert(text:gsub("<br>", " "):find("cannot be opened", 1, true))
end

function T.it_follows_the_keys_while_it_is_open()
  local player, dialog, window = begin({ listener = true })
  local state = require "cinepalette.listener_state"
  local woken = 0
  player.on_meta = function() woken = woken + 1 end
  state.say("1 A")
  assert(woken == 0, "nobody looks")
  dialog.open()
  player.asked = {}
  state.say(state.SAVED)
  assert(woken == 0, "there is nothing new to see before the answer")
  state.say("2 A")
  assert(woken == 1)
  dialog.look()
  assert(window:has("2 A") and player.asked[1] == "status")
  dialog.look()
  assert(#player.asked == 1, "VLC calls for much else, too")
  dialog.close()
  state.say("3 A")
  assert(woken == 1, "it is closed")
end

function T.it_sees_the_daemon_go_and_come_back()
  local _, dialog, window = begin({ listener = true })
  local mark = "home/Pictures/Cinepalette/Inbox/.daemon.pid"
  dialog.open()
  os.remove(mark)
  dialog.look()
  assert(window:has("not running") and not window:image())
  write(mark, "2\n")
  dialog.look()
  assert(window:has("3 stills") and window:image() and not window:has("not running"))
end

function T.the_buttons_stand_above_what_changes_its_height()
  local _, dialog, window = begin({ listener = true })
  local highest = math.huge
  local add_label, add_image = window.add_label, window.add_image
  function window.add_label(self, text, column, row, ...)
    highest = math.min(highest, row)
    return add_label(self, text, column, row, ...)
  end
  function window.add_image(self, path, column, row, ...)
    highest = math.min(highest, row)
    return add_image(self, path, column, row, ...)
  end
  local lowest = 0
  local add_button = window.add_button
  function window.add_button(self, text, call, _, row)
    lowest = math.max(lowest, row)
    return add_button(self, text, call)
  end
  dialog.open()
  assert(lowest < highest, lowest .. " " .. highest)
end

function T.without_a_daemon_it_says_so_and_waits_for_nothing()
  local _, dialog, window = begin({ daemon = false })
  local begun = os.clock()
  dialog.open()
  assert(window:has("not running") and window:has("cinepalette start") and not window:image())
  window:press("Undo")
  window:press("Take a still")
  assert(window:has("Saved. The palette daemon is not running"))
  local listing = io.popen("ls home/Pictures/Cinepalette/Inbox")
  local left = listing:read("*a")
  listing:close()
  assert(not left:find("request", 1, true), "a request is left for the next daemon")
  assert(os.clock() - begun < 0.5)
end

function T.it_takes_a_still_itself_where_no_listener_runs()
  local player, dialog, window = begin()
  dialog.open()
  player.asked = {}
  window:press("Take a still")
  assert(player.shots == 1 and player.asked[1] == "still" and player.asked[2] == "status")
  assert(window:has("4 \194\183 Film 00:00:01"))
end

function T.nothing_is_taken_where_nothing_plays()
  local player, dialog, window = begin()
  dialog.open()
  player.title, player.vout = nil, nil
  window:press("Take a still")
  assert(player.shots == 0 and window:has("Nothing is playing"))
end

-- The listener, which runs beside the dialog: it says each of these as soon as the key is pressed.
local function with_listener(player, ...)
  local sayings = { ... }
  local set = player.vlc.var.set
  player.vlc.var.set = function(object, name, value)
    local result = set(object, name, value)
    if name == "key-pressed" and value == 0x02000063 then
      player.libvlc.variables["key-pressed"] = 0
      local state = require("cinepalette.listener_state")
      local get = player.vlc.var.get
      player.vlc.var.get = function(...)
        if sayings[1] then state.say(table.remove(sayings, 1)) end
        return get(...)
      end
    end
    return result
  end
end

function T.with_the_listener_on_the_button_is_the_key()
  local player, dialog, window = begin({ listener = true })
  dialog.open()
  with_listener(player, "", "5 it is")
  window:press("Take a still")
  assert(player.shots == 0 and window:has("5 it is"))
end

function T.one_click_is_one_still_also_without_a_daemon()
  local player, dialog, window = begin({ listener = true, daemon = false })
  dialog.open()
  with_listener(player, "")
  window:press("Take a still")
  assert(player.shots == 0, "the listener has taken it")
  assert(window:has("Saved. The palette daemon is not running"))
end

function T.a_listener_that_is_busy_gets_no_press_that_it_would_act_on_later()
  local player, dialog, window = begin({ listener = true })
  dialog.open()
  window:press("Take a still")
  assert(player.shots == 0 and window:has("VLC was busy"))
  assert(player.libvlc.variables["key-pressed"] == 0)
end

function T.it_offers_to_turn_the_listener_on_beside_what_is_there()
  local player, dialog, window = begin()
  player.config.extraintf = "http"
  dialog.open()
  assert(window:has("The keys are off"))
  window:press("Turn the keys on")
  assert(player.config.extraintf == 'http:luaintf{intf="cinepalette"}')
  assert(window:has("from the next start of VLC"))
end

function T.keys_of_the_users_own_and_none_at_all_are_told()
  local settings = '{"v":1,"keys":{"take":["ctrl+alt+x"],"undo":[],"redo":["nonsense+"]}}'
  local _, dialog, window = begin({ settings = settings })
  dialog.open()
  assert(window:has("<b>Ctrl+Alt+X</b>") and window:has("no key"))
end

return T
