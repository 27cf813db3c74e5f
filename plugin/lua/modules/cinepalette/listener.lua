--[[ The hotkey listener: looks at VLC's last key fifty times a second, takes stills, shows the daemon's answers. ]]

local clock = require("cinepalette.clock")
local files = require("cinepalette.files")
local film = require("cinepalette.film")
local inbox = require("cinepalette.inbox")
local json = require("dkjson")
local keys = require("cinepalette.keys")
local listener_state = require("cinepalette.listener_state")
local player = require("cinepalette.player")
local settings_module = require("cinepalette.settings")
local take = require("cinepalette.take")

local M = {}

-- How often the key is looked at, and how often all else.
local PAUSE_US = 20000
local REST_US = 40000
-- Both while an answer is due or a picture moves over the film.
local SHORT_PAUSE_US = 10000
-- Without an answer after this time there is no daemon.
local ANSWER_WAIT_US = 3000000
-- A late answer is still shown; after this long it is given up.
local LATE_ANSWER_US = 30000000
local MESSAGE_S = 3
-- How often it is looked whether a daemon is there, while the dialog shows it.
local DAEMON_LOOK_US = 1000000

-- The overlay is a part of its own; without it the answers are text.
local function overlay_module()
  local ok, overlay = pcall(require, "cinepalette.overlay")
  return ok and type(overlay) == "table" and overlay or nil
end

