-- Forgets all that is known of one key under one rule.
-- Returns 'blocked' when there was a block, otherwise 'free'.
local counter = KEYS[1]
local block = KEYS[2]
local level = KEYS[3]
local violations = KEYS[4]
local given_now = tonumber(ARGV[1])
-- include: limit-count
-- include: limit-block

local blocked = read_block(block, current_time(given_now))
redis.call('DEL', counter, block, level, violations)
return blocked == 0 and 'free' or 'blocked'
