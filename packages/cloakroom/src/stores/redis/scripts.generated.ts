// Written by scripts/build-lua.js. Change the Lua files and run `npm run generate`.
import type { Script } from './script.ts'

export const blockLimit: Script<'counter' | 'block' | 'violations', 'givenNow' | 'length' | 'reason', never, never> = {
  name: 'block-limit',
  sha1: '79f4cc742d7a276fb6d0cecd47d4d8b87709d36d',
  keys: ['counter', 'block', 'violations'],
  args: ['givenNow', 'length', 'reason'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Blocks by hand, with a length of 0 for good, and lets counting begin anew afterwards.
-- Returns 'done'.
local counter = KEYS[1]
local block = KEYS[2]
local violations = KEYS[3]
local given_now = tonumber(ARGV[1])
local length = tonumber(ARGV[2])
local reason = ARGV[3]
-- Times are integers in microseconds. A count that ends is kept as "ends:count".
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local ends, count = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  ends = tonumber(ends)
  if not ends or ends <= now then return 0, 0 end
  return tonumber(count), ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, string.format('%.0f:%.0f', ends, count), 'PX', to_ttl(ends - now))
end
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

if length == 0 then
  redis.call('SET', block, '0:0:' .. reason)
else
  write_block(block, current_time(given_now), length, 0, reason)
end
redis.call('DEL', counter, violations)
return 'done'
`,
}

export const commitLimit: Script<never, 'givenNow', 'keys', 'rules'> = {
  name: 'commit-limit',
  sha1: '37f55e8152846ff1ae81bacb8b3e521fbf4ac695',
  keys: [],
  args: ['givenNow'],
  restKeys: 'keys',
  restArgs: 'rules',
  source: `-- Blocks those whose reserved units use up the limit of a rule that blocks there. The rules are JSON.
-- Returns for each rule the length of the block that began, or 0.
local given_now = tonumber(ARGV[1])
local keys = { unpack(KEYS, 1) }
local rules = { unpack(ARGV, 2) }
-- Times are integers in microseconds. A count that ends is kept as "ends:count".
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local ends, count = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  ends = tonumber(ends)
  if not ends or ends <= now then return 0, 0 end
  return tonumber(count), ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, string.format('%.0f:%.0f', ends, count), 'PX', to_ttl(ends - now))
end
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
-- Kept as "ends:used". The end names the run.
local fixed_window = {}

function fixed_window.look(key, rule, cost, now)
  local used, ends = read_count(key, now)
  local left = used > 0 and ends - now or 0
  local wait = used + cost > rule.limit and left or 0
  return wait, rule.limit - used, left, { used = used, ends = ends }
end

function fixed_window.charge(key, rule, cost, now, state)
  local used = state.used + cost
  local ends = state.used > 0 and state.ends or now + rule.window
  write_count(key, used, ends, now)
  return rule.limit - used, ends - now, ends, 0
end

function fixed_window.refund(key, _, cost, now, run)
  local used, ends = read_count(key, now)
  if ends ~= run then return end
  if used > cost then
    write_count(key, used - cost, ends, now)
  else
    redis.call('DEL', key)
  end
