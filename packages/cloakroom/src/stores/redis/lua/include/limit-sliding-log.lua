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
