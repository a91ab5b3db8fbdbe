-- What follows from a look. Needs keys and name.

local function break_and_note(look, now)
  local length = break_rule(keys, look.first, look.rule.policy, now)
  if length == 0 then return end
  look.started, look.blocked, look.remaining, look.reset = 1, length, 0, length
  if look.wait > 0 then look.wait = length end
end

-- A log names its units after the place, which is also where they can be found again.
local function charge(look, now, mode, place)
  local rule, charge_it, call = look.rule, charge_sliding_window, nil
  local strategy = rule.strategy
  if strategy == 'token-bucket' then
    charge_it = charge_token_bucket
  elseif strategy == 'fixed-window' then
    charge_it = charge_fixed_window
  elseif strategy == 'sliding-counter' then
    charge_it = charge_sliding_counter
  elseif strategy == 'sliding-log' then
    charge_it = charge_sliding_log
    call = name .. '-' .. place
  end
  local remaining, reset, run, slot = charge_it(keys[look.first], look, now, call)
  look.remaining, look.reset, look.run, look.slot = remaining, reset, run, slot or place
  local is_due = look.remaining == 0 and rule.blocks_at_limit and mode == 'charge'
  if is_due then break_and_note(look, now) end
end

local function extend(look, now)
  if look.blocked < 0 or look.reason ~= 'limit' then return end
  local length = block_length(look.rule.policy, look.level, now)
  write_block(keys[look.first + 1], now, length, look.level, 'limit')
  look.blocked, look.reset = length, length
  if look.wait > 0 then look.wait = length end
end

-- Nothing counts for longer than `life`, even if its key lost its end or the clock was set back.
local function heal(look)
  local key, life = keys[look.first], look.rule.life
  local ttl = redis.call('PTTL', key)
  if ttl == -1 or ttl > to_ttl(life) then redis.call('PEXPIRE', key, to_ttl(life)) end
  look.wait = math.min(look.wait, life)
end

local function refuse(look, now, mode)
  local rule = look.rule
  if look.blocked ~= 0 then
    if rule.is_extending then extend(look, now) end
  elseif look.wait ~= -1 then
    heal(look)
    -- Where the limit itself blocks, units that are only reserved do not count as a failure yet.
    local is_failure = mode == 'charge' or not rule.blocks_at_limit
    if rule.policy and is_failure then break_and_note(look, now) end
  end
end