end
-- Kept as a hash of bucket to count, and \`run\`: when counting began.
local sliding_window = {}

local function leaves_at(bucket, rule)
  return (bucket + rule.buckets + 1) * rule.bucket
end

-- How long until the oldest buckets have left that hold \`excess\` units.
local function wait_for(excess, fields, rule, now)
  local buckets = {}
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if bucket and leaves_at(bucket, rule) > now then
      table.insert(buckets, { bucket, tonumber(fields[i + 1]) })
    end
  end
  table.sort(buckets, function(a, b) return a[1] < b[1] end)
  for _, bucket in ipairs(buckets) do
    excess = excess - bucket[2]
    if excess <= 0 then return leaves_at(bucket[1], rule) - now end
  end
end

function sliding_window.look(key, rule, cost, now)
  local fields = redis.call('HGETALL', key)
  local used, newest, stale, run = 0, 0, {}, nil
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if not bucket then
      run = tonumber(fields[i + 1])
    elseif leaves_at(bucket, rule) > now then
      used = used + fields[i + 1]
      newest = math.max(newest, bucket)
    else
      table.insert(stale, fields[i])
    end
  end
  local excess = used + cost - rule.limit
  local wait = excess > 0 and wait_for(excess, fields, rule, now) or 0
  local reset = used > 0 and leaves_at(newest, rule) - now or 0
  return wait, rule.limit - used, reset, { used = used, newest = newest, stale = stale, run = run }
end

function sliding_window.charge(key, rule, cost, now, state)
  local bucket, run = math.floor(now / rule.bucket), state.run
  if state.used == 0 then
    run = now
    redis.call('DEL', key)
    redis.call('HSET', key, 'run', run, bucket, cost)
  else
    redis.call('HINCRBY', key, bucket, cost)
    if #state.stale > 0 then redis.call('HDEL', key, unpack(state.stale)) end
  end
  redis.call('PEXPIRE', key, to_ttl(rule.life))
  local reset = leaves_at(math.max(state.newest, bucket), rule) - now
  return rule.limit - state.used - cost, reset, run, bucket
end

function sliding_window.refund(key, rule, cost, _, run, bucket)
  local found, count = unpack(redis.call('HMGET', key, 'run', bucket))
  if tonumber(found) ~= run or not count then return end
  if tonumber(count) > cost then
    redis.call('HINCRBY', key, bucket, -cost)
  else
    redis.call('HDEL', key, bucket)
    if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
  end
  redis.call('PEXPIRE', key, to_ttl(rule.life))
end
-- Kept as a hash of \`run\`, \`window\`, and the counts of the \`current\` and the \`previous\` one.
local sliding_counter = {}

local function read_windows(key, rule, now)
  local found = redis.call('HMGET', key, 'run', 'window', 'current', 'previous')
  local state = { window = math.floor(now / rule.window), current = 0, previous = 0 }
  local window = tonumber(found[2]) or -1
  if window >= state.window then
    -- A later window than now's: the clock was set back, and time waits at its beginning.
    state.window, state.current, state.previous = window, tonumber(found[3]), tonumber(found[4])
  elseif window == state.window - 1 then
    state.previous = tonumber(found[3])
  end
  state.run = state.current + state.previous > 0 and tonumber(found[1]) or nil
  state.elapsed = math.max(0, now - state.window * rule.window)
  return state
end

local function measure_windows(rule, now, state)
  local W = rule.window
  local free = (rule.limit - state.current) * W - state.previous * (W - state.elapsed)
  local left = (state.window + 1) * W - now
  local reset = state.current > 0 and left + W or state.previous > 0 and left or 0
  return math.max(0, math.floor(free / W)), reset
end

-- The time in a window after which \`count\` units of the one before weigh \`room\` or less.
local function fades_to(room, count, W)
  return count <= room and 0 or W - math.floor(room * W / count)
end

function sliding_counter.look(key, rule, cost, now)
  local W, state = rule.window, read_windows(key, rule, now)
  local room = rule.limit - cost
  local starts = state.window * W
  local wait = starts + W + fades_to(room, state.current, W) - now
  if state.current <= room then
    local fades = fades_to(room - state.current, state.previous, W)
    if fades <= state.elapsed then
      wait = 0
    elseif fades < W then
      wait = starts + fades - now
    end
  end
  local remaining, reset = measure_windows(rule, now, state)
  return wait, remaining, reset, state
end

function sliding_counter.write(key, rule, state)
  local counts = { 'current', state.current, 'previous', state.previous }
  redis.call('HSET', key, 'run', state.run, 'window', state.window, unpack(counts))
  redis.call('PEXPIRE', key, to_ttl(2 * rule.window))
end

function sliding_counter.charge(key, rule, cost, now, state)
  state.current = state.current + cost
  state.run = state.run or now
  sliding_counter.write(key, rule, state)
  local remaining, reset = measure_windows(rule, now, state)
  return remaining, reset, state.run, state.window
end

function sliding_counter.refund(key, rule, cost, now, run, window)
  local state = read_windows(key, rule, now)
  if state.run ~= run then return end
  window = tonumber(window)
  if window == state.window then state.current = math.max(0, state.current - cost) end
  if window == state.window - 1 then state.previous = math.max(0, state.previous - cost) end
  if state.current + state.previous > 0 then
    sliding_counter.write(key, rule, state)
  else
    redis.call('DEL', key)
  end
end
-- Kept as a sorted set of one member for each unit, "call:number", by the time it was used.
local sliding_log = {}

function sliding_log.look(key, rule, cost, now)
  local after = string.format('(%.0f', now - rule.window)
  local used = redis.call('ZCOUNT', key, after, '+inf')
  local wait, reset, excess = 0, 0, used + cost - rule.limit
  if excess > 0 then
    local unit = redis.call('ZRANGEBYSCORE', key, after, '+inf', 'WITHSCORES', 'LIMIT', excess - 1, 1)
    wait = unit[2] + rule.window - now
  end
  if used > 0 then
    reset = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2] + rule.window - now
  end
  return wait, rule.limit - used, reset, { used = used, reset = reset }
end

function sliding_log.charge(key, rule, cost, now, state, call)
  local units = {}
  for number = 1, cost do
    table.insert(units, now)
    table.insert(units, string.format('%s:%.0f', call, number))
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - rule.window)
  redis.call('ZADD', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(rule.window))
  return rule.limit - state.used - cost, math.max(rule.window, state.reset), 0, call
end

function sliding_log.refund(key, rule, cost, _, _, call)
  local units = {}
  for number = 1, cost do
    table.insert(units, string.format('%s:%.0f', call, number))
  end
  redis.call('ZREM', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(rule.window))
end
-- Kept as "full:part:run": the bucket is full again \`part / refill[2]\` microseconds after \`full\`.
local token_bucket = {}

-- What is owed to the bucket, in \`1 / refill[2]\` of a microsecond, and the run.
local function read_debt(key, rule, now)
  local full, part, run = string.match(redis.call('GET', key) or '', '^(%d+):(%d+):(%d+)$')
  local debt = full and (full - now) * rule.refill[2] + part or 0
  if debt <= 0 then return 0 end
  return debt, tonumber(run)
end

local function write_debt(key, rule, debt, now, run)
  local whole = math.floor(debt / rule.refill[2])
  local value = string.format('%.0f:%.0f:%.0f', now + whole, debt - whole * rule.refill[2], run)
  redis.call('SET', key, value, 'PX', to_ttl(debt / rule.refill[2]))
end

function token_bucket.look(key, rule, cost, now)
  local price, per_us = rule.refill[1], rule.refill[2]
  local debt, run = read_debt(key, rule, now)
  local free = rule.limit * price - debt
  local wait = math.max(0, math.ceil((cost * price - free) / per_us))
  local remaining = math.max(0, math.floor(free / price))
  return wait, remaining, math.ceil(debt / per_us), { debt = debt, run = run }
end

function token_bucket.charge(key, rule, cost, now, state)
  local price, per_us = rule.refill[1], rule.refill[2]
  local debt, run = state.debt + cost * price, state.run or now
  write_debt(key, rule, debt, now, run)
  local reset = math.ceil(debt / per_us)
  return math.floor((rule.limit * price - debt) / price), reset, run, now + reset
end

-- Debts are worked off in order, and what is worked off is not given back a second time.
function token_bucket.refund(key, rule, cost, now, run, paid_at)
  local debt, found = read_debt(key, rule, now)
  if found ~= run then return end
  local unpaid = math.max(0, (tonumber(paid_at) - now) * rule.refill[2])
  debt = debt - math.min(cost * rule.refill[1], unpaid)
  if debt > 0 then
    write_debt(key, rule, debt, now, run)
  else
    redis.call('DEL', key)
  end
end
-- Each strategy has three functions, with the arithmetic of counter-strategies.ts:
--   look(key, rule, cost, now)                   returns wait, remaining, reset, state
--   charge(key, rule, cost, now, state, call)    returns remaining, reset, run, slot
--   refund(key, rule, cost, now, run, slot)
-- \`look\` writes nothing, and \`refund\` only in the run of counting that was charged. A refund gets its
-- slot as text.
local strategies = {
  ['fixed-window'] = fixed_window,
  ['sliding-window'] = sliding_window,
  ['sliding-counter'] = sliding_counter,
  ['sliding-log'] = sliding_log,
  ['token-bucket'] = token_bucket,
}

-- Takes the keys of one rule out of a list of many; only those the rule has use for are in it.
local function key_taker(keys)
  local taken = 0
  local function take()
    taken = taken + 1
    return keys[taken]
  end
  return function(policy)
    local names = { counter = take(), block = take() }
    if policy and policy.factor > 1 then names.level = take() end
    if policy and policy.violations > 1 then names.violations = take() end
    return names
  end
end

-- Nothing counts for longer than \`life\`, even if its key lost its end or the clock was set back.
local function heal(key, life, wait)
  local ttl = redis.call('PTTL', key)
  if ttl == -1 or ttl > to_ttl(life) then redis.call('PEXPIRE', key, to_ttl(life)) end
  return math.min(wait, life)
end

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
`,
}

