-- What happens to those who break a rule. A rule's keys are its counter and its block, then its level
-- if blocks grow, then its violations if they are counted.

-- See blockLength of block-policy.ts.
local function block_length(policy, level, now)
  local length = math.min(policy.max, policy.duration * policy.factor ^ level)
  local chance = now % 997 / 996
  return math.ceil(length * (1 + policy.jitter * (2 * chance - 1)))
end

-- Notes that a rule was broken. The length of the block that this begins, or 0.
local function break_rule(keys, first, policy, now)
  local level_key = policy.factor > 1 and keys[first + 2]
  local violations_key = policy.violations > 1 and keys[first + (level_key and 3 or 2)]
  if violations_key then
    local count, ends = read_count(violations_key, now)
    if count + 1 < policy.violations then
      write_count(violations_key, count + 1, count > 0 and ends or now + policy.period, now)
      return 0
    end
    redis.call('DEL', violations_key)
  end
  local level = level_key and read_count(level_key, now) or 0
  local length = block_length(policy, level, now)
  if level_key then write_count(level_key, level + 1, now + length + policy.decay, now) end
  write_block(keys[first + 1], now, length, level, 'limit')
  redis.call('DEL', keys[first])
  return length
end
