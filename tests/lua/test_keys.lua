-- Codes of keys, and presses and repeats.

local keys = require "cinepalette.keys"

local T = {}

function T.names_become_the_codes_of_vlc()
  assert(keys.code("shift+c") == 0x02000063)
  assert(keys.code("Shift+C") == 0x02000063)
  assert(keys.code("u") == 0x75)
  assert(keys.code("f1") == 0x00270000)
  assert(keys.code("f12") == 0x00320000)
  assert(keys.code("ctrl+alt+f12") == 0x05320000)
  for _, name in ipairs({ "", "shift", "hyper+c", "f13", "f0", "shift+", "cc" }) do
    assert(keys.code(name) == nil, name)
  end
end

function T.a_table_of_keys_leaves_out_what_is_none()
  local codes = keys.table_of({ take = { "shift+c", "nonsense" }, undo = "u" })
  assert(codes[0x02000063] == "take" and codes[0x75] == "undo")
  local count = 0
  for _ in pairs(codes) do count = count + 1 end
  assert(count == 2)
end

-- Plays reports at the given times (ms) to a listener that looks every 10 ms, or not at all while it shoots (ms).
-- Gives how many stills are kept in the end.
local function kept(reports_ms, shot_ms, macos)
  local presses = keys.new_presses(macos)
  local next_report, tries, stills, now_ms = 1, 0, 0, 0
  local end_ms = reports_ms[#reports_ms] + 2000
  while now_ms < end_ms do
    local reported = false
    while reports_ms[next_report] and reports_ms[next_report] <= now_ms do
      reported, next_report = true, next_report + 1
    end
    local now_us = now_ms * 1000
    local meaning = presses.look(now_us, reported)
    if meaning == "take" then stills = stills + 1 end
    if meaning == "try" then tries = tries + 1 end
    if meaning then now_ms = now_ms + (shot_ms or 40) end
    local verdict = presses.verdict()
    if verdict == "keep" then stills = stills + tries end
    if verdict then tries = 0 end
    now_ms = now_ms + 10
  end
  assert(not presses.waiting())
  return stills
end

local function held(delay_ms, period_ms, long_ms, from_ms)
  local reports = { from_ms or 0 }
  for at = delay_ms, long_ms, period_ms do reports[#reports + 1] = (from_ms or 0) + at end
  return reports
end

function T.one_press_is_one() assert(kept({ 0 }) == 1) end

function T.two_presses_close_together_are_two()
  assert(kept({ 0, 50 }) == 2)
  assert(kept({ 0, 50 }, 150) == 2)
end

function T.presses_at_any_human_pace_are_all_kept()
  for _, gap in ipairs({ 130, 200, 250, 333, 500, 700, 1000, 1500 }) do
    local reports = {}
    for i = 0, 8 do reports[#reports + 1] = i * gap end
    assert(kept(reports) == 9, gap)
    assert(kept(reports, 90) == 9, gap)
  end
end

function T.a_pair_after_a_press_is_three() assert(kept({ 0, 450, 500, 1000 }) == 4) end

function T.a_held_key_is_one_on_every_system()
  assert(kept(held(660, 40, 3000)) == 1) -- X
  assert(kept(held(500, 30, 3000)) == 1) -- GNOME, Windows
  assert(kept(held(250, 33, 3000)) == 1)
  assert(kept(held(200, 25, 3000)) == 1)
  assert(kept(held(1000, 33, 3000)) == 1)
  assert(kept(held(375, 90, 3000), 40, true) == 1) -- macOS
  assert(kept(held(250, 33, 3000), 400) == 1) -- 4K, slow
end

function T.after_a_held_key_the_next_press_counts()
  local reports = held(660, 40, 1500)
  reports[#reports + 1] = 2000
  reports[#reports + 1] = 4000
  assert(kept(reports) == 3)
end

return T
