--[[ View > Cinepalette: the session with its last palette, the keys, and buttons for all of them.

An extension of VLC has no clock to wait by and is called only when a button is pressed or what VLC knows of the film
changes. So it looks for an answer again and again for a moment, which is short: the daemon answers within a few
hundredths of a second. Where the daemon's own mark says that it does not run, nothing is waited for. What happens
while no button is pressed it learns of from the listener, which has VLC call `look`.

The buttons stand above all that changes its height, so that they stay under the mouse.
]]

local files = require("cinepalette.files")
local inbox = require("cinepalette.inbox")
local json = require("dkjson")
local keys = require("cinepalette.keys")
local listener_state = require("cinepalette.listener_state")
local player = require("cinepalette.player")
local settings_module = require("cinepalette.settings")
local take = require("cinepalette.take")

local M = {}

-- An answer is waited for at least one second and at most two: os.time counts whole seconds.
local WAIT_S = 2
local STRIP_WIDTH_PX = 520
local LINE_CHARS = 70
local COLUMNS = 5

local LISTENER = 'luaintf{intf="cinepalette"}'

local NOT_RUNNING = "The palette daemon is not running. To start it, type: <code>cinepalette start</code>"
local BUSY = "No still: VLC was busy. Try again."

local MODIFIER_NAMES = { shift = "Shift", ctrl = "Ctrl", alt = "Alt", meta = "Meta", command = "Cmd" }
local ACTIONS = {
  { key = "take", does = "take a still" },
  { key = "undo", does = "take the last one out again" },
  { key = "redo", does = "put it back" },
  { key = "new", does = "begin a new collage" },
}

local window, settings
-- The parts that change.
local heading, said, picture, turn_on
-- What is shown: the number of the listener's last message, and whether a daemon ran.
local seen_number, seen_daemon

