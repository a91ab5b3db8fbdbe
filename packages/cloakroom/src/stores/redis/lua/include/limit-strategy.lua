-- The arithmetic of each strategy is that of counter-strategies.ts. How a rule is written, and what
-- its values mean, says counter-layout.ts.
local rule_width = 9

local function read_rule(values, at)
  local strategy, limit, window, step, steps, life, key_count, flags, policy =
    unpack(values, at, at + rule_width - 1)
  return {
    strategy = strategy,
    limit = tonumber(limit),
    window = tonumber(window),
    step = tonumber(step),
    steps = tonumber(steps),
    life = tonumber(life),
    key_count = tonumber(key_count),
    is_shadow = string.find(flags, 's', 1, true),
    is_extending = string.find(flags, 'e', 1, true),
    blocks_at_limit = string.find(flags, 'l', 1, true),
    policy = policy,
  }
end

-- Writes nothing. Returns how long until `cost` fits, what remains, when all is back, and a state.
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
