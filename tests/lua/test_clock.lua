-- Where the film is between VLC's own tellings.

local clock = require "cinepalette.clock"

local T = {}

-- A film whose position VLC updates every 400 ms; `at` is the truth.
local function film()
  local self = { at = 0, reported = 0, rate = 1, since = 0, now = 100 }
  self.clock = clock.new(function() return self.reported, self.rate end)
  function self.run(seconds)
    for _ = 1, seconds * 100 do
      self.now, self.at, self.since = self.now + 0.01, self.at + 0.01 * self.rate, self.since + 0.01
      if self.since > 0.4 and self.rate > 0 then self.reported, self.since = self.at, 0 end
      if math.floor(self.now * 100 + 0.5) % 3 == 0 then self.clock.watch(self.now * 1000000) end
    end
  end
  function self.error() return math.abs(self.clock.at(self.now * 1000000) - self.at) end
  return self
end

function T.between_two_tellings_the_position_is_known_too()
  local it = film()
  it.run(3)
  for _ = 1, 20 do
    it.run(0.13)
    assert(it.error() < 0.04, it.error())
  end
end

function T.a_seek_is_followed()
  local it = film()
  it.run(3)
  it.at = 1000
  it.run(1)
  assert(it.error() < 0.04, it.error())
  it.at = 5
  it.run(1)
  assert(it.error() < 0.04, it.error())
end

function T.a_pause_stands_still_and_goes_on()
  local it = film()
  it.run(3.25)
  it.rate = 0
  it.run(5)
  assert(it.error() < 0.05, it.error())
  it.rate = 1
  it.run(2)
  assert(it.error() < 0.05, it.error())
end

function T.another_speed_is_another_speed()
  local it = film()
  it.run(2)
  it.rate = 2
  it.run(2)
  assert(it.error() < 0.08, it.error())
end

function T.without_a_film_there_is_no_position()
  local time
  local it = clock.new(function() return time, 1 end)
  it.watch(0)
  assert(it.at(0) == nil)
  time = 7
  it.watch(1000000)
  assert(it.at(1500000) == 7.5)
  time = nil
  it.watch(2000000)
  assert(it.at(2000000) == nil)
end

return T
