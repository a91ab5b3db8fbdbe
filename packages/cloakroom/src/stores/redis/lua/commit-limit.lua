-- Blocks those whose reserved units use up the limit of a rule that blocks there. The rules are JSON.
-- Returns for each rule the length of the block that began, or 0.
local given_now = tonumber(ARGV[1])
local keys = { unpack(KEYS, 1) }
local rules = { unpack(ARGV, 2) }
-- include: limit-count
-- include: limit-block
-- include: limit-fixed-window
-- include: limit-sliding-window
-- include: limit-sliding-counter
-- include: limit-sliding-log
-- include: limit-token-bucket
-- include: limit-rule

local now = current_time(given_now)
local take_names = key_taker(keys)
local reply = {}
for index, text in ipairs(rules) do
  local rule = cjson.decode(text)
  local names = take_names(rule.block)
  local _, remaining = strategies[rule.strategy].look(names.counter, rule, 0, now)
  local is_due = remaining == 0 and read_block(names.block, now) == 0
  reply[index] = is_due and break_rule(names, rule.block, now) or 0
end
return reply
