-- Enters a block into the list for operators, with a length of 0 for good, and tidies the list.
-- Returns 'done'.
local list = KEYS[1]
local given_now = tonumber(ARGV[1])
local member = ARGV[2]
local length = tonumber(ARGV[3])
-- include: limit-count

local now = current_time(given_now)
redis.call('ZREMRANGEBYSCORE', list, '-inf', now)
redis.call('ZADD', list, length == 0 and '+inf' or now + length, member)
local last = tonumber(redis.call('ZREVRANGE', list, 0, 0, 'WITHSCORES')[2])
if last == math.huge then
  redis.call('PERSIST', list)
else
  redis.call('PEXPIRE', list, to_ttl(last - now))
end
return 'done'
