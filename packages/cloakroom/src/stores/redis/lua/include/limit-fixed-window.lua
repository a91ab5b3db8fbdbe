-- A fixed window is kept as its end, which names the run, and what was used.
local function look_fixed_window(key, rule, cost, now)
  local used, ends = read_count(key, now)
  local left = used > 0 and ends - now or 0
  local wait = used + cost > rule.limit and left or 0
  return wait, rule.limit - used, left, { used = used, ends = ends }
end

local function charge_fixed_window(key, rule, cost, now, state)
  local used = state.used + cost
  local ends = state.used > 0 and state.ends or now + rule.window
  write_count(key, used, ends, now)
  return rule.limit - used, ends - now, ends, 0
end
