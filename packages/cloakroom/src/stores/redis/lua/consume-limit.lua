-- Judges calls one after the other. Each charges several limits, or none of them when one that is not
-- in shadow refuses, and blocks those who break a rule that wants it. In mode 'peek' nothing is
-- written; in mode 'reserve' blocks at the limit are left to commit-limit.lua. See counter-layout.ts
-- for how rules and calls are written.
-- Returns all answers as one text, and then for each call that failed its place and why. An answer is
-- seven doubles for each check: remaining, wait, reset, blocked, 1 when the block began now, run, slot.
-- A wait of 0 passes and one of -1 never ends; a run of -1 means that nothing was charged.
local name = ARGV[1]
local written_rules = ARGV[2]
local written_calls = ARGV[3]
local keys = { unpack(KEYS, 1) }
-- include: limit-count
-- include: limit-block
-- include: limit-policy
-- include: limit-fixed-window
-- include: limit-sliding-window
-- include: limit-sliding-counter
-- include: limit-sliding-log
-- include: limit-token-bucket
-- include: limit-strategy
-- include: limit-look
-- include: limit-charge

local rules, calls = cjson.decode(written_rules), cjson.decode(written_calls)

local looks, numbers, size = {}, {}, 0

local function judge_call(at, count, first, now, mode)
  local passes = true
  for index = 1, count do
    local rule = rules[calls[at]]
    local look = look_first(rule, calls[at + 1], first, now)
    if look.wait ~= 0 and not rule.is_shadow then passes = false end
    looks[index] = look
    first = first + rule.key_count
    at = at + 2
  end
  for index = 1, count do
    local look = looks[index]
    if mode ~= 'peek' and look.wait ~= 0 then
      refuse(look, now, mode)
    elseif mode ~= 'peek' and passes and look.cost > 0 then
      charge(look, now, mode, at)
    end
    local so_far = size + 7 * (index - 1)
    numbers[so_far + 1], numbers[so_far + 2] = look.remaining, look.wait
    numbers[so_far + 3], numbers[so_far + 4] = look.reset, look.blocked
    numbers[so_far + 5], numbers[so_far + 6] = look.started, look.run
    numbers[so_far + 7] = look.slot
  end
end

local server_now = current_time(0)
local failures, at, first, place = {}, 1, 1, 0
while calls[at] do
  local given_now, mode, count, key_count = unpack(calls, at, at + 3)
  local now = given_now == 0 and server_now or given_now
  -- What one call fails on, such as a key of a wrong kind, is no concern of the others.
  local is_judged, problem = pcall(judge_call, at + 4, count, first, now, mode)
  place = place + 1
  if is_judged then
    size = size + 7 * count
  else
    failures[#failures + 1] = place
    failures[#failures + 1] = type(problem) == 'table' and problem.err or problem
  end
  at = at + 4 + 2 * count
  first = first + key_count
end
return { struct.pack('>' .. string.rep('d', size), unpack(numbers, 1, size)), unpack(failures) }
