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