local function html(text)
  return (tostring(text):gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

-- "shift+c" as a keyboard has it: Shift+C.
local function key_name(name)
  local parts = {}
  for part in tostring(name):lower():gmatch("[^+]+") do parts[#parts + 1] = MODIFIER_NAMES[part] or part:upper() end
  return table.concat(parts, "+")
end

local function keys_text()
  local rows = {}
  for _, action in ipairs(ACTIONS) do
    local names = {}
    local given = settings.keys[action.key]
    for _, name in ipairs(type(given) == "table" and given or { given }) do
      if keys.code(name) then names[#names + 1] = "<b>" .. html(key_name(name)) .. "</b>" end
    end
    local which = #names > 0 and table.concat(names, " or ") or "no key"
    rows[#rows + 1] = "<tr><td>" .. which .. "&nbsp;&nbsp;</td><td>" .. action.does .. "</td></tr>"
  end
  return '<hr><table cellspacing="0" cellpadding="2">' .. table.concat(rows) .. "</table>"
    .. '<p style="margin:6px 0 0 0"><small>For other keys type <code>cinepalette config</code>: it names the file that '
    .. "takes them under [vlc].</small></p>"
end

-- Calls `look` until it gives something; nil when that takes too long.
local function wait_for(look)
  local begun = os.time()
  repeat
    local found = look()
    if found then return found end
  until os.time() - begun >= WAIT_S
  return nil
end

local function daemon_runs() return inbox.is_watched(settings.inbox) end

local function answer_to(stem)
  if not daemon_runs() then return nil end
  return wait_for(function() return inbox.reply(settings.inbox, stem) end)
end

-- The daemon's answer to a request; nil when there is none. Without a daemon no request is written: the next one
-- that is started must not carry it out long after it was given up.
local function ask(what)
  if not daemon_runs() then return nil end
  local stem = inbox.new_name("request")
  if not inbox.put(settings.inbox, stem, { ["do"] = what }) then
    return { ok = false, text = "Cannot write to " .. settings.inbox }
  end
  return answer_to(stem)
end

local function show_picture(path, size)
  if picture then window:del_widget(picture) end
  picture = nil
  if not path then return end
  local width, height = STRIP_WIDTH_PX, nil
  if type(size) == "table" and tonumber(size[1]) and tonumber(size[2]) then
    height = math.floor(width * size[2] / size[1] + 0.5)
  end
  picture = window:add_image(path, 1, 4, COLUMNS, 1, width, height)
end

local function heading_text(status)
  if not status then
    return '<p style="margin:0"><span style="color:#c0392b">&#9679;</span> ' .. NOT_RUNNING .. "</p>"
  end
  local count = tonumber(status.stills)
  if not status.session or not count then return "No stills yet." end
  local stills = math.floor(count) .. (count == 1 and " still" or " stills")
  -- Stills keep their numbers, also when others are taken out.
  local last = tonumber(status.last)
  if last and last ~= count then stills = stills .. ", the last is number " .. math.floor(last) end
  return "<b>" .. html(status.session) .. "</b> &middot; " .. stills
end

-- Asks the daemon how things are and shows it.
local function refresh()
  seen_number, seen_daemon = listener_state.said(), daemon_runs()
  local status = ask("status")
  heading:set_text(heading_text(status))
  show_picture(status and inbox.strip(settings.inbox, status), status and status.strip_size)
end

-- In lines that the window has room for: VLC breaks none, and would make the window as wide as the longest.
local function say(text)
  local lines = { "" }
  for word in tostring(text):gmatch("%S+") do
    local longer = lines[#lines] == "" and word or lines[#lines] .. " " .. word
    if #longer > LINE_CHARS and lines[#lines] ~= "" then
      lines[#lines + 1] = word
    else
      lines[#lines] = longer
    end
  end
  said:set_text("<i>" .. html(table.concat(lines, "\n")):gsub("\n", "<br>") .. "</i>")
end

-- With the listener on, the button is the key: the palette glides over the film, too. The listener then takes the
-- still, and the dialog takes none itself, also when that fails. Nil where no listener is on.
local function take_with_the_key()
  local names = settings.keys.take
  local code = keys.code(type(names) == "table" and names[1] or names)
  local before = listener_state.said()
  if not before or not code or not player.set(player.libvlc(), "key-pressed", code) then return nil end
  local text
  local function said_more()
    local number
    number, text = listener_state.said()
    if number == before then return false end
    before = number
    return true
  end
  local function waits() return player.get(player.libvlc(), "key-pressed") == code end
  if not wait_for(said_more) and (waits() or not wait_for(said_more)) then
    if waits() then player.set(player.libvlc(), "key-pressed", 0) end
    return BUSY
  end
  if text ~= listener_state.SAVED then return text end
  return daemon_runs() and wait_for(said_more) and text or inbox.STILL_UNANSWERED
end

local function take_ourselves()
  local shot, why = take.shoot(settings, function() return (player.position()) end)
  if not shot then return why end
  local ok
  ok, why = take.finish(settings, shot)
  if not ok then return why end
  local reply = answer_to(shot.stem)
  if not reply then return inbox.STILL_UNANSWERED end
  local strip = inbox.strip(settings.inbox, reply)
  if strip then files.remove(strip) end
  return reply.text
end

local function take_still()
  say(take_with_the_key() or take_ourselves())
  refresh()
end

local function button(what)
  return function()
    local reply = ask(what)
    say(reply and reply.text or inbox.REQUEST_UNANSWERED)
    if what ~= "open" then refresh() end
  end
end

local function turn_listener_on()
  local present = vlc.config.get("extraintf") or ""
  if not present:find(LISTENER, 1, true) then
    vlc.config.set("extraintf", present == "" and LISTENER or present .. ":" .. LISTENER)
  end
  window:del_widget(turn_on)
  turn_on = window:add_label("The keys work from the next start of VLC on.", 1, 7, COLUMNS, 1)
end

--- Opens the dialog.
function M.open()
  settings = settings_module.load(files, json)
  picture = nil
  window = vlc.dialog("Cinepalette")
  window:add_button("Take a still", take_still, 1, 1, 1, 1)
  window:add_button("Undo", button("undo"), 2, 1, 1, 1)
  window:add_button("Redo", button("redo"), 3, 1, 1, 1)
  window:add_button("New collage", button("new"), 4, 1, 1, 1)
  window:add_button("Open folder", button("open"), 5, 1, 1, 1)
  said = window:add_label("&nbsp;", 1, 2, COLUMNS, 1)
  heading = window:add_label("", 1, 3, COLUMNS, 1)
  window:add_label(keys_text(), 1, 5, COLUMNS, 1)
  if not listener_state.said() then
    window:add_label("<b>The keys are off:</b> VLC has not started the hotkey listener.", 1, 6, COLUMNS, 1)
    turn_on = window:add_button("Turn the keys on", turn_listener_on, 1, 7, 2, 1)
  end
  refresh()
  listener_state.set_dialog(true)
  window:show()
end

--- Shows what a key or the daemon has done since; VLC calls it for much else, too.
function M.look()
  if not window then return end
  local number, text = listener_state.said()
  local pressed = number ~= seen_number
  if not pressed and daemon_runs() == seen_daemon then return end
  if pressed and text ~= listener_state.SAVED then say(text) end
  refresh()
end

--- Closes it.
function M.close()
  listener_state.set_dialog(false)
  if window then window:delete() end
  window = nil
end

return M
