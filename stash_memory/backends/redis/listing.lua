-- All of a user's records: list a page, remove a range, count. Ranges come as BYLEX takes them.

-- One call looks at so many entries at most: 1,000 take about 3 ms.
local LOOKED_AT = 1000

-- Entries that one step of a range reads.
local STEP = 250

-- { OK, 0 (the end) or 1 (more is left) or 2 (go on after the id), id, { id, version, size, expires... } }
function operations.page()
  local low, high, limit = argument(), argument(), tonumber(argument())
  drain(STEP)
  local found, count, looked, last = {}, 0, 0, ''
  while looked < LOOKED_AT do
    local asked = math.min(limit - count + 1, STEP)
    local ids = redis.call('ZRANGEBYLEX', INDEX, low, high, 'LIMIT', 0, asked)
    if #ids == 0 then
      return { OK, 0, '', found }
    end
    local times = redis.call('ZMSCORE', EXPIRY, unpack(ids))
    local sizes = redis.call('HMGET', SIZES, unpack(ids))
    for i, id in ipairs(ids) do
      local expires = tonumber(times[i]) or 0
      local name = expires > now and redis.call('GETRANGE', head_of(id), 0, 16)
      if name and name ~= '' then
        if count == limit then
          return { OK, 1, last, found }
        end
        count = count + 1
        found[#found + 1] = id
        found[#found + 1] = string.sub(name, 1, 16)
        found[#found + 1] = tonumber(sizes[i])
        found[#found + 1] = expires
      end
      last = id
    end
    if #ids < asked then
      return { OK, 0, '', found }
    end
    looked = looked + #ids
    low = '(' .. last
  end
  return { OK, 2, last, found }
end

-- Removes up to AT_ONCE records: { OK, 1 if more may be left after the id, id, how many were alive }
function operations.clear()
  local low, high = argument(), argument()
  local ids = redis.call('ZRANGEBYLEX', INDEX, low, high, 'LIMIT', 0, AT_ONCE)
  if #ids == 0 then
    return { OK, 0, '', 0 }
  end
  local times = redis.call('ZMSCORE', EXPIRY, unpack(ids))
  local alive, heads, graves, newest = 0, {}, {}, 0
  for i, id in ipairs(ids) do
    local expires = tonumber(times[i]) or 0
    if expires > now then
      local name = redis.call('GETRANGE', head_of(id), 0, 16)
      if name ~= '' then
        retire(name)
        heads[#heads + 1] = head_of(id)
      end
    elseif expires + REMEMBERED_MS > now then
      graves[#graves + 1] = times[i]
      graves[#graves + 1] = id
      newest = math.max(newest, expires)
    end
  end
  if #heads > 0 then
    alive = redis.call('UNLINK', unpack(heads))
  end
  strike(ids)
  bury(graves, newest)
  return { OK, #ids == AT_ONCE and 1 or 0, ids[#ids], alive }
end

-- Clears up to so many entries, and counts: { OK, 1 if more have expired, memories, bytes, cleared, their bytes }
function operations.count()
  local cleared, freed, more = drain(tonumber(argument()))
  local bytes = tonumber(redis.call('HGET', SIZES, '')) or 0
  return { OK, more and 1 or 0, redis.call('ZCARD', INDEX), bytes, cleared, freed }
end
