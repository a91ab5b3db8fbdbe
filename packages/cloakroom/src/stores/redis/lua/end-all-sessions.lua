-- Ends all sessions of an owner but one. Raising the epoch ends those too that the index forgot.
-- Returns {member, record, member, record …} of what the index knew.
local index = KEYS[1]
local epoch_key = KEYS[2]
local prefix = ARGV[1]
local kept = ARGV[2]
local longest = tonumber(ARGV[3])
-- include: record

local epoch = redis.call('INCR', epoch_key)
redis.call('PEXPIRE', epoch_key, longest)
local reply = {}
for _, name in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local session = prefix .. name
  local value = redis.call('GET', session)
  if name == kept and value then
    local created, seen = unpack_record(value)
    if created then redis.call('SETRANGE', session, 33, pack_times(created, seen, epoch)) end
  else
    redis.call('DEL', session)
    redis.call('ZREM', index, name)
    if value then
      table.insert(reply, name)
      table.insert(reply, value)
    end
  end
end
return reply
