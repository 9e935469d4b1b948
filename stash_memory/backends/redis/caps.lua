-- The caps on a user's live memories and bytes, and the codes that all operations answer with.

local OK, NOT_FOUND, EXPIRED, PRECONDITION, QUOTA, AGAIN, LOST, CLOSED = 0, 1, 2, 3, 4, 5, 6, 7

-- QUOTA, AGAIN (some was cleared, more has to be), or nil where there is room.
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