export const consumeLimit: Script<never, 'givenNow' | 'mode' | 'call', 'keys', 'checks'> = {
  name: 'consume-limit',
  sha1: 'd2b48b4990a479195dd9c8c435dc2fe9356d9aea',
  keys: [],
  args: ['givenNow', 'mode', 'call'],
  restKeys: 'keys',
  restArgs: 'checks',
  source: `-- Charges several limits, or none of them when one that is not in shadow refuses. Blocks those who
-- break a rule that wants it. In mode 'peek' nothing is written; in mode 'reserve' blocks at the
-- limit are left to commit-limit.lua. The checks are pairs of a rule as JSON and a cost.
-- Returns for each check: remaining, wait, reset, blocked, 1 when the block began now, run, slot.
-- A wait of 0 passes and one of -1 never ends; a run of -1 means that nothing was charged.
local given_now = tonumber(ARGV[1])
local mode = ARGV[2]
local call = ARGV[3]
local keys = { unpack(KEYS, 1) }
local checks = { unpack(ARGV, 4) }
-- Times are integers in microseconds. A count that ends is kept as "ends:count".
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local ends, count = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  ends = tonumber(ends)
  if not ends or ends <= now then return 0, 0 end
  return tonumber(count), ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, string.format('%.0f:%.0f', ends, count), 'PX', to_ttl(ends - now))
end
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
-- Kept as "ends:used". The end names the run.
local fixed_window = {}

function fixed_window.look(key, rule, cost, now)
  local used, ends = read_count(key, now)
  local left = used > 0 and ends - now or 0
  local wait = used + cost > rule.limit and left or 0
  return wait, rule.limit - used, left, { used = used, ends = ends }
end

function fixed_window.charge(key, rule, cost, now, state)
  local used = state.used + cost
  local ends = state.used > 0 and state.ends or now + rule.window
  write_count(key, used, ends, now)
  return rule.limit - used, ends - now, ends, 0
end

function fixed_window.refund(key, _, cost, now, run)
  local used, ends = read_count(key, now)
  if ends ~= run then return end
  if used > cost then
    write_count(key, used - cost, ends, now)
  else
    redis.call('DEL', key)
  end
end
-- Kept as a hash of bucket to count, and \`run\`: when counting began.
local sliding_window = {}

local function leaves_at(bucket, rule)
  return (bucket + rule.buckets + 1) * rule.bucket
end

-- How long until the oldest buckets have left that hold \`excess\` units.
local function wait_for(excess, fields, rule, now)
  local buckets = {}
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if bucket and leaves_at(bucket, rule) > now then
      table.insert(buckets, { bucket, tonumber(fields[i + 1]) })
    end
  end
  table.sort(buckets, function(a, b) return a[1] < b[1] end)
  for _, bucket in ipairs(buckets) do
    excess = excess - bucket[2]
    if excess <= 0 then return leaves_at(bucket[1], rule) - now end
  end
end

function sliding_window.look(key, rule, cost, now)
  local fields = redis.call('HGETALL', key)
  local used, newest, stale, run = 0, 0, {}, nil
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if not bucket then
      run = tonumber(fields[i + 1])
    elseif leaves_at(bucket, rule) > now then
      used = used + fields[i + 1]
      newest = math.max(newest, bucket)
    else
      table.insert(stale, fields[i])
    end
  end
  local excess = used + cost - rule.limit
  local wait = excess > 0 and wait_for(excess, fields, rule, now) or 0
  local reset = used > 0 and leaves_at(newest, rule) - now or 0
  return wait, rule.limit - used, reset, { used = used, newest = newest, stale = stale, run = run }
end

function sliding_window.charge(key, rule, cost, now, state)
  local bucket, run = math.floor(now / rule.bucket), state.run
  if state.used == 0 then
    run = now
    redis.call('DEL', key)
    redis.call('HSET', key, 'run', run, bucket, cost)
  else
    redis.call('HINCRBY', key, bucket, cost)
    if #state.stale > 0 then redis.call('HDEL', key, unpack(state.stale)) end
  end
  redis.call('PEXPIRE', key, to_ttl(rule.life))
  local reset = leaves_at(math.max(state.newest, bucket), rule) - now
  return rule.limit - state.used - cost, reset, run, bucket
end

function sliding_window.refund(key, rule, cost, _, run, bucket)
  local found, count = unpack(redis.call('HMGET', key, 'run', bucket))
  if tonumber(found) ~= run or not count then return end
  if tonumber(count) > cost then
    redis.call('HINCRBY', key, bucket, -cost)
  else
    redis.call('HDEL', key, bucket)
    if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
  end
  redis.call('PEXPIRE', key, to_ttl(rule.life))
end
-- Kept as a hash of \`run\`, \`window\`, and the counts of the \`current\` and the \`previous\` one.
local sliding_counter = {}

local function read_windows(key, rule, now)
  local found = redis.call('HMGET', key, 'run', 'window', 'current', 'previous')
  local state = { window = math.floor(now / rule.window), current = 0, previous = 0 }
  local window = tonumber(found[2]) or -1
  if window >= state.window then
    -- A later window than now's: the clock was set back, and time waits at its beginning.
    state.window, state.current, state.previous = window, tonumber(found[3]), tonumber(found[4])
  elseif window == state.window - 1 then
    state.previous = tonumber(found[3])
  end
  state.run = state.current + state.previous > 0 and tonumber(found[1]) or nil
  state.elapsed = math.max(0, now - state.window * rule.window)
  return state
end

local function measure_windows(rule, now, state)
  local W = rule.window
  local free = (rule.limit - state.current) * W - state.previous * (W - state.elapsed)
  local left = (state.window + 1) * W - now
  local reset = state.current > 0 and left + W or state.previous > 0 and left or 0
  return math.max(0, math.floor(free / W)), reset
end

-- The time in a window after which \`count\` units of the one before weigh \`room\` or less.
local function fades_to(room, count, W)
  return count <= room and 0 or W - math.floor(room * W / count)
end

function sliding_counter.look(key, rule, cost, now)
  local W, state = rule.window, read_windows(key, rule, now)
  local room = rule.limit - cost
  local starts = state.window * W
  local wait = starts + W + fades_to(room, state.current, W) - now
  if state.current <= room then
    local fades = fades_to(room - state.current, state.previous, W)
    if fades <= state.elapsed then
      wait = 0
    elseif fades < W then
      wait = starts + fades - now
    end
  end
  local remaining, reset = measure_windows(rule, now, state)
  return wait, remaining, reset, state
end

function sliding_counter.write(key, rule, state)
  local counts = { 'current', state.current, 'previous', state.previous }
  redis.call('HSET', key, 'run', state.run, 'window', state.window, unpack(counts))
  redis.call('PEXPIRE', key, to_ttl(2 * rule.window))
end

function sliding_counter.charge(key, rule, cost, now, state)
  state.current = state.current + cost
  state.run = state.run or now
  sliding_counter.write(key, rule, state)
  local remaining, reset = measure_windows(rule, now, state)
  return remaining, reset, state.run, state.window
end

function sliding_counter.refund(key, rule, cost, now, run, window)
  local state = read_windows(key, rule, now)
  if state.run ~= run then return end
  window = tonumber(window)
  if window == state.window then state.current = math.max(0, state.current - cost) end
  if window == state.window - 1 then state.previous = math.max(0, state.previous - cost) end
  if state.current + state.previous > 0 then
    sliding_counter.write(key, rule, state)
  else
    redis.call('DEL', key)
  end
end
-- Kept as a sorted set of one member for each unit, "call:number", by the time it was used.
local sliding_log = {}

function sliding_log.look(key, rule, cost, now)
  local after = string.format('(%.0f', now - rule.window)
  local used = redis.call('ZCOUNT', key, after, '+inf')
  local wait, reset, excess = 0, 0, used + cost - rule.limit
  if excess > 0 then
    local unit = redis.call('ZRANGEBYSCORE', key, after, '+inf', 'WITHSCORES', 'LIMIT', excess - 1, 1)
    wait = unit[2] + rule.window - now
  end
  if used > 0 then
    reset = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2] + rule.window - now
  end
  return wait, rule.limit - used, reset, { used = used, reset = reset }
end

function sliding_log.charge(key, rule, cost, now, state, call)
  local units = {}
  for number = 1, cost do
    table.insert(units, now)
    table.insert(units, string.format('%s:%.0f', call, number))
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - rule.window)
  redis.call('ZADD', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(rule.window))
  return rule.limit - state.used - cost, math.max(rule.window, state.reset), 0, call
end

function sliding_log.refund(key, rule, cost, _, _, call)
  local units = {}
  for number = 1, cost do
    table.insert(units, string.format('%s:%.0f', call, number))
  end
  redis.call('ZREM', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(rule.window))
end
-- Kept as "full:part:run": the bucket is full again \`part / refill[2]\` microseconds after \`full\`.
local token_bucket = {}

-- What is owed to the bucket, in \`1 / refill[2]\` of a microsecond, and the run.
local function read_debt(key, rule, now)
  local full, part, run = string.match(redis.call('GET', key) or '', '^(%d+):(%d+):(%d+)$')
  local debt = full and (full - now) * rule.refill[2] + part or 0
  if debt <= 0 then return 0 end
  return debt, tonumber(run)
end

local function write_debt(key, rule, debt, now, run)
  local whole = math.floor(debt / rule.refill[2])
  local value = string.format('%.0f:%.0f:%.0f', now + whole, debt - whole * rule.refill[2], run)
  redis.call('SET', key, value, 'PX', to_ttl(debt / rule.refill[2]))
end

function token_bucket.look(key, rule, cost, now)
  local price, per_us = rule.refill[1], rule.refill[2]
  local debt, run = read_debt(key, rule, now)
  local free = rule.limit * price - debt
  local wait = math.max(0, math.ceil((cost * price - free) / per_us))
  local remaining = math.max(0, math.floor(free / price))
  return wait, remaining, math.ceil(debt / per_us), { debt = debt, run = run }
end

function token_bucket.charge(key, rule, cost, now, state)
  local price, per_us = rule.refill[1], rule.refill[2]
  local debt, run = state.debt + cost * price, state.run or now
  write_debt(key, rule, debt, now, run)
  local reset = math.ceil(debt / per_us)
  return math.floor((rule.limit * price - debt) / price), reset, run, now + reset
end

-- Debts are worked off in order, and what is worked off is not given back a second time.
function token_bucket.refund(key, rule, cost, now, run, paid_at)
  local debt, found = read_debt(key, rule, now)
  if found ~= run then return end
  local unpaid = math.max(0, (tonumber(paid_at) - now) * rule.refill[2])
  debt = debt - math.min(cost * rule.refill[1], unpaid)
  if debt > 0 then
    write_debt(key, rule, debt, now, run)
  else
    redis.call('DEL', key)
  end
end
-- Each strategy has three functions, with the arithmetic of counter-strategies.ts:
--   look(key, rule, cost, now)                   returns wait, remaining, reset, state
--   charge(key, rule, cost, now, state, call)    returns remaining, reset, run, slot
--   refund(key, rule, cost, now, run, slot)
-- \`look\` writes nothing, and \`refund\` only in the run of counting that was charged. A refund gets its
-- slot as text.
local strategies = {
  ['fixed-window'] = fixed_window,
  ['sliding-window'] = sliding_window,
  ['sliding-counter'] = sliding_counter,
  ['sliding-log'] = sliding_log,
  ['token-bucket'] = token_bucket,
}

-- Takes the keys of one rule out of a list of many; only those the rule has use for are in it.
local function key_taker(keys)
  local taken = 0
  local function take()
    taken = taken + 1
    return keys[taken]
  end
  return function(policy)
    local names = { counter = take(), block = take() }
    if policy and policy.factor > 1 then names.level = take() end
    if policy and policy.violations > 1 then names.violations = take() end
    return names
  end
end

-- Nothing counts for longer than \`life\`, even if its key lost its end or the clock was set back.
local function heal(key, life, wait)
  local ttl = redis.call('PTTL', key)
  if ttl == -1 or ttl > to_ttl(life) then redis.call('PEXPIRE', key, to_ttl(life)) end
  return math.min(wait, life)
end

local now = current_time(given_now)
local take_names = key_taker(keys)

local function look_at(rule, cost)
  local look = { rule = rule, cost = cost, names = take_names(rule.block) }
  local blocked, level, reason = read_block(look.names.block, now)
  look.blocked, look.level, look.reason = blocked, level, reason
  look.remaining, look.reset, look.wait = 0, blocked, blocked
  if blocked == 0 then
    local strategy = strategies[rule.strategy]
    look.wait, look.remaining, look.reset, look.state =
      strategy.look(look.names.counter, rule, math.min(cost, rule.limit), now)
  end
  if cost > rule.limit then look.wait = -1 end
  return look
end

local function break_and_note(look)
  local length = break_rule(look.names, look.rule.block, now)
  if length == 0 then return end
  look.started, look.blocked, look.remaining, look.reset = 1, length, 0, length
  if look.wait > 0 then look.wait = length end
end

local function charge(look)
  local rule = look.rule
  look.remaining, look.reset, look.run, look.slot = strategies[rule.strategy].charge(
    look.names.counter, rule, look.cost, now, look.state, call)
  local blocks = rule.block and rule.block.at == 'limit' and mode == 'charge'
  if blocks and look.remaining == 0 then break_and_note(look) end
end

local function refuse(look)
  local policy = look.rule.block
  if look.blocked ~= 0 then
    local extends = policy and policy.extending and look.blocked > 0 and look.reason == 'limit'
    if not extends then return end
    local length = block_length(policy, look.level, now)
    write_block(look.names.block, now, length, look.level, 'limit')
    look.blocked, look.reset = length, length
    if look.wait > 0 then look.wait = length end
    return
  end
  if look.wait == -1 then return end
  look.wait = heal(look.names.counter, look.rule.life, look.wait)
  -- Where the limit itself blocks, units that are only reserved do not count as a failure yet.
  if policy and (mode == 'charge' or policy.at == 'excess') then break_and_note(look) end
end

local looks, passes = {}, true
for i = 1, #checks, 2 do
  local look = look_at(cjson.decode(checks[i]), tonumber(checks[i + 1]))
  table.insert(looks, look)
  if look.wait ~= 0 and not look.rule.shadow then passes = false end
end

local reply = {}
for _, look in ipairs(looks) do
  if mode ~= 'peek' then
    if look.wait ~= 0 then refuse(look) elseif passes and look.cost > 0 then charge(look) end
  end
  for _, value in ipairs({ look.remaining, look.wait, look.reset, look.blocked,
    look.started or 0, look.run or -1, look.slot or 0 }) do
    table.insert(reply, value)
  end
end
return reply
`,
}

