-- Judges calls one after the other. Each charges several limits, or none of them when one that is not
-- in shadow refuses, and blocks those who break a rule that wants it. In mode 'peek' nothing is
-- written; in mode 'reserve' blocks at the limit are left to commit-limit.lua. See counter-layout.ts
-- for what makes up rules and calls.
-- Returns for each call the text of an error, or a list of seven for each check: remaining, wait,
-- reset, blocked, 1 when the block began now, run, slot. A wait of 0 passes and one of -1 never ends;
-- a run of -1 means that nothing was charged.
local name = ARGV[1]
local rule_count = tonumber(ARGV[2])
local keys = { unpack(KEYS, 1) }
local values = { unpack(ARGV, 3) }
-- include: limit-count
-- include: limit-block
-- include: limit-policy
-- include: limit-fixed-window
-- include: limit-sliding-window
-- include: limit-sliding-counter
-- include: limit-sliding-log
-- include: limit-token-bucket
-- include: limit-strategy
-- include: limit-charge

local function look_first(rule, cost, first, now)
  local look = { rule = rule, cost = cost, first = first }
  local blocked, level, reason = read_block(keys[first + 1], now)
  look.blocked = blocked
  if blocked == 0 then
    look.wait, look.remaining, look.reset, look.state =
      look_at(keys[first], rule, math.min(cost, rule.limit), now)
  else
    look.wait, look.remaining, look.reset = blocked, 0, blocked
    look.level, look.reason = level, reason
  end
  if cost > rule.limit then look.wait = -1 end
  return look
end

local rules = {}
for index = 1, rule_count do
  rules[index] = read_rule(values, (index - 1) * rule_width + 1)
end

local function judge_call(at, count, first, now, mode)
  local looks, passes = {}, true
  for index = 1, count do
    local rule = rules[tonumber(values[at])]
    local look = look_first(rule, tonumber(values[at + 1]), first, now)
    if look.wait ~= 0 and not rule.is_shadow then passes = false end
    looks[index] = look
    first = first + rule.key_count
    at = at + 2
  end
  local answer, size = {}, 0
  for _, look in ipairs(looks) do
    if mode ~= 'peek' and look.wait ~= 0 then
      refuse(look, now, mode)
    elseif mode ~= 'peek' and passes and look.cost > 0 then
      charge(look, now, mode, at)
    end
    answer[size + 1], answer[size + 2], answer[size + 3] = look.remaining, look.wait, look.reset
    answer[size + 4], answer[size + 5] = look.blocked, look.started or 0
    answer[size + 6], answer[size + 7] = look.run or -1, look.slot or 0
    size = size + 7
  end
  return answer
end

local server_now = current_time(0)
local reply, at, first = {}, rule_count * rule_width + 1, 1
while values[at] do
  local given_now, mode, count, key_count = unpack(values, at, at + 3)
  local now = given_now == '0' and server_now or tonumber(given_now)
  count = tonumber(count)
  -- What one call fails on, such as a key of a wrong kind, is no concern of the others.
  local is_judged, answer = pcall(judge_call, at + 4, count, first, now, mode)
  if not is_judged and type(answer) == 'table' then answer = answer.err end
  reply[#reply + 1] = answer
  at = at + 4 + 2 * count
  first = first + key_count
end
return reply
