-- Gives units back where they still count. The charges are a rule as JSON, cost, run and slot each.
-- Returns 'done'.
local given_now = tonumber(ARGV[1])
local counters = { unpack(KEYS, 1) }
local charges = { unpack(ARGV, 2) }
-- include: limit-count
-- include: limit-fixed-window
-- include: limit-sliding-window
-- include: limit-sliding-counter
-- include: limit-sliding-log
-- include: limit-token-bucket
-- include: limit-rule

local now = current_time(given_now)
for index, counter in ipairs(counters) do
  local text, cost, run, slot = unpack(charges, index * 4 - 3, index * 4)
  local rule = cjson.decode(text)
  local refund = strategies[rule.strategy].refund
  refund(counter, rule, tonumber(cost), now, tonumber(run), slot)
end
return 'done'
