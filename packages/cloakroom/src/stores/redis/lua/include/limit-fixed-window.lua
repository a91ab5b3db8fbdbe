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
