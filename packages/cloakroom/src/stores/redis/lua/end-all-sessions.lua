-- Ends all sessions of an owner but one. Raising the epoch ends those too that the index forgot.
-- Returns {member, record, member, record …} of what the index knew.
local index = KEYS[1]
local epoch_key = KEYS[2]
local given_now = tonumber(ARGV[1])
local prefix = ARGV[2]
local owner = ARGV[3]
local kept = ARGV[4]
local longest = tonumber(ARGV[5])
-- include: record

local epoch = redis.call('INCR', epoch_key)
redis.call('PEXPIRE', epoch_key, longest)
local reply = {}
for _, entry in ipairs(indexed_sessions(index, prefix, owner, clock(given_now))) do
  local member, value = entry[1], entry[2]
  if member == kept then
    local created, seen = unpack_record(value)
    if created then
      redis.call('SETRANGE', prefix .. member, 33, pack_times(created, seen, epoch))
    end
  else
    redis.call('DEL', prefix .. member)
    redis.call('ZREM', index, member)
    table.insert(reply, member)
    table.insert(reply, value)
  end
end
return reply
