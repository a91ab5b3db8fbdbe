-- Blocks by hand, with a length of 0 for good, and lets counting begin anew afterwards.
-- Returns 'done'.
local counter = KEYS[1]
local block = KEYS[2]
local violations = KEYS[3]
local given_now = tonumber(ARGV[1])
local length = tonumber(ARGV[2])
local reason = ARGV[3]
-- include: limit-count
-- include: limit-block

if length == 0 then
  redis.call('SET', block, struct.pack('>dd', 0, 0) .. reason)
else
  write_block(block, current_time(given_now), length, 0, reason)
end
redis.call('DEL', counter, violations)
return 'done'
