-- Gives units back where they still count: in the run of counting that was charged. A charge is a rule
-- (see counter-layout.ts), cost, run and slot.
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
-- include: limit-strategy

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
