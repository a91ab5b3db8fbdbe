-- Ends all sessions of an owner but one. Raising the epoch ends those too that the index forgot.
-- Returns {member, record, member, record …} of what the index knew and what still lived.
local index = KEYS[1]
local epoch_key = KEYS[2]
local given_now = tonumber(ARGV[1])
local prefix = ARGV[2]
local owner = ARGV[3]
local kept = ARGV[4]
local longest = tonumber(ARGV[5])
local channel = ARGV[6]
local notice = ARGV[7]
-- include: record
-- include: announce

local epoch = redis.call('INCR', epoch_key)
redis.call('PEXPIRE', epoch_key, longest)
announce(channel, notice)

-- The kept session goes on under the new epoch, known to the index or not, unless it had ended.
local value = kept ~= '' and redis.call('GET', prefix .. kept)
local created, seen, its_epoch = unpack_record(value or '')
if created and its_epoch >= epoch - 1 then
  redis.call('SETRANGE', prefix .. kept, 33, pack_times(created, seen, epoch))
end

local now = clock(given_now)
local reply = {}
for _, entry in ipairs(indexed_sessions(index, prefix, owner, now)) do
  local member, record = entry[1], entry[2]
  local began, used, _, idle, absolute = unpack_record(record)
  local is_over = began and ending(now, began, used, idle, absolute)
  if member ~= kept and not is_over then
    redis.call('DEL', prefix .. member)
    redis.call('ZREM', index, member)
    table.insert(reply, member)
    table.insert(reply, record)
  end
end
return reply