--- A listener with the user's settings.
---@return table
function M.new()
  local settings = settings_module.load(files, json)
  local libvlc = player.libvlc()
  local codes = keys.table_of(settings.keys)
  local film_clock = clock.new(player.position)
  local overlay = settings.overlay.show and overlay_module() or nil
  local presses, uncertain, waiting = {}, {}, {}
  local seen_snapshot = player.get(libvlc, "snapshot-file")
  local rest_due_us, daemon_due_us, daemon_was_there = 0, 0, nil
  local listener = { settings = settings }

  local macos = vlc.config.homedir():find("^/Users/") ~= nil
  for code in pairs(codes) do presses[code] = keys.new_presses(macos) end
  inbox.ready(settings.inbox)
  listener_state.say("")

  -- Where the palette does not lie.
  local place = overlay and tostring(settings.overlay.position):find("^top") and "bottom-left" or "top-left"

  local function say(text, seconds)
    player.message(text, seconds or MESSAGE_S, place)
    listener_state.say(text)
  end

  -- What is waited for: `silence` is what to say without an answer, `video` the still's, `asked` the request.
  local function await(stem, answer)
    answer.stem, answer.since_us = stem, player.now_us()
    waiting[#waiting + 1] = answer
  end

  -- What a key does, in two steps: `begin` at once, so that it is this frame; `finish` when it surely was a press.
  local actions = {}

  function actions.take()
    local shot, why = take.shoot(settings, film_clock.at)
    return {
      finish = function()
        if shot then
          local ok
          ok, why = take.finish(settings, shot)
          if ok then
            local silence = shot.path and inbox.STILL_UNANSWERED or "No still: VLC gave no picture."
            await(shot.stem, { silence = silence, video = shot.sidecar.video })
            listener_state.say(listener_state.SAVED)
            if overlay then overlay.prepare(player.vout()) end
            return
          end
        end
        say(why)
      end,
      drop = function()
        if shot and shot.path then files.remove(shot.path) end
      end,
    }
  end

  local function request(what)
    return {
      finish = function()
        local stem = inbox.new_name("request")
        local video = overlay and film.size() or nil
        if inbox.put(settings.inbox, stem, { ["do"] = what, video = video }) then
          await(stem, { silence = inbox.REQUEST_UNANSWERED, asked = what, video = video })
        else
          say("Cannot write to " .. settings.inbox)
        end
      end,
      drop = function() end,
    }
  end

  for _, what in ipairs({ "undo", "redo", "new" }) do
    actions[what] = function() return request(what) end
  end

  local function act(code, now_us, reported)
    local meaning = presses[code].look(now_us, reported)
    if meaning then
      local begun = actions[codes[code]]()
      if meaning == "take" then
        begun.finish()
      else
        uncertain[#uncertain + 1] = { code = code, begun = begun }
      end
    end
  end

  local function decide()
    for code, of_key in pairs(presses) do
      local verdict = of_key.verdict()
      if verdict then
        local open = {}
        for _, one in ipairs(uncertain) do
          if one.code ~= code then
            open[#open + 1] = one
          elseif verdict == "keep" then
            one.begun.finish()
          else
            one.begun.drop()
          end
        end
        uncertain = open
      end
    end
  end

  local function look_at_keys(now_us)
    local code = player.get(libvlc, "key-pressed")
    local ours = code and codes[code]
    -- Set back, so that the same key is seen again.
    if ours then player.set(libvlc, "key-pressed", 0) end
    for each in pairs(codes) do
      if each ~= code then act(each, now_us, false) end
    end
    if ours then act(code, now_us, true) end
    decide()
  end

  local function show(answer, reply)
    local path = inbox.strip(settings.inbox, reply)
    local vout = player.vout()
    local shown = false
    if path and overlay and vout then
      local coded_width = answer.video and answer.video.width
      local sizes = { strip = reply.strip_size, frame = reply.video_size, coded_width = coded_width }
      shown = overlay.show(vout, path, settings.overlay, sizes)
    end
    if path and not shown then files.remove(path) end
    if overlay and not shown and answer.asked == "undo" and reply.ok then overlay.leave() end
    local text = reply.text
    if type(text) ~= "string" or text == "" then return end
    -- A strip that bears the text itself needs no line of VLC's.
    if shown and reply.titled == true then
      player.log(text)
      listener_state.say(text)
    else
      say(text, settings.overlay.seconds)
    end
  end

  local function look_for_answers(now_us)
    local open = {}
    for _, answer in ipairs(waiting) do
      local waited_us = now_us - answer.since_us
      local reply = inbox.reply(settings.inbox, answer.stem)
      if reply then
        if not answer.late then show(answer, reply) else show({}, { text = reply.text }) end
      elseif waited_us < LATE_ANSWER_US then
        if waited_us > ANSWER_WAIT_US and not answer.late then
          answer.late = true
          say(answer.silence)
        end
        open[#open + 1] = answer
      end
    end
    waiting = open
  end

  -- A snapshot of VLC's own key, when the viewer wants those too: a copy joins, the file stays where it is.
  local function look_for_snapshots()
    local path = player.get(libvlc, "snapshot-file")
    if path == seen_snapshot then return end
    seen_snapshot = path
    if type(path) ~= "string" or path:sub(1, #settings.inbox) == settings.inbox then return end
    local shot = take.adopt(settings, path, film_clock.at(player.now_us()))
    if shot and take.finish(settings, shot) then await(shot.stem, { silence = inbox.STILL_UNANSWERED }) end
  end

  -- The dialog has no clock: it is woken when the daemon comes or goes.
  local function look_for_daemon(now_us)
    if now_us < daemon_due_us or not listener_state.has_dialog() then return end
    daemon_due_us = now_us + DAEMON_LOOK_US
    local is_there = inbox.is_watched(settings.inbox)
    if is_there ~= daemon_was_there then listener_state.wake_dialog() end
    daemon_was_there = is_there
  end

  local function guarded(part, now_us)
    local ok, why = pcall(part, now_us)
    if ok then return end
    if player.is_interrupt(why) then error(why, 0) end
    if listener.last_error ~= why then vlc.msg.err("cinepalette: " .. tostring(why)) end
    listener.last_error = why
    if part == look_at_keys then say("That did not work; Tools > Messages in VLC says why.") end
  end

  --- One look at the key, and at everything when it is time; returns how long to wait before the next, in microseconds.
  function listener.step(now_us)
    if now_us < rest_due_us and not codes[player.get(libvlc, "key-pressed")] then return PAUSE_US end
    inbox.keep_time()
    guarded(film_clock.watch, now_us)
    guarded(look_at_keys, now_us)
    if #waiting > 0 then guarded(look_for_answers, player.now_us()) end
    if settings.vlc_snapshots then guarded(look_for_snapshots) end
    guarded(look_for_daemon, now_us)
    if overlay then guarded(overlay.tick, player.now_us()) end
    local busy = #uncertain > 0 or (overlay and overlay.gliding())
    for _, answer in ipairs(waiting) do busy = busy or not answer.late end
    rest_due_us = busy and 0 or now_us + REST_US
    return busy and SHORT_PAUSE_US or PAUSE_US
  end

  return listener
end

return M
