-- Each strategy has three functions, with the arithmetic of counter-strategies.ts:
--   look(key, rule, cost, now)                   returns wait, remaining, reset, state
--   charge(key, rule, cost, now, state, call)    returns remaining, reset, run, slot
--   refund(key, rule, cost, now, run, slot)
-- `look` writes nothing, and `refund` only in the run of counting that was charged. A refund gets its
-- slot as text.
local strategies = {
  ['fixed-window'] = fixed_window,
  ['sliding-window'] = sliding_window,
  ['sliding-counter'] = sliding_counter,
  ['sliding-log'] = sliding_log,
  ['token-bucket'] = token_bucket,
}

-- Takes the keys of one rule out of a list of many; only those the rule has use for are in it.
local function key_taker(keys)
  local taken = 0
  local function take()
    taken = taken + 1
    return keys[taken]
  end
  return function(policy)
    local names = { counter = take(), block = take() }
    if policy and policy.factor > 1 then names.level = take() end
    if policy and policy.violations > 1 then names.violations = take() end
    return names
  end
end

-- Nothing counts for longer than `life`, even if its key lost its end or the clock was set back.
local function heal(key, life, wait)
  local ttl = redis.call('PTTL', key)
  if ttl == -1 or ttl > to_ttl(life) then redis.call('PEXPIRE', key, to_ttl(life)) end
  return math.min(wait, life)
end
