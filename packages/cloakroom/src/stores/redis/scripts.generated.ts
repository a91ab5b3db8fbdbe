// Written by scripts/build-lua.js. Change the Lua files and run `npm run generate`.
import type { Script } from './script.ts'

export const appendAudit: Script<'stream' | 'headKey', 'after' | 'head' | 'keep', never, 'entries'> = {
  name: 'append-audit',
  sha1: 'a27cc6dc8319ef2a0d40a1428b57b1f9f199a953',
  keys: ['stream', 'headKey'],
  args: ['after', 'head', 'keep'],
  restKeys: undefined,
  restArgs: 'entries',
  source: `-- Appends entries to a log of the audit trail if it still ends as the caller thinks, so that each
-- was signed with the one before it. The oldest entries leave, beyond as many as are kept.
-- Returns {'appended'} or {'conflict', head}.
local stream = KEYS[1]
local head_key = KEYS[2]
local after = ARGV[1]
local head = ARGV[2]
local keep = tonumber(ARGV[3])
local entries = { unpack(ARGV, 4) }

local present = redis.call('GET', head_key) or ''
if present ~= after then return { 'conflict', present } end
for position = 1, #entries, 3 do
  local sequence, mac, sealed = unpack(entries, position, position + 2)
  redis.call('XADD', stream, 'MAXLEN', '=', keep, '*', 'n', sequence, 'm', mac, 'd', sealed)
end
redis.call('SET', head_key, head)
return { 'appended' }
`,
}

export const blockLimit: Script<'counter' | 'block' | 'violations', 'givenNow' | 'length' | 'reason', never, never> = {
  name: 'block-limit',
  sha1: '93c61f359690a5b2b6271f3499ee61650744b786',
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
-- Times are integers in microseconds. Numbers are kept as doubles, which is what Lua counts in: as text
-- they would lose digits, and cost more than the rest of a script. A count that ends is two of them.
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 16 then return 0, 0 end
  local ends, count = struct.unpack('>dd', value)
  if ends <= now then return 0, 0 end
  return count, ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, struct.pack('>dd', ends, count), 'PX', to_ttl(ends - now))
end
-- A block is kept as its end, 0 for none, its level and its reason.

-- The time left, 0 for no block and -1 for one without end; the level; the reason.
local function read_block(key, now)
  local value = redis.call('GET', key)
  if not value or #value < 16 then return 0 end
  local ends, level, after = struct.unpack('>dd', value)
  local left = ends == 0 and -1 or math.max(0, ends - now)
  return left, level, string.sub(value, after)
end

local function write_block(key, now, length, level, reason)
  local value = struct.pack('>dd', now + length, level) .. reason
  redis.call('SET', key, value, 'PX', to_ttl(length))
end

if length == 0 then
  redis.call('SET', block, struct.pack('>dd', 0, 0) .. reason)
else
  write_block(block, current_time(given_now), length, 0, reason)
end
redis.call('DEL', counter, violations)
return 'done'
`,
}

export const claimSession: Script<'session' | 'retired', 'givenNow' | 'digest' | 'note' | 'grace' | 'linger', never, never> = {
  name: 'claim-session',
  sha1: 'b811074bc53a01bb64710ab2b6d268e1e366c00f',
  keys: ['session', 'retired'],
  args: ['givenNow', 'digest', 'note', 'grace', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Remembers which session a sign-in puts in the place of this one, unless another was faster.
-- Returns {note, 1 while the faster one is under way or 0 when it is done}, or false.
local session = KEYS[1]
local retired = KEYS[2]
local given_now = tonumber(ARGV[1])
local digest = ARGV[2]
local note = ARGV[3]
local grace = tonumber(ARGV[4])
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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
-- So many former tokens of a session are remembered: nobody fills the memory by rotating.
local most_notes = 32

-- Remembers a former token with a note, for \`ttl\`; from \`grace_end\` on its use is theft.
local function remember(retired, digest, note, grace_end, ttl)
  redis.call('HSET', retired, digest, struct.pack('>I6', grace_end) .. note)
  redis.call('PEXPIRE', retired, ttl)
  if redis.call('HLEN', retired) <= most_notes then return end
  local notes = redis.call('HGETALL', retired)
  local oldest, earliest
  for at = 1, #notes, 2 do
    local its_end = struct.unpack('>I6', notes[at + 1])
    local is_older = not earliest or its_end < earliest
    if is_older and notes[at] ~= digest then oldest, earliest = notes[at], its_end end
  end
  redis.call('HDEL', retired, oldest)
end

local now = clock(given_now)
local known = redis.call('HGET', retired, digest)
local exists = redis.call('EXISTS', session)
if known and now < struct.unpack('>I6', known) then return { string.sub(known, 7), exists } end
if exists == 1 then
  local ttl = math.max(redis.call('PTTL', retired), grace + linger)
  remember(retired, digest, note, now + grace, ttl)
end
return false
`,
}

