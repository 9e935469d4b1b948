-- The server's clock, and the token bucket: stash_memory/bucket.py `take`, on doubles.
-- Doubles are exact up to 2^53, and microseconds since the epoch are at 2^51. `%` is not exact, math.fmod is.

local BUCKET, INDEX, EXPIRY, SIZES, TOMBSTONES = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local TAG = string.sub(BUCKET, #'bucket:' + 1)

local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- tostring(1768476600123456) is 1.7684766001235e+15.
local function num(x)
  return string.format('%.0f', x)
end

-- Takes `cost` tokens or none; with `some`, as many as the bucket has. Returns how many, and the state before.
local function charge(interval, burst, cost, some)
  local before = tonumber(redis.call('GET', BUCKET)) or 0
  local full = math.max(before, now_us)
  local room = burst * interval - (full - now_us)
  local available = 0
  if room > 0 then
    available = (room - math.fmod(room, interval)) / interval
  end
  local granted = 0
  if some then
    granted = math.min(cost, available)
  elseif cost <= available then
    granted = cost
  end
  if granted > 0 then
    full = full + granted * interval
    -- A full bucket is the same as none: it may expire.
    redis.call('SET', BUCKET, num(full), 'PXAT', num(math.ceil(full / 1000) + 1))
  end
  return granted, before
end
