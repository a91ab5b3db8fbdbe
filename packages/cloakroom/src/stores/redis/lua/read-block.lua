-- Returns {time left or -1 for good, level, reason} of a block, or false when there is none.
local block = KEYS[1]
local given_now = tonumber(ARGV[1])
-- include: limit-count
-- include: limit-block

local left, level, reason = read_block(block, current_time(given_now))
return left ~= 0 and { left, level, reason }
