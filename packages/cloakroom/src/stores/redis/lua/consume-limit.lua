-- Charges several limits, or none of them when one that is not in shadow refuses. Blocks those who
-- break a rule that wants it. In mode 'peek' nothing is written; in mode 'reserve' blocks at the
-- limit are left to commit-limit.lua. The checks are pairs of a rule as JSON and a cost.
-- Returns for each check: remaining, wait, reset, blocked, 1 when the block began now, run, slot.
-- A wait of 0 passes and one of -1 never ends; a run of -1 means that nothing was charged.
local given_now = tonumber(ARGV[1])
local mode = ARGV[2]
local call = ARGV[3]
local keys = { unpack(KEYS, 1) }
local checks = { unpack(ARGV, 4) }
-- include: limit-count
-- include: limit-block
-- include: limit-fixed-window
-- include: limit-sliding-window
-- include: limit-sliding-counter
-- include: limit-sliding-log
-- include: limit-token-bucket
-- include: limit-rule

local now = current_time(given_now)
local take_names = key_taker(keys)

local function look_at(rule, cost)
  local look = { rule = rule, cost = cost, names = take_names(rule.block) }
  local blocked, level, reason = read_block(look.names.block, now)
  look.blocked, look.level, look.reason = blocked, level, reason
  look.remaining, look.reset, look.wait = 0, blocked, blocked
  if blocked == 0 then
    local strategy = strategies[rule.strategy]
    look.wait, look.remaining, look.reset, look.state =
      strategy.look(look.names.counter, rule, math.min(cost, rule.limit), now)
  end
  if cost > rule.limit then look.wait = -1 end
  return look
end

local function break_and_note(look)
  local length = break_rule(look.names, look.rule.block, now)
  if length == 0 then return end
  look.started, look.blocked, look.remaining, look.reset = 1, length, 0, length
  if look.wait > 0 then look.wait = length end
end

local function charge(look)
  local rule = look.rule
  look.remaining, look.reset, look.run, look.slot = strategies[rule.strategy].charge(
    look.names.counter, rule, look.cost, now, look.state, call)
  local blocks = rule.block and rule.block.at == 'limit' and mode == 'charge'
  if blocks and look.remaining == 0 then break_and_note(look) end
end

local function refuse(look)
  local policy = look.rule.block
  if look.blocked ~= 0 then
    local extends = policy and policy.extending and look.blocked > 0 and look.reason == 'limit'
    if not extends then return end
    local length = block_length(policy, look.level, now)
    write_block(look.names.block, now, length, look.level, 'limit')
    look.blocked, look.reset = length, length
    if look.wait > 0 then look.wait = length end
    return
  end
  if look.wait == -1 then return end
  look.wait = heal(look.names.counter, look.rule.life, look.wait)
  -- Where the limit itself blocks, units that are only reserved do not count as a failure yet.
  if policy and (mode == 'charge' or policy.at == 'excess') then break_and_note(look) end
end

local looks, passes = {}, true
for i = 1, #checks, 2 do
  local look = look_at(cjson.decode(checks[i]), tonumber(checks[i + 1]))
  table.insert(looks, look)
  if look.wait ~= 0 and not look.rule.shadow then passes = false end
end

local reply = {}
for _, look in ipairs(looks) do
  if mode ~= 'peek' then
    if look.wait ~= 0 then refuse(look) elseif passes and look.cost > 0 then charge(look) end
  end
  for _, value in ipairs({ look.remaining, look.wait, look.reset, look.blocked,
    look.started or 0, look.run or -1, look.slot or 0 }) do
    table.insert(reply, value)
  end
end
return reply