export const createSession: Script<'session' | 'index' | 'epochKey', 'givenNow' | 'head' | 'sealed' | 'member' | 'limit' | 'over' | 'prefix' | 'owner' | 'linger', never, never> = {
  name: 'create-session',
  sha1: 'eb4aa6cc75344f0da76c2a5f1c118816d41d9fe5',
  keys: ['session', 'index', 'epochKey'],
  args: ['givenNow', 'head', 'sealed', 'member', 'limit', 'over', 'prefix', 'owner', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Stores a new session, enters it into its owner's index and ends those that are too many, so that
-- sign-ins in parallel never exceed the limit. A limit of -1 is none; without a member, no index.
-- Returns {'created', now, times, member, record, member, record …} with what was ended, or
-- {'refused'}.
local session = KEYS[1]
local index = KEYS[2]
local epoch_key = KEYS[3]
local given_now = tonumber(ARGV[1])
local head = ARGV[2]
local sealed = ARGV[3]
local member = ARGV[4]
local limit = tonumber(ARGV[5])
local over = ARGV[6]
local prefix = ARGV[7]
local owner = ARGV[8]
local linger = tonumber(ARGV[9])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, math.ceil(deadline / 1000), member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- time is over, or whose record is gone, leave the index.
local function indexed_sessions(index, prefix, owner, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
  local sessions = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if string.sub(member, 1, #owner) == owner then
      local value = redis.call('GET', prefix .. member)
      if value then
        table.insert(sessions, { member, value })
      else
        redis.call('ZREM', index, member)
      end
    end
  end
  return sessions
end

local now = clock(given_now)
local reply = { 'created', now, '' }

local epoch = tonumber(redis.call('GET', epoch_key) or 0)

-- Living sessions of the owner as {order, member, record}, the first to end first.
local function living()
  local sessions = {}
  for _, entry in ipairs(indexed_sessions(index, prefix, owner, now)) do
    local created, seen, its_epoch, idle, absolute = unpack_record(entry[2])
    if created and its_epoch >= epoch and not ending(now, created, seen, idle, absolute) then
      local order = over == 'end-least-recent' and seen or created
      table.insert(sessions, { order, entry[1], entry[2] })
    end
  end
  table.sort(sessions, function(a, b)
    if a[1] == b[1] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  return sessions
end

if member ~= '' and limit >= 0 then
  local sessions = living()
  if over == 'refuse' and #sessions >= limit then return { 'refused' } end
  for position = 1, #sessions - limit + 1 do
    local _, name, value = unpack(sessions[position])
    redis.call('DEL', prefix .. name)
    redis.call('ZREM', index, name)
    table.insert(reply, name)
    table.insert(reply, value)
  end
end

local _, idle, absolute = struct.unpack('>I4I4I4', head, 6)
local ttl = math.min(idle, absolute) * 1000
local times = pack_times(now, now, epoch)
redis.call('SET', session, head .. times .. sealed)
keep_until(session, index, member, now + ttl, ttl + linger)
reply[3] = times
return reply
`,
}

export const endAllSessions: Script<'index' | 'epochKey', 'givenNow' | 'prefix' | 'owner' | 'kept' | 'longest', never, never> = {
  name: 'end-all-sessions',
  sha1: 'be4513fb1fe34982a9c644c68a773e3d38605c37',
  keys: ['index', 'epochKey'],
  args: ['givenNow', 'prefix', 'owner', 'kept', 'longest'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Ends all sessions of an owner but one. Raising the epoch ends those too that the index forgot.
-- Returns {member, record, member, record …} of what the index knew.
local index = KEYS[1]
local epoch_key = KEYS[2]
local given_now = tonumber(ARGV[1])
local prefix = ARGV[2]
local owner = ARGV[3]
local kept = ARGV[4]
local longest = tonumber(ARGV[5])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, math.ceil(deadline / 1000), member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- time is over, or whose record is gone, leave the index.
local function indexed_sessions(index, prefix, owner, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
  local sessions = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if string.sub(member, 1, #owner) == owner then
      local value = redis.call('GET', prefix .. member)
      if value then
        table.insert(sessions, { member, value })
      else
        redis.call('ZREM', index, member)
      end
    end
  end
  return sessions
end

local epoch = redis.call('INCR', epoch_key)
redis.call('PEXPIRE', epoch_key, longest)
local reply = {}
for _, entry in ipairs(indexed_sessions(index, prefix, owner, clock(given_now))) do
  local member, value = entry[1], entry[2]
  if member == kept then
    local created, seen = unpack_record(value)
    if created then
      redis.call('SETRANGE', prefix .. member, 33, pack_times(created, seen, epoch))
    end
  else
    redis.call('DEL', prefix .. member)
    redis.call('ZREM', index, member)
    table.insert(reply, member)
    table.insert(reply, value)
  end
end
return reply
`,
}

export const endSession: Script<'session' | 'retired' | 'index', 'givenNow' | 'member' | 'digest' | 'note' | 'grace' | 'linger', never, never> = {
  name: 'end-session',
  sha1: '2b8dd53e13df7de41c977da3feea030db2eede70',
  keys: ['session', 'retired', 'index'],
  args: ['givenNow', 'member', 'digest', 'note', 'grace', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Ends one session. With a note, its token is remembered as replaced by another session.
-- Returns the record, or false when there was none.
local session = KEYS[1]
local retired = KEYS[2]
local index = KEYS[3]
local given_now = tonumber(ARGV[1])
local member = ARGV[2]
local digest = ARGV[3]
local note = ARGV[4]
local grace = tonumber(ARGV[5])
local linger = tonumber(ARGV[6])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, math.ceil(deadline / 1000), member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- time is over, or whose record is gone, leave the index.
local function indexed_sessions(index, prefix, owner, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
  local sessions = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if string.sub(member, 1, #owner) == owner then
      local value = redis.call('GET', prefix .. member)
      if value then
        table.insert(sessions, { member, value })
      else
        redis.call('ZREM', index, member)
      end
    end
  end
  return sessions
end

local value = redis.call('GET', session)
redis.call('DEL', session)
redis.call('ZREM', index, member)
if note == '' then
  redis.call('DEL', retired)
elseif value then
  local now = clock(given_now)
  local created, _, _, _, absolute = unpack_record(value)
  local left = created and created + absolute - now or 0
  redis.call('HSET', retired, digest, struct.pack('>I6', now + grace) .. note)
  redis.call('PEXPIRE', retired, math.max(left, grace) + linger)
end
return value
`,
}

export const listBlock: Script<'list', 'givenNow' | 'member' | 'length', never, never> = {
  name: 'list-block',
  sha1: 'cabfb937eab44ea1460b0f19f9f86eabe347c2b9',
  keys: ['list'],
  args: ['givenNow', 'member', 'length'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Enters a block into the list for operators, with a length of 0 for good, and tidies the list.
-- Returns 'done'.
local list = KEYS[1]
local given_now = tonumber(ARGV[1])
local member = ARGV[2]
local length = tonumber(ARGV[3])
-- Times are integers in microseconds. A count that ends is kept as "ends:count".
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local ends, count = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  ends = tonumber(ends)
  if not ends or ends <= now then return 0, 0 end
  return tonumber(count), ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, string.format('%.0f:%.0f', ends, count), 'PX', to_ttl(ends - now))
end

local now = current_time(given_now)
redis.call('ZREMRANGEBYSCORE', list, '-inf', now)
redis.call('ZADD', list, length == 0 and '+inf' or now + length, member)
local last = tonumber(redis.call('ZREVRANGE', list, 0, 0, 'WITHSCORES')[2])
if last == math.huge then
  redis.call('PERSIST', list)
else
  redis.call('PEXPIRE', list, to_ttl(last - now))
end
return 'done'
`,
}

export const listSessions: Script<'index' | 'epochKey', 'givenNow' | 'prefix' | 'owner', never, never> = {
  name: 'list-sessions',
  sha1: '5f888bc96e3b75c77e784195c3f9bfab6af56bf0',
  keys: ['index', 'epochKey'],
  args: ['givenNow', 'prefix', 'owner'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- The living sessions of an owner, and tidies the index of the bucket.
-- Returns {member, record, member, record …}.
local index = KEYS[1]
local epoch_key = KEYS[2]
local given_now = tonumber(ARGV[1])
local prefix = ARGV[2]
local owner = ARGV[3]
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, math.ceil(deadline / 1000), member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- time is over, or whose record is gone, leave the index.
local function indexed_sessions(index, prefix, owner, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
  local sessions = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if string.sub(member, 1, #owner) == owner then
      local value = redis.call('GET', prefix .. member)
      if value then
        table.insert(sessions, { member, value })
      else
        redis.call('ZREM', index, member)
      end
    end
  end
  return sessions
end

local now = clock(given_now)
local current_epoch = tonumber(redis.call('GET', epoch_key) or 0)
local reply = {}
for _, entry in ipairs(indexed_sessions(index, prefix, owner, now)) do
  local created, seen, epoch, idle, absolute = unpack_record(entry[2])
  if created and epoch >= current_epoch and not ending(now, created, seen, idle, absolute) then
    table.insert(reply, entry[1])
    table.insert(reply, entry[2])
  end
end
return reply
`,
}

export const loadSession: Script<'session' | 'retired' | 'index' | 'epochKey', 'givenNow' | 'digest' | 'touchEvery' | 'member' | 'linger', never, never> = {
  name: 'load-session',
  sha1: 'ffc949fa17d43bcc2915e8154e6ffa86de34706c',
  keys: ['session', 'retired', 'index', 'epochKey'],
  args: ['givenNow', 'digest', 'touchEvery', 'member', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Finds the session of a token, notes the activity, and ends a session that is over.
-- Returns {'valid', now, record}, {'retired', note}, {'reused', note, record or false},
-- or {reason, record or false} for no session. A record in a newer format is left as it is.
local session = KEYS[1]
local retired = KEYS[2]
local index = KEYS[3]
local epoch_key = KEYS[4]
local given_now = tonumber(ARGV[1])
local digest = ARGV[2]
local touch_every = tonumber(ARGV[3])
local member = ARGV[4]
local linger = tonumber(ARGV[5])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, math.ceil(deadline / 1000), member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- time is over, or whose record is gone, leave the index.
local function indexed_sessions(index, prefix, owner, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
  local sessions = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if string.sub(member, 1, #owner) == owner then
      local value = redis.call('GET', prefix .. member)
      if value then
        table.insert(sessions, { member, value })
      else
        redis.call('ZREM', index, member)
      end
    end
  end
  return sessions
end

local function finish(reason, value)
  redis.call('DEL', session)
  redis.call('ZREM', index, member)
  return { reason, value }
end

local value = redis.call('GET', session)
if value and string.byte(value, 1) > format then return { 'newer-format', false } end
local now = clock(given_now)

if not value or string.sub(value, 18, 33) ~= digest then
  local note = redis.call('HGET', retired, digest)
  if not note then return { 'unknown', false } end
  if now < struct.unpack('>I6', note) then return { 'retired', string.sub(note, 7) } end
  redis.call('DEL', session, retired)
  redis.call('ZREM', index, member)
  return { 'reused', string.sub(note, 7), value }
end

local created, seen, epoch, idle, absolute = unpack_record(value)
if not created then return finish('corrupt', false) end
local reason = ending(now, created, seen, idle, absolute)
if reason then return finish(reason, value) end
local current_epoch = redis.call('GET', epoch_key)
if current_epoch and tonumber(current_epoch) > epoch then return finish('epoch', value) end

if touch_every >= 0 and now > seen and now - seen >= math.min(touch_every, idle / 2) then
  local times = pack_times(created, now, epoch)
  redis.call('SETRANGE', session, 33, times)
  local deadline = math.min(now + idle, created + absolute)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  value = string.sub(value, 1, 33) .. times .. string.sub(value, 50)
end
return { 'valid', now, value }
`,
}

export const readBlock: Script<'block', 'givenNow', never, never> = {
  name: 'read-block',
  sha1: '16bda692f4533a93fe547e647751393f08dacf68',
  keys: ['block'],
  args: ['givenNow'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Returns {time left or -1 for good, level, reason} of a block, or false when there is none.
local block = KEYS[1]
local given_now = tonumber(ARGV[1])
-- Times are integers in microseconds. A count that ends is kept as "ends:count".
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local ends, count = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  ends = tonumber(ends)
  if not ends or ends <= now then return 0, 0 end
  return tonumber(count), ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, string.format('%.0f:%.0f', ends, count), 'PX', to_ttl(ends - now))
end
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

local left, level, reason = read_block(block, current_time(given_now))
return left ~= 0 and { left, level, reason }
`,
}

export const refundLimit: Script<never, 'givenNow', 'counters', 'charges'> = {
  name: 'refund-limit',
  sha1: '32da89c4ec87c4a17de45e4f47e1eb0638c359ce',
  keys: [],
  args: ['givenNow'],
  restKeys: 'counters',
  restArgs: 'charges',
  source: `-- Gives units back where they still count. The charges are a rule as JSON, cost, run and slot each.
-- Returns 'done'.
local given_now = tonumber(ARGV[1])
local counters = { unpack(KEYS, 1) }
local charges = { unpack(ARGV, 2) }
-- Times are integers in microseconds. A count that ends is kept as "ends:count".
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local ends, count = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  ends = tonumber(ends)
  if not ends or ends <= now then return 0, 0 end
  return tonumber(count), ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, string.format('%.0f:%.0f', ends, count), 'PX', to_ttl(ends - now))
end
-- Kept as "ends:used". The end names the run.
local fixed_window = {}

function fixed_window.look(key, rule, cost, now)
  local used, ends = read_count(key, now)
  local left = used > 0 and ends - now or 0
  local wait = used + cost > rule.limit and left or 0
  return wait, rule.limit - used, left, { used = used, ends = ends }
end

function fixed_window.charge(key, rule, cost, now, state)
  local used = state.used + cost
  local ends = state.used > 0 and state.ends or now + rule.window
  write_count(key, used, ends, now)
  return rule.limit - used, ends - now, ends, 0
end

function fixed_window.refund(key, _, cost, now, run)
  local used, ends = read_count(key, now)
  if ends ~= run then return end
  if used > cost then
    write_count(key, used - cost, ends, now)
  else
    redis.call('DEL', key)
  end
end
-- Kept as a hash of bucket to count, and \`run\`: when counting began.
local sliding_window = {}

local function leaves_at(bucket, rule)
  return (bucket + rule.buckets + 1) * rule.bucket
end

-- How long until the oldest buckets have left that hold \`excess\` units.
local function wait_for(excess, fields, rule, now)
  local buckets = {}
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if bucket and leaves_at(bucket, rule) > now then
      table.insert(buckets, { bucket, tonumber(fields[i + 1]) })
    end
  end
  table.sort(buckets, function(a, b) return a[1] < b[1] end)
  for _, bucket in ipairs(buckets) do
    excess = excess - bucket[2]
    if excess <= 0 then return leaves_at(bucket[1], rule) - now end
  end
end

function sliding_window.look(key, rule, cost, now)
  local fields = redis.call('HGETALL', key)
  local used, newest, stale, run = 0, 0, {}, nil
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if not bucket then
      run = tonumber(fields[i + 1])
    elseif leaves_at(bucket, rule) > now then
      used = used + fields[i + 1]
      newest = math.max(newest, bucket)
    else
      table.insert(stale, fields[i])
    end
  end
  local excess = used + cost - rule.limit
  local wait = excess > 0 and wait_for(excess, fields, rule, now) or 0
  local reset = used > 0 and leaves_at(newest, rule) - now or 0
  return wait, rule.limit - used, reset, { used = used, newest = newest, stale = stale, run = run }
end

function sliding_window.charge(key, rule, cost, now, state)
  local bucket, run = math.floor(now / rule.bucket), state.run
  if state.used == 0 then
    run = now
    redis.call('DEL', key)
    redis.call('HSET', key, 'run', run, bucket, cost)
  else
    redis.call('HINCRBY', key, bucket, cost)
    if #state.stale > 0 then redis.call('HDEL', key, unpack(state.stale)) end
  end
  redis.call('PEXPIRE', key, to_ttl(rule.life))
  local reset = leaves_at(math.max(state.newest, bucket), rule) - now
  return rule.limit - state.used - cost, reset, run, bucket
end

function sliding_window.refund(key, rule, cost, _, run, bucket)
  local found, count = unpack(redis.call('HMGET', key, 'run', bucket))
  if tonumber(found) ~= run or not count then return end
  if tonumber(count) > cost then
    redis.call('HINCRBY', key, bucket, -cost)
  else
    redis.call('HDEL', key, bucket)
    if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
  end
  redis.call('PEXPIRE', key, to_ttl(rule.life))
end
-- Kept as a hash of \`run\`, \`window\`, and the counts of the \`current\` and the \`previous\` one.
local sliding_counter = {}

local function read_windows(key, rule, now)
  local found = redis.call('HMGET', key, 'run', 'window', 'current', 'previous')
  local state = { window = math.floor(now / rule.window), current = 0, previous = 0 }
  local window = tonumber(found[2]) or -1
  if window >= state.window then
    -- A later window than now's: the clock was set back, and time waits at its beginning.
    state.window, state.current, state.previous = window, tonumber(found[3]), tonumber(found[4])
  elseif window == state.window - 1 then
    state.previous = tonumber(found[3])
  end
  state.run = state.current + state.previous > 0 and tonumber(found[1]) or nil
  state.elapsed = math.max(0, now - state.window * rule.window)
  return state
end

local function measure_windows(rule, now, state)
  local W = rule.window
  local free = (rule.limit - state.current) * W - state.previous * (W - state.elapsed)
  local left = (state.window + 1) * W - now
  local reset = state.current > 0 and left + W or state.previous > 0 and left or 0
  return math.max(0, math.floor(free / W)), reset
end

-- The time in a window after which \`count\` units of the one before weigh \`room\` or less.
local function fades_to(room, count, W)
  return count <= room and 0 or W - math.floor(room * W / count)
end

function sliding_counter.look(key, rule, cost, now)
  local W, state = rule.window, read_windows(key, rule, now)
  local room = rule.limit - cost
  local starts = state.window * W
  local wait = starts + W + fades_to(room, state.current, W) - now
  if state.current <= room then
    local fades = fades_to(room - state.current, state.previous, W)
    if fades <= state.elapsed then
      wait = 0
    elseif fades < W then
      wait = starts + fades - now
    end
  end
  local remaining, reset = measure_windows(rule, now, state)
  return wait, remaining, reset, state
end

function sliding_counter.write(key, rule, state)
  local counts = { 'current', state.current, 'previous', state.previous }
  redis.call('HSET', key, 'run', state.run, 'window', state.window, unpack(counts))
  redis.call('PEXPIRE', key, to_ttl(2 * rule.window))
end

function sliding_counter.charge(key, rule, cost, now, state)
  state.current = state.current + cost
  state.run = state.run or now
  sliding_counter.write(key, rule, state)
  local remaining, reset = measure_windows(rule, now, state)
  return remaining, reset, state.run, state.window
end

function sliding_counter.refund(key, rule, cost, now, run, window)
  local state = read_windows(key, rule, now)
  if state.run ~= run then return end
  window = tonumber(window)
  if window == state.window then state.current = math.max(0, state.current - cost) end
  if window == state.window - 1 then state.previous = math.max(0, state.previous - cost) end
  if state.current + state.previous > 0 then
    sliding_counter.write(key, rule, state)
  else
    redis.call('DEL', key)
  end
end
-- Kept as a sorted set of one member for each unit, "call:number", by the time it was used.
local sliding_log = {}

function sliding_log.look(key, rule, cost, now)
  local after = string.format('(%.0f', now - rule.window)
  local used = redis.call('ZCOUNT', key, after, '+inf')
  local wait, reset, excess = 0, 0, used + cost - rule.limit
  if excess > 0 then
    local unit = redis.call('ZRANGEBYSCORE', key, after, '+inf', 'WITHSCORES', 'LIMIT', excess - 1, 1)
    wait = unit[2] + rule.window - now
  end
  if used > 0 then
    reset = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2] + rule.window - now
  end
  return wait, rule.limit - used, reset, { used = used, reset = reset }
end

function sliding_log.charge(key, rule, cost, now, state, call)
  local units = {}
  for number = 1, cost do
    table.insert(units, now)
    table.insert(units, string.format('%s:%.0f', call, number))
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - rule.window)
  redis.call('ZADD', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(rule.window))
  return rule.limit - state.used - cost, math.max(rule.window, state.reset), 0, call
end

function sliding_log.refund(key, rule, cost, _, _, call)
  local units = {}
  for number = 1, cost do
    table.insert(units, string.format('%s:%.0f', call, number))
  end
  redis.call('ZREM', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(rule.window))
end
-- Kept as "full:part:run": the bucket is full again \`part / refill[2]\` microseconds after \`full\`.
local token_bucket = {}

-- What is owed to the bucket, in \`1 / refill[2]\` of a microsecond, and the run.
local function read_debt(key, rule, now)
  local full, part, run = string.match(redis.call('GET', key) or '', '^(%d+):(%d+):(%d+)$')
  local debt = full and (full - now) * rule.refill[2] + part or 0
  if debt <= 0 then return 0 end
  return debt, tonumber(run)
end

local function write_debt(key, rule, debt, now, run)
  local whole = math.floor(debt / rule.refill[2])
  local value = string.format('%.0f:%.0f:%.0f', now + whole, debt - whole * rule.refill[2], run)
  redis.call('SET', key, value, 'PX', to_ttl(debt / rule.refill[2]))
end

function token_bucket.look(key, rule, cost, now)
  local price, per_us = rule.refill[1], rule.refill[2]
  local debt, run = read_debt(key, rule, now)
  local free = rule.limit * price - debt
  local wait = math.max(0, math.ceil((cost * price - free) / per_us))
  local remaining = math.max(0, math.floor(free / price))
  return wait, remaining, math.ceil(debt / per_us), { debt = debt, run = run }
end

function token_bucket.charge(key, rule, cost, now, state)
  local price, per_us = rule.refill[1], rule.refill[2]
  local debt, run = state.debt + cost * price, state.run or now
  write_debt(key, rule, debt, now, run)
  local reset = math.ceil(debt / per_us)
  return math.floor((rule.limit * price - debt) / price), reset, run, now + reset
end

-- Debts are worked off in order, and what is worked off is not given back a second time.
function token_bucket.refund(key, rule, cost, now, run, paid_at)
  local debt, found = read_debt(key, rule, now)
  if found ~= run then return end
  local unpaid = math.max(0, (tonumber(paid_at) - now) * rule.refill[2])
  debt = debt - math.min(cost * rule.refill[1], unpaid)
  if debt > 0 then
    write_debt(key, rule, debt, now, run)
  else
    redis.call('DEL', key)
  end
end
-- Each strategy has three functions, with the arithmetic of counter-strategies.ts:
--   look(key, rule, cost, now)                   returns wait, remaining, reset, state
--   charge(key, rule, cost, now, state, call)    returns remaining, reset, run, slot
--   refund(key, rule, cost, now, run, slot)
-- \`look\` writes nothing, and \`refund\` only in the run of counting that was charged. A refund gets its
-- slot as text.
local strategies = {
  ['fixed-window'] = fixed_window,
  ['sliding-window'] = sliding_window,
  ['sliding-counter'] = sliding_counter,
  ['sliding-log'] = sliding_log,
  ['token-bucket'] = token_bucket,
}

-- Takes the keys of one rule out of a list of many; only those the rule has use for are in it.
local function key_taker(keys)
  local taken = 0
  local function take()
    taken = taken + 1
    return keys[taken]
  end
  return function(policy)
    local names = { counter = take(), block = take() }
    if policy and policy.factor > 1 then names.level = take() end
    if policy and policy.violations > 1 then names.violations = take() end
    return names
  end
end

-- Nothing counts for longer than \`life\`, even if its key lost its end or the clock was set back.
local function heal(key, life, wait)
  local ttl = redis.call('PTTL', key)
  if ttl == -1 or ttl > to_ttl(life) then redis.call('PEXPIRE', key, to_ttl(life)) end
  return math.min(wait, life)
end

local now = current_time(given_now)
for index, counter in ipairs(counters) do
  local text, cost, run, slot = unpack(charges, index * 4 - 3, index * 4)
  local rule = cjson.decode(text)
  local refund = strategies[rule.strategy].refund
  refund(counter, rule, tonumber(cost), now, tonumber(run), slot)
end
return 'done'
`,
}

export const rotateSession: Script<'session' | 'index' | 'epochKey' | 'retired', 'givenNow' | 'head' | 'sealed' | 'isActivity' | 'member' | 'linger' | 'digest' | 'note' | 'grace', never, never> = {
  name: 'rotate-session',
  sha1: '439cc7b0efd1d08ae44b1f2f8ea6086e47799cc8',
  keys: ['session', 'index', 'epochKey', 'retired'],
  args: ['givenNow', 'head', 'sealed', 'isActivity', 'member', 'linger', 'digest', 'note', 'grace'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Replaces what a living session holds and its token, and remembers the old token with a note, so
-- that it works for requests under way and gives a thief away later.
-- Returns {'written', now, times}, {'conflict', now, record} or {'gone'}.
local session = KEYS[1]
local index = KEYS[2]
local epoch_key = KEYS[3]
local retired = KEYS[4]
local given_now = tonumber(ARGV[1])
local head = ARGV[2]
local sealed = ARGV[3]
local is_activity = tonumber(ARGV[4])
local member = ARGV[5]
local linger = tonumber(ARGV[6])
local digest = ARGV[7]
local note = ARGV[8]
local grace = tonumber(ARGV[9])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, math.ceil(deadline / 1000), member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- time is over, or whose record is gone, leave the index.
local function indexed_sessions(index, prefix, owner, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
  local sessions = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if string.sub(member, 1, #owner) == owner then
      local value = redis.call('GET', prefix .. member)
      if value then
        table.insert(sessions, { member, value })
      else
        redis.call('ZREM', index, member)
      end
    end
  end
  return sessions
end
-- Needs given_now, head, sealed, is_activity, member and linger.
local function replace_record(session, index, epoch_key)
  local now = clock(given_now)
  local value = redis.call('GET', session)
  local created, seen, epoch, idle, absolute, generation = unpack_record(value or '')
  if not created or ending(now, created, seen, idle, absolute) then return { 'gone' } end
  if tonumber(redis.call('GET', epoch_key) or 0) > epoch then return { 'gone' } end
  if struct.unpack('>I4', head, 6) ~= generation + 1 then return { 'conflict', now, value } end

  if is_activity == 1 and now > seen then seen = now end
  local times = pack_times(created, seen, epoch)
  redis.call('SET', session, head .. times .. sealed)
  local deadline = math.min(seen + idle, created + absolute)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  return { 'written', now, times }
end

local reply = replace_record(session, index, epoch_key)
if reply[1] == 'written' then
  local now = reply[2]
  local created = struct.unpack('>I6', reply[3])
  local absolute = struct.unpack('>I4', head, 14) * 1000
  redis.call('HSET', retired, digest, struct.pack('>I6', now + grace) .. note)
  redis.call('PEXPIRE', retired, created + absolute - now + linger)
end
return reply
`,
}

export const saveSession: Script<'session' | 'index' | 'epochKey', 'givenNow' | 'head' | 'sealed' | 'isActivity' | 'member' | 'linger', never, never> = {
  name: 'save-session',
  sha1: 'abb3d1c532cf43a2997fda9125f1e7570980e479',
  keys: ['session', 'index', 'epochKey'],
  args: ['givenNow', 'head', 'sealed', 'isActivity', 'member', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Replaces what a living session holds, if its generation is still the one the caller read.
-- Returns {'written', now, times}, {'conflict', now, record} or {'gone'}; nothing is brought back.
local session = KEYS[1]
local index = KEYS[2]
local epoch_key = KEYS[3]
local given_now = tonumber(ARGV[1])
local head = ARGV[2]
local sealed = ARGV[3]
local is_activity = tonumber(ARGV[4])
local member = ARGV[5]
local linger = tonumber(ARGV[6])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, math.ceil(deadline / 1000), member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- time is over, or whose record is gone, leave the index.
local function indexed_sessions(index, prefix, owner, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
  local sessions = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if string.sub(member, 1, #owner) == owner then
      local value = redis.call('GET', prefix .. member)
      if value then
        table.insert(sessions, { member, value })
      else
        redis.call('ZREM', index, member)
      end
    end
  end
  return sessions
end
-- Needs given_now, head, sealed, is_activity, member and linger.
local function replace_record(session, index, epoch_key)
  local now = clock(given_now)
  local value = redis.call('GET', session)
  local created, seen, epoch, idle, absolute, generation = unpack_record(value or '')
  if not created or ending(now, created, seen, idle, absolute) then return { 'gone' } end
  if tonumber(redis.call('GET', epoch_key) or 0) > epoch then return { 'gone' } end
  if struct.unpack('>I4', head, 6) ~= generation + 1 then return { 'conflict', now, value } end

  if is_activity == 1 and now > seen then seen = now end
  local times = pack_times(created, seen, epoch)
  redis.call('SET', session, head .. times .. sealed)
  local deadline = math.min(seen + idle, created + absolute)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  return { 'written', now, times }
end

return replace_record(session, index, epoch_key)
`,
}

export const unblockLimit: Script<'counter' | 'block' | 'level' | 'violations', 'givenNow', never, never> = {
  name: 'unblock-limit',
  sha1: 'deeea9ebb67733894139fb80c8972ba2c44df94b',
  keys: ['counter', 'block', 'level', 'violations'],
  args: ['givenNow'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Forgets all that is known of one key under one rule.
-- Returns 'blocked' when there was a block, otherwise 'free'.
local counter = KEYS[1]
local block = KEYS[2]
local level = KEYS[3]
local violations = KEYS[4]
local given_now = tonumber(ARGV[1])
-- Times are integers in microseconds. A count that ends is kept as "ends:count".
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local ends, count = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  ends = tonumber(ends)
  if not ends or ends <= now then return 0, 0 end
  return tonumber(count), ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, string.format('%.0f:%.0f', ends, count), 'PX', to_ttl(ends - now))
end
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

local blocked = read_block(block, current_time(given_now))
redis.call('DEL', counter, block, level, violations)
return blocked == 0 and 'free' or 'blocked'
`,
}
