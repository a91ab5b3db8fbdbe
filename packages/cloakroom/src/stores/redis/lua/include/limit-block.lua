-- A block is kept as "ends:level:reason" with ends 0 for one without end.

-- The time left, 0 for no block and -1 for one without end; the level; the reason.
local function read_block(key, now)
  local value = redis.call('GET', key)
  if not value then return 0 end
  local ends, level, reason = string.match(value, '^(%d+):(%d+):(.*)$')
  ends, level = tonumber(ends), tonumber(level)
  if ends == 0 then return -1, level, reason end
  if not ends or ends <= now then return 0 end
  return ends - now, level, reason
end

local function write_block(key, now, length, level, reason)
  local value = string.format('%.0f:%.0f:%s', now + length, level, reason)
  redis.call('SET', key, value, 'PX', to_ttl(length))
end

-- See blockLength of block-policy.ts.
local function block_length(policy, level, now)
  local length = math.min(policy.max, policy.duration * policy.factor ^ level)
  local chance = now % 997 / 996
  return math.ceil(length * (1 + policy.jitter * (2 * chance - 1)))
end

-- Notes that a rule was broken. The length of the block that this begins, or 0.
local function break_rule(names, policy, now)
  if policy.violations > 1 then
    local count, ends = read_count(names.violations, now)
    if count + 1 < policy.violations then
      write_count(names.violations, count + 1, count > 0 and ends or now + policy.period, now)
      return 0
    end
    redis.call('DEL', names.violations)
  end
  local level = policy.factor > 1 and read_count(names.level, now) or 0
  local length = block_length(policy, level, now)
  if policy.factor > 1 then
    write_count(names.level, level + 1, now + length + policy.decay, now)
  end
  write_block(names.block, now, length, level, 'limit')
  redis.call('DEL', names.counter)
  return length
end
