-- One record: get, put, update, delete. A head is version (16), 'i' or 'c', then the body or its descriptor.

local operations = {}
local at_key, at_arg = 5, 4

local function argument()
  at_arg = at_arg + 1
  return ARGV[at_arg]
end

-- The next operation's head, and its id.
local function subject()
  at_key = at_key + 1
  return KEYS[at_key], string.sub(KEYS[at_key], #'user:' + #TAG + 2)
end

-- The name (version and flag) and expiry of a live record. Redis keeps a key through its last millisecond.
local function live(head)
  local name = redis.call('GETRANGE', head, 0, 16)
  if name == '' then
    return nil
  end
  local expires = redis.call('PEXPIRETIME', head)
  if expires <= now then
    return nil
  end
  return name, expires
end

local function missing(id)
  local at = tonumber(redis.call('ZSCORE', EXPIRY, id) or redis.call('ZSCORE', TOMBSTONES, id))
  if at and at <= now and now < at + DAY then
    return { EXPIRED, at }
  end
  return { NOT_FOUND }
end

-- A condition is '' (none), '!' (no live record) or '=VERSION'.
local function fails(condition, name)
  if condition == '' then
    return false
  elseif condition == '!' then
    return name ~= nil
  end
  return name == nil or string.sub(name, 1, 16) ~= string.sub(condition, 2)
end

-- Writes the head and the books. A value of 'b' only begins: its chunks come next, and the head after them.
local function keep(head, id, name, value, size, expires)
  local flag = string.byte(value, 17)
  local chunks = 'chunk:' .. TAG .. ':' .. string.sub(value, 1, 16)
  if flag == 98 then -- 'b'
    redis.call('HSET', chunks, '0', '')
    redis.call('PEXPIRE', chunks, LINGER)
    return { OK, expires, 0 }
  elseif flag == 99 then -- 'c'
    if redis.call('HLEN', chunks) ~= tonumber(string.match(value, ':(%d+)$')) then
      return { LOST }
    end
    redis.call('PEXPIREAT', chunks, num(expires + LINGER))
  end
  if name then
    retire(name)
  else
    redis.call('ZREM', TOMBSTONES, id)
  end
  redis.call('SET', head, value, 'PXAT', num(expires))
  local old = tonumber(redis.call('HGET', SIZES, id))
  if not old then
    redis.call('ZADD', INDEX, 0, id)
  end
  redis.call('ZADD', EXPIRY, num(expires), id)
  if old ~= size then
    redis.call('HSET', SIZES, id, num(size))
    redis.call('HINCRBY', SIZES, '', num(size - (old or 0)))
  end
  drain(WITH_A_WRITE)
  keep_books(expires)
  return { OK, expires, name and 0 or 1 }
end

function operations.get()
  local head, id = subject()
  local unless, most = argument(), argument()
  if unless ~= '' then
    local name, expires = live(head)
    if name and string.sub(name, 1, 16) == unless then
      return { OK, expires, name, tonumber(redis.call('HGET', SIZES, id)) }
    end
  end
  if most ~= '' then
    local size = redis.call('STRLEN', head) - 17
    if size > tonumber(most) then
      local name, expires = live(head)
      if name then
        return { OK, expires, name, size, 'beside' }
      end
    end
  end
  local value = redis.call('GET', head)
  local expires = value and redis.call('PEXPIRETIME', head)
  if value and expires > now then
    return { OK, expires, value }, #value
  end
  return missing(id)
end

function operations.put()
  local head, id = subject()
  local value, size, ttl, condition = argument(), tonumber(argument()), tonumber(argument()), argument()
  local before, memories, bytes = argument(), argument(), argument()
  local name = live(head)
  if fails(condition, name) then
    return { PRECONDITION }
  elseif not name and before ~= '' and now >= tonumber(before) then
    return { CLOSED }
  end
  local problem = no_room(id, name, size, memories, bytes)
  if problem then
    return { problem }
  end
  return keep(head, id, name, value, size, now + ttl)
end

-- The arithmetic of stash_memory/expiry.py `extended`.
local function extended(expires, extra, at_least, max_ttl)
  local wanted = expires + (tonumber(extra) or 0)
  if at_least ~= '' then
    wanted = math.max(wanted, now + tonumber(at_least))
  end
  return math.max(expires, math.min(wanted, now + tonumber(max_ttl)))
end

function operations.update()
  local head, id = subject()
  local value, size = argument(), tonumber(argument())
  local extra, at_least, max_ttl = argument(), argument(), argument()
  local condition, memories, bytes = argument(), argument(), argument()
  local name, before = live(head)
  if not name then
    return missing(id)
  elseif fails(condition, name) then
    return { PRECONDITION }
  end
  local expires = extended(before, extra, at_least, max_ttl)
  if value ~= '' then
    local problem = no_room(id, name, size, memories, bytes)
    if problem then
      return { problem }
    end
    return keep(head, id, name, value, size, expires)
  end
  if expires > before then
    redis.call('PEXPIREAT', head, num(expires))
    redis.call('ZADD', EXPIRY, num(expires), id)
    if is_chunked(name) then
      redis.call('PEXPIREAT', chunks_of(name), num(expires + LINGER))
    end
    keep_books(expires)
  end
  drain(WITH_A_WRITE)
  if at_least ~= '' then
    local whole = redis.call('GET', head)
    return { OK, expires, whole }, #whole
  end
  return { OK, expires, name, tonumber(redis.call('HGET', SIZES, id)) }
end

function operations.delete()
  local head, id = subject()
  local condition = argument()
  local name = live(head)
  if not name then
    return missing(id)
  elseif fails(condition, name) then
    return { PRECONDITION }
  end
  redis.call('UNLINK', head)
  retire(name)
  strike({ id })
  drain(WITH_A_WRITE)
  return { OK }
end
