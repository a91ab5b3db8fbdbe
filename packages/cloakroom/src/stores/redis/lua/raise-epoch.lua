-- Raises an epoch that is not bound to an owner, and forgets those that no living session can be
-- older than. Returns its new value: the second it is, or one more than it was.
local epochs = KEYS[1]
local given_now = tonumber(ARGV[1])
local name = ARGV[2]
local longest = tonumber(ARGV[3])
local channel = ARGV[4]
-- include: record
-- include: announce

local second = math.floor(clock(given_now) / 1000)
local raised = math.max(second, tonumber(redis.call('HGET', epochs, name) or 0) + 1)
local all = redis.call('HGETALL', epochs)
for place = 1, #all, 2 do
  if tonumber(all[place + 1]) < second - longest / 1000 then
    redis.call('HDEL', epochs, all[place])
  end
end
redis.call('HSET', epochs, name, raised)
redis.call('PEXPIRE', epochs, longest)
announce(channel, 't' .. raised .. ' ' .. name)
return raised
