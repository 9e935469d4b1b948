-- ARGV: interval in us ('' if nothing is charged), burst, cost, '1' to take fewer tokens; then each operation.
-- Answers { now_us, tokens granted (-1 if none were asked), the bucket's state before, a result for each operation }.
-- Operations without a token have no result, nor have those after AGAIN, or after ANSWERED bytes.

-- Redis builds a reply in memory while all other clients wait.
local ANSWERED = 1024 * 1024

local granted, before = -1, 0
if ARGV[1] ~= '' then
  granted, before = charge(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1')
end
local answer = { now_us, granted, before }
local left = math.huge
if granted == 0 or ARGV[4] == '1' then
  left = granted
end
local answered = 0
while at_arg < #ARGV and left > 0 and answered < ANSWERED do
  local result, length = operations[argument()]()
  answer[#answer + 1] = result
  if result[1] == AGAIN then
    break
  end
  answered = answered + (length or 0)
  left = left - 1
end
return answer
