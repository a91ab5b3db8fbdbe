-- Raises an epoch that is not bound to an owner. Returns its new value.
local epochs = KEYS[1]
local name = ARGV[1]
local channel = ARGV[2]
-- include: announce

local raised = redis.call('HINCRBY', epochs, name, 1)
announce(channel, 't' .. raised .. ' ' .. name)
return raised