export const commitLimit: Script<never, 'givenNow', 'keys', 'rules'> = {
  name: 'commit-limit',
  sha1: 'd14c56a7c524f8f65c13e27867e9db3e62ccf195',
  keys: [],
  args: ['givenNow'],
  restKeys: 'keys',
  restArgs: 'rules',
  source: `-- Blocks those whose reserved units use up the limit of a rule that blocks there. See
-- counter-layout.ts for how rules are written.
-- Returns for each rule the length of the block that began, or 0.
local given_now = tonumber(ARGV[1])
local keys = { unpack(KEYS, 1) }
local rules = { unpack(ARGV, 2) }
-- Times are integers in microseconds. Numbers are kept as doubles, which is what Lua counts in: as text
-- they would lose digits, and cost more than the rest of a script. A count that ends is two of them.
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 16 then return 0, 0 end
  local ends, count = struct.unpack('>dd', value)
  if ends <= now then return 0, 0 end
  return count, ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, struct.pack('>dd', ends, count), 'PX', to_ttl(ends - now))
end
-- A block is kept as its end, 0 for none, its level and its reason.

-- The time left, 0 for no block and -1 for one without end; the level; the reason.
local function read_block(key, now)
  local value = redis.call('GET', key)
  if not value or #value < 16 then return 0 end
  local ends, level, after = struct.unpack('>dd', value)
  local left = ends == 0 and -1 or math.max(0, ends - now)
  return left, level, string.sub(value, after)
end

local function write_block(key, now, length, level, reason)
  local value = struct.pack('>dd', now + length, level) .. reason
  redis.call('SET', key, value, 'PX', to_ttl(length))
end
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
-- A fixed window is kept as its end, which names the run, and what was used.
local function look_fixed_window(key, rule, cost, now)
  local used, ends = read_count(key, now)
  if used == 0 then return 0, rule.limit, 0, now + rule.window end
  return used + cost > rule.limit and ends - now or 0, rule.limit - used, ends - now, ends
end

local function charge_fixed_window(key, look, now)
  local cost, remaining, ends = look.cost, look.remaining, look.state
  local used = look.rule.limit - remaining
  if used == 0 then
    write_count(key, cost, ends, now)
  else
    -- The key ends with the window, which does not grow longer. Not to say so again saves a third.
    redis.call('SET', key, struct.pack('>dd', ends, used + cost), 'KEEPTTL')
  end
  return remaining - cost, ends - now, ends, 0
end
-- A sliding window is kept as a hash of bucket to count, and \`run\`: when counting began. A bucket is
-- \`step\` long, and \`steps\` of them make up the window.
local function leaves_at(bucket, rule)
  return (bucket + rule.steps + 1) * rule.step
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

local function look_sliding_window(key, rule, cost, now)
  local fields = redis.call('HGETALL', key)
  local used, newest, stale, run = 0, 0, nil, nil
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if not bucket then
      run = tonumber(fields[i + 1])
    elseif leaves_at(bucket, rule) > now then
      used = used + fields[i + 1]
      if bucket > newest then newest = bucket end
    else
      stale = stale or {}
      table.insert(stale, fields[i])
    end
  end
  local excess = used + cost - rule.limit
  local wait = excess > 0 and wait_for(excess, fields, rule, now) or 0
  local reset = used > 0 and leaves_at(newest, rule) - now or 0
  return wait, rule.limit - used, reset, { newest = newest, stale = stale, run = run }
end

local function charge_sliding_window(key, look, now)
  local rule, cost, state = look.rule, look.cost, look.state
  local bucket, run, count = math.floor(now / rule.step), state.run, cost
  if look.remaining == rule.limit then
    run = now
    redis.call('DEL', key)
    redis.call('HSET', key, 'run', run, bucket, cost)
  else
    count = redis.call('HINCRBY', key, bucket, cost)
    if state.stale then redis.call('HDEL', key, unpack(state.stale)) end
  end
  -- The first unit of a bucket has said how long the key must live for it.
  if count == cost then redis.call('PEXPIRE', key, to_ttl((rule.steps + 1) * rule.step)) end
  local reset = leaves_at(math.max(state.newest, bucket), rule) - now
  return look.remaining - cost, reset, run, bucket
end
-- A sliding counter is kept as the run, the window, and the counts of that window and the one before.
local function read_windows(key, rule, now)
  local value = redis.call('GET', key)
  local state = { window = math.floor(now / rule.window), current = 0, previous = 0 }
  if value and #value == 32 then
    local run, window, current, previous = struct.unpack('>dddd', value)
    if window >= state.window then
      -- A later window than now's: the clock was set back, and time waits at its beginning.
      state.window, state.current, state.previous = window, current, previous
    elseif window == state.window - 1 then
      state.previous = current
    end
    if state.current + state.previous > 0 then state.run = run end
  end
  state.elapsed = math.max(0, now - state.window * rule.window)
  return state
end

local function write_windows(key, rule, state)
  local value = struct.pack('>dddd', state.run, state.window, state.current, state.previous)
  redis.call('SET', key, value, 'PX', to_ttl(2 * rule.window))
end

local function measure_windows(rule, now, state)
  local length = rule.window
  local free = (rule.limit - state.current) * length - state.previous * (length - state.elapsed)
  local left = (state.window + 1) * length - now
  local reset = state.current > 0 and left + length or state.previous > 0 and left or 0
  return math.max(0, math.floor(free / length)), reset
end

-- The time in a window after which \`count\` units of the one before weigh \`room\` or less.
local function fades_to(room, count, length)
  return count <= room and 0 or length - math.floor(room * length / count)
end

local function look_sliding_counter(key, rule, cost, now)
  local length, state = rule.window, read_windows(key, rule, now)
  local room = rule.limit - cost
  local starts = state.window * length
  local wait = starts + length + fades_to(room, state.current, length) - now
  if state.current <= room then
    local fades = fades_to(room - state.current, state.previous, length)
    if fades <= state.elapsed then
      wait = 0
    elseif fades < length then
      wait = starts + fades - now
    end
  end
  local remaining, reset = measure_windows(rule, now, state)
  return wait, remaining, reset, state
end

local function charge_sliding_counter(key, look, now)
  local rule, state = look.rule, look.state
  state.current = state.current + look.cost
  state.run = state.run or now
  write_windows(key, rule, state)
  local remaining, reset = measure_windows(rule, now, state)
  return remaining, reset, state.run, state.window
end
-- A sliding log is kept as a sorted set of units by the time they were used; a unit is named after the
-- call that used it.
local function look_sliding_log(key, rule, cost, now)
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
  return wait, rule.limit - used, reset
end

local function charge_sliding_log(key, look, now, call)
  local window, units = look.rule.window, {}
  for number = 1, look.cost do
    table.insert(units, now)
    table.insert(units, call .. ':' .. number)
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  redis.call('ZADD', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(window))
  return look.remaining - look.cost, math.max(window, look.reset), 0
end
-- A token bucket is kept as when it is full again, in microseconds and \`1 / steps\` of one, and the run.
-- A token takes \`step / steps\` microseconds to come back.

-- What is owed to the bucket, in \`1 / steps\` of a microsecond, and the run.
local function read_debt(key, rule, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 24 then return 0 end
  local full, part, run = struct.unpack('>ddd', value)
  local debt = (full - now) * rule.steps + part
  if debt <= 0 then return 0 end
  return debt, run
end

local function write_debt(key, rule, debt, now, run)
  local whole = math.floor(debt / rule.steps)
  local value = struct.pack('>ddd', now + whole, debt - whole * rule.steps, run)
  redis.call('SET', key, value, 'PX', to_ttl(debt / rule.steps))
end

local function look_token_bucket(key, rule, cost, now)
  local debt, run = read_debt(key, rule, now)
  local free = rule.limit * rule.step - debt
  local wait = math.max(0, math.ceil((cost * rule.step - free) / rule.steps))
  local remaining = math.max(0, math.floor(free / rule.step))
  return wait, remaining, math.ceil(debt / rule.steps), { debt = debt, run = run }
end

local function charge_token_bucket(key, look, now)
  local rule = look.rule
  local debt, run = look.state.debt + look.cost * rule.step, look.state.run or now
  write_debt(key, rule, debt, now, run)
  local reset = math.ceil(debt / rule.steps)
  return math.floor((rule.limit * rule.step - debt) / rule.step), reset, run, now + reset
end
-- The arithmetic of each strategy is that of counter-strategies.ts. What the values of a rule mean says
-- counter-layout.ts.

-- Writes nothing. Returns how long until \`cost\` fits, what remains, when all is back, and a state.
local function look_at(key, rule, cost, now)
  local strategy, look = rule.strategy, look_sliding_window
  if strategy == 'token-bucket' then
    look = look_token_bucket
  elseif strategy == 'fixed-window' then
    look = look_fixed_window
  elseif strategy == 'sliding-counter' then
    look = look_sliding_counter
  elseif strategy == 'sliding-log' then
    look = look_sliding_log
  end
  return look(key, rule, cost, now)
end

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
`,
}

