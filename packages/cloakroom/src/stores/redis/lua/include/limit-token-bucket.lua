-- A token bucket is kept as when it is full again, in microseconds and `1 / steps` of one, and the run.
-- A token takes `step / steps` microseconds to come back.

-- What is owed to the bucket, in `1 / steps` of a microsecond, and the run.
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
