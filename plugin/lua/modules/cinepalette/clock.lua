--[[ Where the film is, to a few hundredths of a second.

VLC updates its position only every quarter to half of a second. From the moments of the updates the position between
them is known as well.
]]

local M = {}

-- A position that is further off than this comes from a seek, and not from one that was noticed late.
local SEEK_S = 0.15

--- A clock that follows `position`, which gives seconds, rate (0 when paused) or nil.
---@param position function
---@return table
function M.new(position)
  local told_s, ahead_s, rate, frozen_s
  local clock = {}

  --- Looks at VLC's position; to be called every few hundredths of a second.
  function clock.watch(now_us)
    local time_s, speed = position()
    if not time_s then
      told_s, frozen_s = nil, nil
      return
    end
    local now_s = now_us / 1000000
    if speed == 0 then
      -- VLC may report the position once more while it pauses.
      if time_s ~= told_s or not frozen_s then
        local last = told_s and rate ~= 0 and time_s == told_s and ahead_s and now_s * rate + ahead_s
        frozen_s = last or time_s
      end
    elseif time_s ~= told_s or speed ~= rate or frozen_s then
      local ahead = time_s - now_s * speed
      -- It is noticed late and never early, so the one furthest ahead is nearest to the truth.
      local known = told_s and speed == rate and not frozen_s and ahead_s
      ahead_s = known and ahead < known and known - ahead < SEEK_S and known or ahead
      frozen_s = nil
    end
    told_s, rate = time_s, speed
  end

  --- Position in seconds at a moment; nil when nothing plays.
  function clock.at(now_us)
    if not told_s then return nil end
    return frozen_s or math.max(0, now_us / 1000000 * rate + ahead_s)
  end

  return clock
end

return M
