-- One record: recall, extend, put, update, forget. The second copy of stash_memory/law.py, which the tests compare.
-- A head is its name (16 bytes of version, a flag), then the body, or the size and the number of its chunks.

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

-- The law ----------------------------------------------------------------------------------------------------

-- The name and expiry of a live record. Redis keeps a key through its last millisecond.
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

local function is_version(name, version)
  return string.sub(name, 1, 16) == version
end

-- law.py `missing`.
local function missing(id)
  local at = tonumber(redis.call('ZSCORE', EXPIRY, id) or redis.call('ZSCORE', TOMBSTONES, id))
  if at and at <= now and now < at + REMEMBERED_MS then
    return { EXPIRED, at }
  end
  return { NOT_FOUND }
end

-- TAKEN or PRECONDITION if the condition fails: '' (none), '!' (no live record), '=VERSION', '!=' (never met).
local function refusal(condition, name)
  if condition == '' then
    return nil
  elseif string.sub(condition, 1, 1) == '!' then
    return name and TAKEN or condition ~= '!' and PRECONDITION or nil
  end
  return not (name and is_version(name, string.sub(condition, 2))) and PRECONDITION or nil
end

-- law.py `check_caps`: QUOTA, AGAIN (some was cleared, more has to be), or nil if the user has room.
local function no_room(id, name, size, memories, bytes)
  if memories == '' and bytes == '' then
    return nil
  end
  for attempt = 1, 2 do
    local held = redis.call('HMGET', SIZES, '', id)
    local old = tonumber(held[2])
    if name and old and size <= old then
      return nil
    end
    local count = redis.call('ZCARD', INDEX) + (old and 0 or 1)
    local total = (tonumber(held[1]) or 0) - (old or 0) + size
    if (memories == '' or count <= tonumber(memories)) and (bytes == '' or total <= tonumber(bytes)) then
      return nil
    end
    if attempt == 1 then
      local cleared, _, more = drain(AT_ONCE)
      if more then
        return AGAIN
      elseif cleared == 0 then
        return QUOTA
      end
    end
  end
  return QUOTA
end

-- law.py `extended`.
local function extended(expires, extra, at_least, max_ttl)
  local wanted = expires + (tonumber(extra) or 0)
  if at_least ~= '' then
    wanted = math.max(wanted, now + tonumber(at_least))
  end
  return math.max(expires, math.min(wanted, now + tonumber(max_ttl)))
end

-- Its effects ------------------------------------------------------------------------------------------------

-- Writes the head and the books. A value with the flag BEGUN only begins: its chunks come next, then its head.
local function keep(head, id, name, value, size, expires)
  local flag = string.byte(value, 17)
  local chunks = chunks_of(value)
  if flag == BEGUN then
    redis.call('HSET', chunks, '0', '')
    redis.call('PEXPIRE', chunks, LINGER_MS)
    return { OK, expires, 0 }
  elseif flag == CHUNKED then
    if redis.call('HLEN', chunks) ~= tonumber(string.match(value, ':(%d+)$')) then
      return { LOST }
    end
    redis.call('PEXPIREAT', chunks, num(expires + LINGER_MS))
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

-- Moves a record's expiry from `before` to `expires`, and its chunks' with it.
local function lengthen(head, id, name, before, expires)
  if expires > before then
    redis.call('PEXPIREAT', head, num(expires))
    redis.call('ZADD', EXPIRY, num(expires), id)
    if is_chunked(name) then
      redis.call('PEXPIREAT', chunks_of(name), num(expires + LINGER_MS))
    end
    keep_books(expires)
  end
  drain(WITH_A_WRITE)
end

-- The answer without a body.
local function bare(id, name, expires)
  return { OK, expires, name, tonumber(redis.call('HGET', SIZES, id)) }
end

-- The operations ---------------------------------------------------------------------------------------------

-- A body of more than `most` bytes is left out: { OK, expires, name, size, 'beside' }.
function operations.recall()
  local head, id = subject()
  local unless, most = argument(), argument()
  if unless ~= '' then
    local name, expires = live(head)
    if name and is_version(name, unless) then
      return bare(id, name, expires)
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

-- A recall that raises the remaining life.
function operations.extend()
  local head, id = subject()
  local unless, at_least, max_ttl = argument(), argument(), argument()
  local name, before = live(head)
  if not name then
    return missing(id)
  end
  local expires = extended(before, '', at_least, max_ttl)
  lengthen(head, id, name, before, expires)
  if is_version(name, unless) then
    return bare(id, name, expires)
  end
  local value = redis.call('GET', head)
  return { OK, expires, value }, #value
end

function operations.put()
  local head, id = subject()
  local value, size, ttl, condition = argument(), tonumber(argument()), tonumber(argument()), argument()
  local create_before, memories, bytes = argument(), argument(), argument()
  local name = live(head)
  local problem = refusal(condition, name)
  if not problem and not name and create_before ~= '' and now >= tonumber(create_before) then
    problem = CLOSED
  end
  problem = problem or no_room(id, name, size, memories, bytes)
  if problem then
    return { problem }
  end
  return keep(head, id, name, value, size, now + ttl)
end

function operations.update()
  local head, id = subject()
  local value, size = argument(), tonumber(argument())
  local extra, at_least, max_ttl = argument(), argument(), argument()
  local condition, memories, bytes = argument(), argument(), argument()
  local name, before = live(head)
  if not name then
    return missing(id)
  end
  local problem = refusal(condition, name) or value ~= '' and no_room(id, name, size, memories, bytes)
  if problem then
    return { problem }
  end
  local expires = extended(before, extra, at_least, max_ttl)
  if value ~= '' then
    return keep(head, id, name, value, size, expires)
  end
  lengthen(head, id, name, before, expires)
  return bare(id, name, expires)
end

function operations.forget()
  local head, id = subject()
  local condition = argument()
  local name = live(head)
  if not name then
    return missing(id)
  end
  local problem = refusal(condition, name)
  if problem then
    return { problem }
  end
  redis.call('UNLINK', head)
  retire(name)
  strike({ id })
  drain(WITH_A_WRITE)
  return { OK }
end
