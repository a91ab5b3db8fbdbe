-- The living sessions of an owner, and tidies the index of the bucket.
-- Returns {member, record, member, record …}.
local index = KEYS[1]
local epoch_key = KEYS[2]
local given_now = tonumber(ARGV[1])
local prefix = ARGV[2]
local owner = ARGV[3]
-- include: record

local now = clock(given_now)
local current_epoch = tonumber(redis.call('GET', epoch_key) or 0)
local reply = {}
for _, entry in ipairs(indexed_sessions(index, prefix, owner, now)) do
  local created, seen, epoch, idle, absolute = unpack_record(entry[2])
  if created and epoch >= current_epoch and not ending(now, created, seen, idle, absolute) then
    table.insert(reply, entry[1])
    table.insert(reply, entry[2])
  end
end
return reply
