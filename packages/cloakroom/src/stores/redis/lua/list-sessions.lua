-- The living sessions of an owner, and tidies the index.
-- Returns {member, record, member, record …}.
local index = KEYS[1]
local epoch_key = KEYS[2]
local given_now = tonumber(ARGV[1])
local prefix = ARGV[2]
-- include: record

local now = clock(given_now)
local current_epoch = tonumber(redis.call('GET', epoch_key) or 0)
local reply = {}
redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
for _, name in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local value = redis.call('GET', prefix .. name)
  if not value then
    redis.call('ZREM', index, name)
  else
    local created, seen, epoch, idle, absolute = unpack_record(value)
    if created and epoch >= current_epoch and not ending(now, created, seen, idle, absolute) then
      table.insert(reply, name)
      table.insert(reply, value)
    end
  end
end
return reply
