--[[ Keys: their codes in VLC, and the difference between a press and the repeats of a key that is held down. ]]

local M = {}

local MODIFIERS = {
  alt = 0x01000000,
  shift = 0x02000000,
  ctrl = 0x04000000,
  meta = 0x08000000,
  command = 0x10000000,
}
local F1 = 0x00270000
local F_STEP = 0x00010000

--- VLC's code for a key such as "shift+c" or "f12"; nil for a name that is none.
---@param name string
---@return number|nil
function M.code(name)
  local code, last = 0, nil
  for part in tostring(name):lower():gmatch("[^+]+") do
    if last then
      local modifier = MODIFIERS[last]
      if not modifier then return nil end
      code = code + modifier
    end
    last = part
  end
  if not last then return nil end
  local number = tonumber(last:match("^f(%d+)$"))
  if number and number >= 1 and number <= 12 then return code + F1 + (number - 1) * F_STEP end
  if #last == 1 then return code + last:byte() end
  return nil
end

--- A table from VLC's codes to what they do, from {take = {"shift+c"}, undo = ...}.
---@param keys table
---@return table
function M.table_of(keys)
  local codes = {}
  for action, names in pairs(keys) do
    for _, name in ipairs(type(names) == "table" and names or { names }) do
      local code = M.code(name)
      if code then codes[code] = action end
    end
  end
  return codes
end

-- No keyboard repeats sooner than this after the first press, and none waits longer.
local REPEAT_SOONEST_US = 180000
local REPEAT_LATEST_US = 1100000
-- Repeats follow each other faster than this: 30 to 40 ms on most systems, 90 on macOS.
local PERIOD_US = 60000
local PERIOD_MACOS_US = 120000

--- Distinguishes presses from repeats, for one key.
---
--- VLC reports a repeat exactly as it reports a press. So a report that comes when the first repeat may come is
--- uncertain until those have come that would follow it: two more in a row make it a held key, silence a press.
---@param macos boolean
---@return table
function M.new_presses(macos)
  local period_us = macos and PERIOD_MACOS_US or PERIOD_US
  local looked_us, reported_us = -REPEAT_LATEST_US, -3 * REPEAT_LATEST_US
  local uncertain, held, dropped = 0, false, false
  local presses = {}

  --- What a look at the key means: "take" for a press, "try" for one that is uncertain, nil for none.
  function presses.look(now_us, reported)
    local silent_us = looked_us - reported_us -- as far as has been looked
    looked_us = now_us
    if not reported then return nil end
    local gap_us = now_us - reported_us
    reported_us = now_us
    if held and gap_us <= 2 * period_us then return nil end
    held = false
    if uncertain > 0 then
      uncertain = uncertain + 1
      if uncertain < 3 then return "try" end
      uncertain, held, dropped = 0, true, true
      return nil
    end
    if gap_us < REPEAT_SOONEST_US or silent_us > REPEAT_LATEST_US then return "take" end
    uncertain = 1
    return "try"
  end

  --- What has become of the uncertain ones: "keep" for presses, "drop" for repeats, nil while it is open.
  function presses.verdict()
    if dropped then
      dropped = false
      return "drop"
    end
    -- Only a look can find out: while a still is taken nobody looks.
    if uncertain > 0 and looked_us - reported_us >= period_us then
      uncertain = 0
      return "keep"
    end
    return nil
  end

  --- Whether a verdict is due.
  function presses.waiting() return uncertain > 0 end

  return presses
end

return M
