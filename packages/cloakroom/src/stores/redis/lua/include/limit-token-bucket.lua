-- Kept as "full:part:run": the bucket is full again `part / refill[2]` microseconds after `full`.
local token_bucket = {}

-- What is owed to the bucket, in `1 / refill[2]` of a microsecond, and the run.
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
