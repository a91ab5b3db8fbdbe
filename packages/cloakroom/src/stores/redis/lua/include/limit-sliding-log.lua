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
