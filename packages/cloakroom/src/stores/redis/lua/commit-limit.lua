-- Blocks those whose reserved units use up the limit of a rule that blocks there. See
-- counter-layout.ts for how rules are written.
-- Returns for each rule the length of the block that began, or 0.
local given_now = tonumber(ARGV[1])
local keys = { unpack(KEYS, 1) }
local rules = { unpack(ARGV, 2) }
-- include: limit-count
-- include: limit-block
-- include: limit-policy
-- include: limit-fixed-window
-- include: limit-sliding-window
-- include: limit-sliding-counter
-- include: limit-sliding-log
-- include: limit-token-bucket
-- include: limit-strategy

local now = current_time(given_now)
local reply, first = {}, 1
for index, written in ipairs(rules) do
  local rule = cjson.decode(written)
  local _, remaining = look_at(keys[first], rule, 0, now)
  local is_due = remaining == 0 and read_block(keys[first + 1], now) == 0
  reply[index] = is_due and break_rule(keys, first, rule.policy, now) or 0
  first = first + rule.key_count
end
return reply
