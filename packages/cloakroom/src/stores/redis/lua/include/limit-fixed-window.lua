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
