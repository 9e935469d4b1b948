-- KEYS: active:XX. ARGV: 'touch', user, ms that the user's data may live; or 'drop', users who have none.
local time = redis.call('TIME')
local now_us = tonumber(time[1]) * 1000000 + tonumber(time[2])

if ARGV[1] == 'touch' then
  redis.call('ZADD', KEYS[1], string.format('%.0f', now_us), ARGV[2])
  local at = math.floor(now_us / 1000) + tonumber(ARGV[3])
  if redis.call('PEXPIRETIME', KEYS[1]) < at then
    redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', at))
  end
  return 1
end

-- A user who writes has registered within REGISTERED_S: a user who registered long before is not writing now.
local dropped = 0
for i = 2, #ARGV do
  local since = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]))
  if since and since < now_us - 2 * REGISTERED_S * 1000000 then
    dropped = dropped + redis.call('ZREM', KEYS[1], ARGV[i])
  end
end
return dropped
