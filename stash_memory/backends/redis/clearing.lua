-- Clearing: the entries of expired records leave the user's books and become tombstones.

local HOUR_MS = 3600 * 1000

-- A write clears so many entries on its way: more than it can add.
local WITH_A_WRITE = 10
-- One call clears at most so many entries: 500 take about 1.5 ms.
local AT_ONCE = 500

local function head_of(id)
  return 'user:' .. TAG .. ':' .. id
end

local function chunks_of(name)
  return 'chunk:' .. TAG .. ':' .. string.sub(name, 1, 16)
end

local function is_chunked(name)
  return string.byte(name, 17) == CHUNKED
end

-- Lets go of a record's chunks, but not yet: a recall under way finishes with the value that it began.
local function retire(name)
  if is_chunked(name) then
    redis.call('PEXPIRE', chunks_of(name), LINGER_MS)
  end
end

-- Takes ids out of the books; returns the bytes of their bodies.
local function strike(ids)
  local freed = 0
  for _, size in ipairs(redis.call('HMGET', SIZES, unpack(ids))) do
    freed = freed + (tonumber(size) or 0)
  end
  redis.call('ZREM', INDEX, unpack(ids))
  redis.call('ZREM', EXPIRY, unpack(ids))
  redis.call('HDEL', SIZES, unpack(ids))
  if redis.call('EXISTS', INDEX) == 0 then
    redis.call('DEL', SIZES)
  elseif freed > 0 then
    redis.call('HINCRBY', SIZES, '', num(-freed))
  end
  return freed
end

-- Adds tombstones: `graves` is expired_at, id, expired_at, id...; the latest instant is `newest`.
local function bury(graves, newest)
  if #graves == 0 then
    return
  end
  redis.call('ZADD', TOMBSTONES, unpack(graves))
  redis.call('ZREMRANGEBYRANK', TOMBSTONES, 0, -REMEMBERED - 1)
  redis.call('ZREMRANGEBYSCORE', TOMBSTONES, '-inf', num(now - REMEMBERED_MS))
  if redis.call('PEXPIRETIME', TOMBSTONES) < newest + REMEMBERED_MS then
    redis.call('PEXPIREAT', TOMBSTONES, num(newest + REMEMBERED_MS))
  end
end

-- Clears up to `limit` entries; returns how many, their bytes, and whether any are left.
local function drain(limit)
  if limit < 1 then
    return 0, 0, redis.call('ZCOUNT', EXPIRY, '-inf', num(now)) > 0
  end
  local dead = redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', num(now), 'WITHSCORES', 'LIMIT', 0, limit)
  if #dead == 0 then
    return 0, 0, false
  end
  local ids, graves, newest = {}, {}, 0
  for i = 1, #dead, 2 do
    ids[#ids + 1] = dead[i]
    newest = tonumber(dead[i + 1])
    if newest + REMEMBERED_MS > now then
      graves[#graves + 1] = dead[i + 1]
      graves[#graves + 1] = dead[i]
    end
  end
  local freed = strike(ids)
  bury(graves, newest)
  local more = #ids == limit and redis.call('ZCOUNT', EXPIRY, '-inf', num(now)) > 0
  return #ids, freed, more
end

-- Has the books outlive their records by as long as tombstones last. An hour's slack: few writes have to move it.
local function keep_books(expires)
  if redis.call('PEXPIRETIME', EXPIRY) < expires + REMEMBERED_MS then
    local at = num(expires + REMEMBERED_MS + HOUR_MS)
    redis.call('PEXPIREAT', INDEX, at)
    redis.call('PEXPIREAT', EXPIRY, at)
    redis.call('PEXPIREAT', SIZES, at)
  end
end
