-- The arithmetic of each strategy is that of counter-strategies.ts. What the values of a rule mean says
-- counter-layout.ts.

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