export const consumeLimit: Script<never, 'name' | 'writtenRules' | 'writtenCalls', 'keys', never> = {
  name: 'consume-limit',
  sha1: '27670587b7e9d2b16761e879e0c45195b65c68e4',
  keys: [],
  args: ['name', 'writtenRules', 'writtenCalls'],
  restKeys: 'keys',
  restArgs: undefined,
  source: `-- Judges calls one after the other. Each charges several limits, or none of them when one that is not
-- in shadow refuses, and blocks those who break a rule that wants it. In mode 'peek' nothing is
-- written; in mode 'reserve' blocks at the limit are left to commit-limit.lua. See counter-layout.ts
-- for how rules and calls are written.
-- Returns all answers as one text, and then for each call that failed its place and why. An answer is
-- seven doubles for each check: remaining, wait, reset, blocked, 1 when the block began now, run, slot.
-- A wait of 0 passes and one of -1 never ends; a run of -1 means that nothing was charged.
local name = ARGV[1]
local written_rules = ARGV[2]
local written_calls = ARGV[3]
local keys = { unpack(KEYS, 1) }
-- Times are integers in microseconds. Numbers are kept as doubles, which is what Lua counts in: as text
-- they would lose digits, and cost more than the rest of a script. A count that ends is two of them.
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 16 then return 0, 0 end
  local ends, count = struct.unpack('>dd', value)
  if ends <= now then return 0, 0 end
  return count, ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, struct.pack('>dd', ends, count), 'PX', to_ttl(ends - now))
end
-- A block is kept as its end, 0 for none, its level and its reason.

-- The time left, 0 for no block and -1 for one without end; the level; the reason.
local function read_block(key, now)
  local value = redis.call('GET', key)
  if not value or #value < 16 then return 0 end
  local ends, level, after = struct.unpack('>dd', value)
  local left = ends == 0 and -1 or math.max(0, ends - now)
  return left, level, string.sub(value, after)
end

local function write_block(key, now, length, level, reason)
  local value = struct.pack('>dd', now + length, level) .. reason
  redis.call('SET', key, value, 'PX', to_ttl(length))
end
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
-- A fixed window is kept as its end, which names the run, and what was used.
local function look_fixed_window(key, rule, cost, now)
  local used, ends = read_count(key, now)
  if used == 0 then return 0, rule.limit, 0, now + rule.window end
  return used + cost > rule.limit and ends - now or 0, rule.limit - used, ends - now, ends
end

local function charge_fixed_window(key, look, now)
  local cost, remaining, ends = look.cost, look.remaining, look.state
  local used = look.rule.limit - remaining
  if used == 0 then
    write_count(key, cost, ends, now)
  else
    -- The key ends with the window, which does not grow longer. Not to say so again saves a third.
    redis.call('SET', key, struct.pack('>dd', ends, used + cost), 'KEEPTTL')
  end
  return remaining - cost, ends - now, ends, 0
end
-- A sliding window is kept as a hash of bucket to count, and \`run\`: when counting began. A bucket is
-- \`step\` long, and \`steps\` of them make up the window.
local function leaves_at(bucket, rule)
  return (bucket + rule.steps + 1) * rule.step
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

local function look_sliding_window(key, rule, cost, now)
  local fields = redis.call('HGETALL', key)
  local used, newest, stale, run = 0, 0, nil, nil
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if not bucket then
      run = tonumber(fields[i + 1])
    elseif leaves_at(bucket, rule) > now then
      used = used + fields[i + 1]
      if bucket > newest then newest = bucket end
    else
      stale = stale or {}
      table.insert(stale, fields[i])
    end
  end
  local excess = used + cost - rule.limit
  local wait = excess > 0 and wait_for(excess, fields, rule, now) or 0
  local reset = used > 0 and leaves_at(newest, rule) - now or 0
  return wait, rule.limit - used, reset, { newest = newest, stale = stale, run = run }
end

local function charge_sliding_window(key, look, now)
  local rule, cost, state = look.rule, look.cost, look.state
  local bucket, run, count = math.floor(now / rule.step), state.run, cost
  if look.remaining == rule.limit then
    run = now
    redis.call('DEL', key)
    redis.call('HSET', key, 'run', run, bucket, cost)
  else
    count = redis.call('HINCRBY', key, bucket, cost)
    if state.stale then redis.call('HDEL', key, unpack(state.stale)) end
  end
  -- The first unit of a bucket has said how long the key must live for it.
  if count == cost then redis.call('PEXPIRE', key, to_ttl((rule.steps + 1) * rule.step)) end
  local reset = leaves_at(math.max(state.newest, bucket), rule) - now
  return look.remaining - cost, reset, run, bucket
end
-- A sliding counter is kept as the run, the window, and the counts of that window and the one before.
local function read_windows(key, rule, now)
  local value = redis.call('GET', key)
  local state = { window = math.floor(now / rule.window), current = 0, previous = 0 }
  if value and #value == 32 then
    local run, window, current, previous = struct.unpack('>dddd', value)
    if window >= state.window then
      -- A later window than now's: the clock was set back, and time waits at its beginning.
      state.window, state.current, state.previous = window, current, previous
    elseif window == state.window - 1 then
      state.previous = current
    end
    if state.current + state.previous > 0 then state.run = run end
  end
  state.elapsed = math.max(0, now - state.window * rule.window)
  return state
end

local function write_windows(key, rule, state)
  local value = struct.pack('>dddd', state.run, state.window, state.current, state.previous)
  redis.call('SET', key, value, 'PX', to_ttl(2 * rule.window))
end

local function measure_windows(rule, now, state)
  local length = rule.window
  local free = (rule.limit - state.current) * length - state.previous * (length - state.elapsed)
  local left = (state.window + 1) * length - now
  local reset = state.current > 0 and left + length or state.previous > 0 and left or 0
  return math.max(0, math.floor(free / length)), reset
end

-- The time in a window after which \`count\` units of the one before weigh \`room\` or less.
local function fades_to(room, count, length)
  return count <= room and 0 or length - math.floor(room * length / count)
end

local function look_sliding_counter(key, rule, cost, now)
  local length, state = rule.window, read_windows(key, rule, now)
  local room = rule.limit - cost
  local starts = state.window * length
  local wait = starts + length + fades_to(room, state.current, length) - now
  if state.current <= room then
    local fades = fades_to(room - state.current, state.previous, length)
    if fades <= state.elapsed then
      wait = 0
    elseif fades < length then
      wait = starts + fades - now
    end
  end
  local remaining, reset = measure_windows(rule, now, state)
  return wait, remaining, reset, state
end

local function charge_sliding_counter(key, look, now)
  local rule, state = look.rule, look.state
  state.current = state.current + look.cost
  state.run = state.run or now
  write_windows(key, rule, state)
  local remaining, reset = measure_windows(rule, now, state)
  return remaining, reset, state.run, state.window
end
-- A sliding log is kept as a sorted set of units by the time they were used; a unit is named after the
-- call that used it.
local function look_sliding_log(key, rule, cost, now)
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
  return wait, rule.limit - used, reset
end

local function charge_sliding_log(key, look, now, call)
  local window, units = look.rule.window, {}
  for number = 1, look.cost do
    table.insert(units, now)
    table.insert(units, call .. ':' .. number)
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  redis.call('ZADD', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(window))
  return look.remaining - look.cost, math.max(window, look.reset), 0
end
-- A token bucket is kept as when it is full again, in microseconds and \`1 / steps\` of one, and the run.
-- A token takes \`step / steps\` microseconds to come back.

-- What is owed to the bucket, in \`1 / steps\` of a microsecond, and the run.
local function read_debt(key, rule, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 24 then return 0 end
  local full, part, run = struct.unpack('>ddd', value)
  local debt = (full - now) * rule.steps + part
  if debt <= 0 then return 0 end
  return debt, run
end

local function write_debt(key, rule, debt, now, run)
  local whole = math.floor(debt / rule.steps)
  local value = struct.pack('>ddd', now + whole, debt - whole * rule.steps, run)
  redis.call('SET', key, value, 'PX', to_ttl(debt / rule.steps))
end

local function look_token_bucket(key, rule, cost, now)
  local debt, run = read_debt(key, rule, now)
  local free = rule.limit * rule.step - debt
  local wait = math.max(0, math.ceil((cost * rule.step - free) / rule.steps))
  local remaining = math.max(0, math.floor(free / rule.step))
  return wait, remaining, math.ceil(debt / rule.steps), { debt = debt, run = run }
end

local function charge_token_bucket(key, look, now)
  local rule = look.rule
  local debt, run = look.state.debt + look.cost * rule.step, look.state.run or now
  write_debt(key, rule, debt, now, run)
  local reset = math.ceil(debt / rule.steps)
  return math.floor((rule.limit * rule.step - debt) / rule.step), reset, run, now + reset
end
-- The arithmetic of each strategy is that of counter-strategies.ts. What the values of a rule mean says
-- counter-layout.ts.

-- Writes nothing. Returns how long until \`cost\` fits, what remains, when all is back, and a state.
local function look_at(key, rule, cost, now)
  local strategy, look = rule.strategy, look_sliding_window
  if strategy == 'token-bucket' then
    look = look_token_bucket
  elseif strategy == 'fixed-window' then
    look = look_fixed_window
  elseif strategy == 'sliding-counter' then
    look = look_sliding_counter
  elseif strategy == 'sliding-log' then
    look = look_sliding_log
  end
  return look(key, rule, cost, now)
end
-- What a check is told, and what is done about it, begins with a look. Needs keys.

-- A block begins by deleting the counter, and nothing is charged while it lasts: where anything is
-- counted, there is no block to look for.
local function look_first(rule, cost, first, now)
  local wait, remaining, reset, state =
    look_at(keys[first], rule, cost < rule.limit and cost or rule.limit, now)
  local blocked, level, reason = 0, nil, nil
  if remaining >= rule.limit then
    blocked, level, reason = read_block(keys[first + 1], now)
    if blocked ~= 0 then
      wait, remaining, reset = blocked, 0, blocked
    end
  end
  -- All fields at once: a table that grows takes as long as a command.
  return {
    rule = rule,
    cost = cost,
    first = first,
    blocked = blocked,
    level = level,
    reason = reason,
    wait = cost > rule.limit and -1 or wait,
    remaining = remaining,
    reset = reset,
    state = state,
    started = 0,
    run = -1,
    slot = 0,
  }
end
-- What follows from a look. Needs keys and name.

local function break_and_note(look, now)
  local length = break_rule(keys, look.first, look.rule.policy, now)
  if length == 0 then return end
  look.started, look.blocked, look.remaining, look.reset = 1, length, 0, length
  if look.wait > 0 then look.wait = length end
end

-- A log names its units after the place, which is also where they can be found again.
local function charge(look, now, mode, place)
  local rule, charge_it, call = look.rule, charge_sliding_window, nil
  local strategy = rule.strategy
  if strategy == 'token-bucket' then
    charge_it = charge_token_bucket
  elseif strategy == 'fixed-window' then
    charge_it = charge_fixed_window
  elseif strategy == 'sliding-counter' then
    charge_it = charge_sliding_counter
  elseif strategy == 'sliding-log' then
    charge_it = charge_sliding_log
    call = name .. '-' .. place
  end
  local remaining, reset, run, slot = charge_it(keys[look.first], look, now, call)
  look.remaining, look.reset, look.run, look.slot = remaining, reset, run, slot or place
  local is_due = look.remaining == 0 and rule.blocks_at_limit and mode == 'charge'
  if is_due then break_and_note(look, now) end
end

local function extend(look, now)
  if look.blocked < 0 or look.reason ~= 'limit' then return end
  local length = block_length(look.rule.policy, look.level, now)
  write_block(keys[look.first + 1], now, length, look.level, 'limit')
  look.blocked, look.reset = length, length
  if look.wait > 0 then look.wait = length end
end

-- Nothing counts for longer than \`life\`, even if its key lost its end or the clock was set back.
local function heal(look)
  local key, life = keys[look.first], look.rule.life
  local ttl = redis.call('PTTL', key)
  if ttl == -1 or ttl > to_ttl(life) then redis.call('PEXPIRE', key, to_ttl(life)) end
  look.wait = math.min(look.wait, life)
end

local function refuse(look, now, mode)
  local rule = look.rule
  if look.blocked ~= 0 then
    if rule.is_extending then extend(look, now) end
  elseif look.wait ~= -1 then
    heal(look)
    -- Where the limit itself blocks, units that are only reserved do not count as a failure yet.
    local is_failure = mode == 'charge' or not rule.blocks_at_limit
    if rule.policy and is_failure then break_and_note(look, now) end
  end
end

local rules, calls = cjson.decode(written_rules), cjson.decode(written_calls)

local looks, numbers, size = {}, {}, 0

local function judge_call(at, count, first, now, mode)
  local passes = true
  for index = 1, count do
    local rule = rules[calls[at]]
    local look = look_first(rule, calls[at + 1], first, now)
    if look.wait ~= 0 and not rule.is_shadow then passes = false end
    looks[index] = look
    first = first + rule.key_count
    at = at + 2
  end
  for index = 1, count do
    local look = looks[index]
    if mode ~= 'peek' and look.wait ~= 0 then
      refuse(look, now, mode)
    elseif mode ~= 'peek' and passes and look.cost > 0 then
      charge(look, now, mode, at)
    end
    local so_far = size + 7 * (index - 1)
    numbers[so_far + 1], numbers[so_far + 2] = look.remaining, look.wait
    numbers[so_far + 3], numbers[so_far + 4] = look.reset, look.blocked
    numbers[so_far + 5], numbers[so_far + 6] = look.started, look.run
    numbers[so_far + 7] = look.slot
  end
end

local server_now = current_time(0)
local failures, at, first, place = {}, 1, 1, 0
while calls[at] do
  local given_now, mode, count, key_count = unpack(calls, at, at + 3)
  local now = given_now == 0 and server_now or given_now
  -- What one call fails on, such as a key of a wrong kind, is no concern of the others.
  local is_judged, problem = pcall(judge_call, at + 4, count, first, now, mode)
  place = place + 1
  if is_judged then
    size = size + 7 * count
  else
    failures[#failures + 1] = place
    failures[#failures + 1] = type(problem) == 'table' and problem.err or problem
  end
  at = at + 4 + 2 * count
  first = first + key_count
end
return { struct.pack('>' .. string.rep('d', size), unpack(numbers, 1, size)), unpack(failures) }
`,
}

export const createSession: Script<'session' | 'index' | 'epochKey', 'givenNow' | 'head' | 'sealed' | 'member' | 'limit' | 'over' | 'prefix' | 'owner' | 'replaced' | 'linger' | 'longest' | 'channel' | 'bucket', never, never> = {
  name: 'create-session',
  sha1: '81d2cbba5eaaea2a6b6be85040b97a604577f302',
  keys: ['session', 'index', 'epochKey'],
  args: ['givenNow', 'head', 'sealed', 'member', 'limit', 'over', 'prefix', 'owner', 'replaced', 'linger', 'longest', 'channel', 'bucket'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Stores a new session, enters it into its owner's index and ends those that are too many, so that
-- sign-ins in parallel never exceed the limit. A limit of -1 is none; without a member, no index.
-- The session that is replaced does not count.
-- Returns {'created', now, times, member, record, member, record …} with what was ended,
-- {'exists', now, record} when the session has begun already, or {'refused'}.
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
local replaced = ARGV[9]
local linger = tonumber(ARGV[10])
local longest = tonumber(ARGV[11])
local channel = ARGV[12]
local bucket = ARGV[13]
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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
-- Tells every process what changed; notices.ts says how. Where Redis does not allow it, no process
-- hears a thing, heartbeats included, and none relies on what it would have heard.
local function announce(channel, notice)
  redis.pcall('PUBLISH', channel, notice)
end

local now = clock(given_now)
local present = redis.call('GET', session)
if present then return { 'exists', now, present } end
local reply = { 'created', now, '' }
local ended = ''

local epoch = tonumber(redis.call('GET', epoch_key) or 0)

-- Living sessions of the owner as {order, member, record}, the first to end first.
local function living()
  local sessions = {}
  for _, entry in ipairs(indexed_sessions(index, prefix, owner, now)) do
    local created, seen, its_epoch, idle, absolute = unpack_record(entry[2])
    local lives = created and its_epoch >= epoch and not ending(now, created, seen, idle, absolute)
    if lives and entry[1] ~= replaced then
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
    ended = ended .. bucket .. name
  end
  if ended ~= '' then announce(channel, 'e' .. ended) end
end

if member ~= '' and limit < 0 then trim_index(index, now) end
-- The epoch must outlive what is written under it, or it would begin anew below that.
if epoch > 0 then redis.call('PEXPIRE', epoch_key, longest) end
local _, idle, absolute = struct.unpack('>I4I4I4', head, 6)
local ttl = math.min(idle, absolute) * 1000
local times = pack_times(now, now, epoch)
redis.call('SET', session, head .. times .. sealed)
keep_until(session, index, member, now + ttl, ttl + linger)
reply[3] = times
return reply
`,
}

export const endAllSessions: Script<'index' | 'epochKey', 'givenNow' | 'prefix' | 'owner' | 'kept' | 'longest' | 'channel' | 'notice', never, never> = {
  name: 'end-all-sessions',
  sha1: 'cd09d73a8775c617656271ea20965998db98620e',
  keys: ['index', 'epochKey'],
  args: ['givenNow', 'prefix', 'owner', 'kept', 'longest', 'channel', 'notice'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Ends all sessions of an owner but one. Raising the epoch ends those too that the index forgot.
-- Returns {member, record, member, record …} of what the index knew and what still lived.
local index = KEYS[1]
local epoch_key = KEYS[2]
local given_now = tonumber(ARGV[1])
local prefix = ARGV[2]
local owner = ARGV[3]
local kept = ARGV[4]
local longest = tonumber(ARGV[5])
local channel = ARGV[6]
local notice = ARGV[7]
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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
-- Tells every process what changed; notices.ts says how. Where Redis does not allow it, no process
-- hears a thing, heartbeats included, and none relies on what it would have heard.
local function announce(channel, notice)
  redis.pcall('PUBLISH', channel, notice)
end

local epoch = redis.call('INCR', epoch_key)
redis.call('PEXPIRE', epoch_key, longest)
announce(channel, notice)

-- The kept session goes on under the new epoch, known to the index or not, unless it had ended.
local value = kept ~= '' and redis.call('GET', prefix .. kept)
local created, seen, its_epoch = unpack_record(value or '')
if created and its_epoch >= epoch - 1 then
  redis.call('SETRANGE', prefix .. kept, 33, pack_times(created, seen, epoch))
end

local now = clock(given_now)
local reply = {}
for _, entry in ipairs(indexed_sessions(index, prefix, owner, now)) do
  local member, record = entry[1], entry[2]
  local began, used, _, idle, absolute = unpack_record(record)
  local is_over = began and ending(now, began, used, idle, absolute)
  if member ~= kept and not is_over then
    redis.call('DEL', prefix .. member)
    redis.call('ZREM', index, member)
    table.insert(reply, member)
    table.insert(reply, record)
  end
end
return reply
`,
}

export const endSession: Script<'session' | 'retired' | 'index', 'givenNow' | 'member' | 'digest' | 'note' | 'grace' | 'linger' | 'channel' | 'notice', never, never> = {
  name: 'end-session',
  sha1: '534a452a5afb063c4240221e2e2544a32dcc45e4',
  keys: ['session', 'retired', 'index'],
  args: ['givenNow', 'member', 'digest', 'note', 'grace', 'linger', 'channel', 'notice'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Ends one session. With a note, its token is remembered as replaced by another session.
-- Returns the record, or false when there was none that still lived.
local session = KEYS[1]
local retired = KEYS[2]
local index = KEYS[3]
local given_now = tonumber(ARGV[1])
local member = ARGV[2]
local digest = ARGV[3]
local note = ARGV[4]
local grace = tonumber(ARGV[5])
local linger = tonumber(ARGV[6])
local channel = ARGV[7]
local notice = ARGV[8]
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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
-- So many former tokens of a session are remembered: nobody fills the memory by rotating.
local most_notes = 32

-- Remembers a former token with a note, for \`ttl\`; from \`grace_end\` on its use is theft.
local function remember(retired, digest, note, grace_end, ttl)
  redis.call('HSET', retired, digest, struct.pack('>I6', grace_end) .. note)
  redis.call('PEXPIRE', retired, ttl)
  if redis.call('HLEN', retired) <= most_notes then return end
  local notes = redis.call('HGETALL', retired)
  local oldest, earliest
  for at = 1, #notes, 2 do
    local its_end = struct.unpack('>I6', notes[at + 1])
    local is_older = not earliest or its_end < earliest
    if is_older and notes[at] ~= digest then oldest, earliest = notes[at], its_end end
  end
  redis.call('HDEL', retired, oldest)
end
-- Tells every process what changed; notices.ts says how. Where Redis does not allow it, no process
-- hears a thing, heartbeats included, and none relies on what it would have heard.
local function announce(channel, notice)
  redis.pcall('PUBLISH', channel, notice)
end

local value = redis.call('GET', session)
redis.call('DEL', session)
redis.call('ZREM', index, member)
if value then announce(channel, notice) end
local now = clock(given_now)
local created, seen, _, idle, absolute = unpack_record(value or '')
if note == '' then
  redis.call('DEL', retired)
elseif value then
  local left = created and created + absolute - now or 0
  remember(retired, digest, note, now + grace, math.max(left, grace) + linger)
end
return created and not ending(now, created, seen, idle, absolute) and value
`,
}

export const listBlock: Script<'list', 'givenNow' | 'member' | 'length', never, never> = {
  name: 'list-block',
  sha1: 'a423841e7453f371e2e0e487560074c5f0693f7d',
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
-- Times are integers in microseconds. Numbers are kept as doubles, which is what Lua counts in: as text
-- they would lose digits, and cost more than the rest of a script. A count that ends is two of them.
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 16 then return 0, 0 end
  local ends, count = struct.unpack('>dd', value)
  if ends <= now then return 0, 0 end
  return count, ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, struct.pack('>dd', ends, count), 'PX', to_ttl(ends - now))
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
  sha1: '7e7853a6a56036be0d4f565537604941fe632ad8',
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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

export const loadSession: Script<'session' | 'retired' | 'index' | 'epochKey', 'givenNow' | 'digest' | 'touchEvery' | 'isUnderWay' | 'member' | 'linger' | 'channel' | 'notice', never, never> = {
  name: 'load-session',
  sha1: '64e233e0422fc581775daab86e11cf30239a93a0',
  keys: ['session', 'retired', 'index', 'epochKey'],
  args: ['givenNow', 'digest', 'touchEvery', 'isUnderWay', 'member', 'linger', 'channel', 'notice'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Finds the session of a token, or of its handle when the digest is empty, notes the activity, and ends a session that is over.
-- Returns {'valid', now, record}, {'retired', note}, {'reused', note, record or false},
-- or {reason, record or false} for no session. A record in a newer format is left as it is.
local session = KEYS[1]
local retired = KEYS[2]
local index = KEYS[3]
local epoch_key = KEYS[4]
local given_now = tonumber(ARGV[1])
local digest = ARGV[2]
local touch_every = tonumber(ARGV[3])
local is_under_way = tonumber(ARGV[4])
local member = ARGV[5]
local linger = tonumber(ARGV[6])
local channel = ARGV[7]
local notice = ARGV[8]
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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
-- Tells every process what changed; notices.ts says how. Where Redis does not allow it, no process
-- hears a thing, heartbeats included, and none relies on what it would have heard.
local function announce(channel, notice)
  redis.pcall('PUBLISH', channel, notice)
end

local function finish(reason, value)
  redis.call('DEL', session)
  redis.call('ZREM', index, member)
  announce(channel, notice)
  return { reason, value }
end

local value = redis.call('GET', session)
if value and (string.byte(value, 1) or 0) > format then return { 'newer-format', false } end
local now = clock(given_now)

if not value or (digest ~= '' and string.sub(value, 18, 33) ~= digest) then
  local note = redis.call('HGET', retired, digest)
  if not note then return { 'unknown', false } end
  if is_under_way == 1 or now < struct.unpack('>I6', note) then
    return { 'retired', string.sub(note, 7) }
  end
  redis.call('DEL', session, retired)
  redis.call('ZREM', index, member)
  if value then announce(channel, notice) end
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

export const raiseEpoch: Script<'epochs', 'givenNow' | 'name' | 'longest' | 'channel', never, never> = {
  name: 'raise-epoch',
  sha1: 'fefd55cad8687fda0ceed143f4d7e296baf7ed27',
  keys: ['epochs'],
  args: ['givenNow', 'name', 'longest', 'channel'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Raises an epoch that is not bound to an owner, and forgets those that no living session can be
-- older than. Returns its new value: the second it is, or one more than it was.
local epochs = KEYS[1]
local given_now = tonumber(ARGV[1])
local name = ARGV[2]
local longest = tonumber(ARGV[3])
local channel = ARGV[4]
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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
-- Tells every process what changed; notices.ts says how. Where Redis does not allow it, no process
-- hears a thing, heartbeats included, and none relies on what it would have heard.
local function announce(channel, notice)
  redis.pcall('PUBLISH', channel, notice)
end

local second = math.floor(clock(given_now) / 1000)
local raised = math.max(second, tonumber(redis.call('HGET', epochs, name) or 0) + 1)
local all = redis.call('HGETALL', epochs)
for place = 1, #all, 2 do
  if tonumber(all[place + 1]) < second - longest / 1000 then
    redis.call('HDEL', epochs, all[place])
  end
end
redis.call('HSET', epochs, name, raised)
redis.call('PEXPIRE', epochs, longest)
announce(channel, 't' .. raised .. ' ' .. name)
return raised
`,
}

export const readBlock: Script<'block', 'givenNow', never, never> = {
  name: 'read-block',
  sha1: '29e5cdfe733fc6457287d28911dd027ee635199a',
  keys: ['block'],
  args: ['givenNow'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Returns {time left or -1 for good, level, reason} of a block, or false when there is none.
local block = KEYS[1]
local given_now = tonumber(ARGV[1])
-- Times are integers in microseconds. Numbers are kept as doubles, which is what Lua counts in: as text
-- they would lose digits, and cost more than the rest of a script. A count that ends is two of them.
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 16 then return 0, 0 end
  local ends, count = struct.unpack('>dd', value)
  if ends <= now then return 0, 0 end
  return count, ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, struct.pack('>dd', ends, count), 'PX', to_ttl(ends - now))
end
-- A block is kept as its end, 0 for none, its level and its reason.

-- The time left, 0 for no block and -1 for one without end; the level; the reason.
local function read_block(key, now)
  local value = redis.call('GET', key)
  if not value or #value < 16 then return 0 end
  local ends, level, after = struct.unpack('>dd', value)
  local left = ends == 0 and -1 or math.max(0, ends - now)
  return left, level, string.sub(value, after)
end

local function write_block(key, now, length, level, reason)
  local value = struct.pack('>dd', now + length, level) .. reason
  redis.call('SET', key, value, 'PX', to_ttl(length))
end

local left, level, reason = read_block(block, current_time(given_now))
return left ~= 0 and { left, level, reason }
`,
}

export const refundLimit: Script<never, 'givenNow', 'counters', 'charges'> = {
  name: 'refund-limit',
  sha1: 'a03279ce2de5b8d9aa3f3d6867df6a223e4e20fb',
  keys: [],
  args: ['givenNow'],
  restKeys: 'counters',
  restArgs: 'charges',
  source: `-- Gives units back where they still count: in the run of counting that was charged. A charge is a rule
-- (see counter-layout.ts), cost, run and slot.
-- Returns 'done'.
local given_now = tonumber(ARGV[1])
local counters = { unpack(KEYS, 1) }
local charges = { unpack(ARGV, 2) }
-- Times are integers in microseconds. Numbers are kept as doubles, which is what Lua counts in: as text
-- they would lose digits, and cost more than the rest of a script. A count that ends is two of them.
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 16 then return 0, 0 end
  local ends, count = struct.unpack('>dd', value)
  if ends <= now then return 0, 0 end
  return count, ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, struct.pack('>dd', ends, count), 'PX', to_ttl(ends - now))
end
-- A fixed window is kept as its end, which names the run, and what was used.
local function look_fixed_window(key, rule, cost, now)
  local used, ends = read_count(key, now)
  if used == 0 then return 0, rule.limit, 0, now + rule.window end
  return used + cost > rule.limit and ends - now or 0, rule.limit - used, ends - now, ends
end

local function charge_fixed_window(key, look, now)
  local cost, remaining, ends = look.cost, look.remaining, look.state
  local used = look.rule.limit - remaining
  if used == 0 then
    write_count(key, cost, ends, now)
  else
    -- The key ends with the window, which does not grow longer. Not to say so again saves a third.
    redis.call('SET', key, struct.pack('>dd', ends, used + cost), 'KEEPTTL')
  end
  return remaining - cost, ends - now, ends, 0
end
-- A sliding window is kept as a hash of bucket to count, and \`run\`: when counting began. A bucket is
-- \`step\` long, and \`steps\` of them make up the window.
local function leaves_at(bucket, rule)
  return (bucket + rule.steps + 1) * rule.step
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

local function look_sliding_window(key, rule, cost, now)
  local fields = redis.call('HGETALL', key)
  local used, newest, stale, run = 0, 0, nil, nil
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if not bucket then
      run = tonumber(fields[i + 1])
    elseif leaves_at(bucket, rule) > now then
      used = used + fields[i + 1]
      if bucket > newest then newest = bucket end
    else
      stale = stale or {}
      table.insert(stale, fields[i])
    end
  end
  local excess = used + cost - rule.limit
  local wait = excess > 0 and wait_for(excess, fields, rule, now) or 0
  local reset = used > 0 and leaves_at(newest, rule) - now or 0
  return wait, rule.limit - used, reset, { newest = newest, stale = stale, run = run }
end

local function charge_sliding_window(key, look, now)
  local rule, cost, state = look.rule, look.cost, look.state
  local bucket, run, count = math.floor(now / rule.step), state.run, cost
  if look.remaining == rule.limit then
    run = now
    redis.call('DEL', key)
    redis.call('HSET', key, 'run', run, bucket, cost)
  else
    count = redis.call('HINCRBY', key, bucket, cost)
    if state.stale then redis.call('HDEL', key, unpack(state.stale)) end
  end
  -- The first unit of a bucket has said how long the key must live for it.
  if count == cost then redis.call('PEXPIRE', key, to_ttl((rule.steps + 1) * rule.step)) end
  local reset = leaves_at(math.max(state.newest, bucket), rule) - now
  return look.remaining - cost, reset, run, bucket
end
-- A sliding counter is kept as the run, the window, and the counts of that window and the one before.
local function read_windows(key, rule, now)
  local value = redis.call('GET', key)
  local state = { window = math.floor(now / rule.window), current = 0, previous = 0 }
  if value and #value == 32 then
    local run, window, current, previous = struct.unpack('>dddd', value)
    if window >= state.window then
      -- A later window than now's: the clock was set back, and time waits at its beginning.
      state.window, state.current, state.previous = window, current, previous
    elseif window == state.window - 1 then
      state.previous = current
    end
    if state.current + state.previous > 0 then state.run = run end
  end
  state.elapsed = math.max(0, now - state.window * rule.window)
  return state
end

local function write_windows(key, rule, state)
  local value = struct.pack('>dddd', state.run, state.window, state.current, state.previous)
  redis.call('SET', key, value, 'PX', to_ttl(2 * rule.window))
end

local function measure_windows(rule, now, state)
  local length = rule.window
  local free = (rule.limit - state.current) * length - state.previous * (length - state.elapsed)
  local left = (state.window + 1) * length - now
  local reset = state.current > 0 and left + length or state.previous > 0 and left or 0
  return math.max(0, math.floor(free / length)), reset
end

-- The time in a window after which \`count\` units of the one before weigh \`room\` or less.
local function fades_to(room, count, length)
  return count <= room and 0 or length - math.floor(room * length / count)
end

local function look_sliding_counter(key, rule, cost, now)
  local length, state = rule.window, read_windows(key, rule, now)
  local room = rule.limit - cost
  local starts = state.window * length
  local wait = starts + length + fades_to(room, state.current, length) - now
  if state.current <= room then
    local fades = fades_to(room - state.current, state.previous, length)
    if fades <= state.elapsed then
      wait = 0
    elseif fades < length then
      wait = starts + fades - now
    end
  end
  local remaining, reset = measure_windows(rule, now, state)
  return wait, remaining, reset, state
end

local function charge_sliding_counter(key, look, now)
  local rule, state = look.rule, look.state
  state.current = state.current + look.cost
  state.run = state.run or now
  write_windows(key, rule, state)
  local remaining, reset = measure_windows(rule, now, state)
  return remaining, reset, state.run, state.window
end
-- A sliding log is kept as a sorted set of units by the time they were used; a unit is named after the
-- call that used it.
local function look_sliding_log(key, rule, cost, now)
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
  return wait, rule.limit - used, reset
end

local function charge_sliding_log(key, look, now, call)
  local window, units = look.rule.window, {}
  for number = 1, look.cost do
    table.insert(units, now)
    table.insert(units, call .. ':' .. number)
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  redis.call('ZADD', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(window))
  return look.remaining - look.cost, math.max(window, look.reset), 0
end
-- A token bucket is kept as when it is full again, in microseconds and \`1 / steps\` of one, and the run.
-- A token takes \`step / steps\` microseconds to come back.

-- What is owed to the bucket, in \`1 / steps\` of a microsecond, and the run.
local function read_debt(key, rule, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 24 then return 0 end
  local full, part, run = struct.unpack('>ddd', value)
  local debt = (full - now) * rule.steps + part
  if debt <= 0 then return 0 end
  return debt, run
end

local function write_debt(key, rule, debt, now, run)
  local whole = math.floor(debt / rule.steps)
  local value = struct.pack('>ddd', now + whole, debt - whole * rule.steps, run)
  redis.call('SET', key, value, 'PX', to_ttl(debt / rule.steps))
end

local function look_token_bucket(key, rule, cost, now)
  local debt, run = read_debt(key, rule, now)
  local free = rule.limit * rule.step - debt
  local wait = math.max(0, math.ceil((cost * rule.step - free) / rule.steps))
  local remaining = math.max(0, math.floor(free / rule.step))
  return wait, remaining, math.ceil(debt / rule.steps), { debt = debt, run = run }
end

local function charge_token_bucket(key, look, now)
  local rule = look.rule
  local debt, run = look.state.debt + look.cost * rule.step, look.state.run or now
  write_debt(key, rule, debt, now, run)
  local reset = math.ceil(debt / rule.steps)
  return math.floor((rule.limit * rule.step - debt) / rule.step), reset, run, now + reset
end
-- The arithmetic of each strategy is that of counter-strategies.ts. What the values of a rule mean says
-- counter-layout.ts.

-- Writes nothing. Returns how long until \`cost\` fits, what remains, when all is back, and a state.
local function look_at(key, rule, cost, now)
  local strategy, look = rule.strategy, look_sliding_window
  if strategy == 'token-bucket' then
    look = look_token_bucket
  elseif strategy == 'fixed-window' then
    look = look_fixed_window
  elseif strategy == 'sliding-counter' then
    look = look_sliding_counter
  elseif strategy == 'sliding-log' then
    look = look_sliding_log
  end
  return look(key, rule, cost, now)
end

local now = current_time(given_now)
local refunds = {}

refunds['fixed-window'] = function(key, _, cost, run)
  local used, ends = read_count(key, now)
  if ends ~= run then return end
  if used > cost then
    write_count(key, used - cost, ends, now)
  else
    redis.call('DEL', key)
  end
end

refunds['sliding-window'] = function(key, rule, cost, run, bucket)
  local found, count = unpack(redis.call('HMGET', key, 'run', bucket))
  if tonumber(found) ~= run or not count then return end
  if tonumber(count) > cost then
    redis.call('HINCRBY', key, bucket, -cost)
  else
    redis.call('HDEL', key, bucket)
    if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
  end
  redis.call('PEXPIRE', key, to_ttl((rule.steps + 1) * rule.step))
end

refunds['sliding-counter'] = function(key, rule, cost, run, slot)
  local state, window = read_windows(key, rule, now), tonumber(slot)
  if state.run ~= run then return end
  if window == state.window then state.current = math.max(0, state.current - cost) end
  if window == state.window - 1 then state.previous = math.max(0, state.previous - cost) end
  if state.current + state.previous > 0 then
    write_windows(key, rule, state)
  else
    redis.call('DEL', key)
  end
end

refunds['sliding-log'] = function(key, rule, cost, _, call)
  local units = {}
  for number = 1, cost do
    units[number] = call .. ':' .. number
  end
  redis.call('ZREM', key, unpack(units))
  redis.call('PEXPIRE', key, to_ttl(rule.window))
end

-- Debts are worked off in order, and what is worked off is not given back a second time.
refunds['token-bucket'] = function(key, rule, cost, run, paid_at)
  local debt, found = read_debt(key, rule, now)
  if found ~= run then return end
  local unpaid = math.max(0, (paid_at - now) * rule.steps)
  debt = debt - math.min(cost * rule.step, unpaid)
  if debt > 0 then
    write_debt(key, rule, debt, now, run)
  else
    redis.call('DEL', key)
  end
end

for index, counter in ipairs(counters) do
  local written, cost, run, slot = unpack(charges, 4 * index - 3, 4 * index)
  local rule = cjson.decode(written)
  refunds[rule.strategy](counter, rule, tonumber(cost), tonumber(run), slot)
end
return 'done'
`,
}

export const rotateSession: Script<'session' | 'index' | 'epochKey' | 'retired', 'givenNow' | 'head' | 'sealed' | 'isActivity' | 'member' | 'linger' | 'channel' | 'notice' | 'digest' | 'note' | 'grace', never, never> = {
  name: 'rotate-session',
  sha1: '0c9ff22eeeba1214a09985babf4988cdb813d6e2',
  keys: ['session', 'index', 'epochKey', 'retired'],
  args: ['givenNow', 'head', 'sealed', 'isActivity', 'member', 'linger', 'channel', 'notice', 'digest', 'note', 'grace'],
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
local channel = ARGV[7]
local notice = ARGV[8]
local digest = ARGV[9]
local note = ARGV[10]
local grace = tonumber(ARGV[11])
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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
-- Tells every process what changed; notices.ts says how. Where Redis does not allow it, no process
-- hears a thing, heartbeats included, and none relies on what it would have heard.
local function announce(channel, notice)
  redis.pcall('PUBLISH', channel, notice)
end
-- Needs given_now, head, sealed, is_activity, member, linger, channel and notice; and announce.
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
  -- By the lifetime that was written, which need not be the one before.
  local _, new_idle, new_absolute = struct.unpack('>I4I4I4', head, 6)
  local deadline = math.min(seen + new_idle * 1000, created + new_absolute * 1000)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  announce(channel, notice)
  return { 'written', now, times }
end
-- So many former tokens of a session are remembered: nobody fills the memory by rotating.
local most_notes = 32

-- Remembers a former token with a note, for \`ttl\`; from \`grace_end\` on its use is theft.
local function remember(retired, digest, note, grace_end, ttl)
  redis.call('HSET', retired, digest, struct.pack('>I6', grace_end) .. note)
  redis.call('PEXPIRE', retired, ttl)
  if redis.call('HLEN', retired) <= most_notes then return end
  local notes = redis.call('HGETALL', retired)
  local oldest, earliest
  for at = 1, #notes, 2 do
    local its_end = struct.unpack('>I6', notes[at + 1])
    local is_older = not earliest or its_end < earliest
    if is_older and notes[at] ~= digest then oldest, earliest = notes[at], its_end end
  end
  redis.call('HDEL', retired, oldest)
end

local reply = replace_record(session, index, epoch_key)
if reply[1] == 'written' then
  local now = reply[2]
  local created = struct.unpack('>I6', reply[3])
  local absolute = struct.unpack('>I4', head, 14) * 1000
  remember(retired, digest, note, now + grace, created + absolute - now + linger)
end
return reply
`,
}

export const saveSession: Script<'session' | 'index' | 'epochKey', 'givenNow' | 'head' | 'sealed' | 'isActivity' | 'member' | 'linger' | 'channel' | 'notice', never, never> = {
  name: 'save-session',
  sha1: '0cfac040f8c933263f1ef70d1a799838ad5297f0',
  keys: ['session', 'index', 'epochKey'],
  args: ['givenNow', 'head', 'sealed', 'isActivity', 'member', 'linger', 'channel', 'notice'],
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
local channel = ARGV[7]
local notice = ARGV[8]
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

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
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
-- Tells every process what changed; notices.ts says how. Where Redis does not allow it, no process
-- hears a thing, heartbeats included, and none relies on what it would have heard.
local function announce(channel, notice)
  redis.pcall('PUBLISH', channel, notice)
end
-- Needs given_now, head, sealed, is_activity, member, linger, channel and notice; and announce.
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
  -- By the lifetime that was written, which need not be the one before.
  local _, new_idle, new_absolute = struct.unpack('>I4I4I4', head, 6)
  local deadline = math.min(seen + new_idle * 1000, created + new_absolute * 1000)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  announce(channel, notice)
  return { 'written', now, times }
end

return replace_record(session, index, epoch_key)
`,
}

export const unblockLimit: Script<'counter' | 'block' | 'level' | 'violations', 'givenNow', never, never> = {
  name: 'unblock-limit',
  sha1: '6ccfcf50810972b96e9fe46b84fe468c2fa5122f',
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
-- Times are integers in microseconds. Numbers are kept as doubles, which is what Lua counts in: as text
-- they would lose digits, and cost more than the rest of a script. A count that ends is two of them.
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 16 then return 0, 0 end
  local ends, count = struct.unpack('>dd', value)
  if ends <= now then return 0, 0 end
  return count, ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, struct.pack('>dd', ends, count), 'PX', to_ttl(ends - now))
end
-- A block is kept as its end, 0 for none, its level and its reason.

-- The time left, 0 for no block and -1 for one without end; the level; the reason.
local function read_block(key, now)
  local value = redis.call('GET', key)
  if not value or #value < 16 then return 0 end
  local ends, level, after = struct.unpack('>dd', value)
  local left = ends == 0 and -1 or math.max(0, ends - now)
  return left, level, string.sub(value, after)
end

local function write_block(key, now, length, level, reason)
  local value = struct.pack('>dd', now + length, level) .. reason
  redis.call('SET', key, value, 'PX', to_ttl(length))
end

local blocked = read_block(block, current_time(given_now))
redis.call('DEL', counter, block, level, violations)
return blocked == 0 and 'free' or 'blocked'
`,
}

export const writeLocker: Script<'locker', 'version' | 'keyId' | 'sealed' | 'ttl', never, never> = {
  name: 'write-locker',
  sha1: '5d50bc0858849390170377c7af44efa91010fc2f',
  keys: ['locker'],
  args: ['version', 'keyId', 'sealed', 'ttl'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Replaces what lies in a locker, unless another request did so meanwhile. Returns 1, or 0 when
-- nothing was changed.
local locker = KEYS[1]
local version = tonumber(ARGV[1])
local key_id = ARGV[2]
local sealed = ARGV[3]
local ttl = tonumber(ARGV[4])

local stored = tonumber(redis.call('HGET', locker, 'version') or 0)
if stored + 1 ~= version then return 0 end
redis.call('HSET', locker, 'version', version, 'key', key_id, 'sealed', sealed)
redis.call('PEXPIRE', locker, ttl)
return 1
`,
}
