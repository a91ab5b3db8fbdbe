-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, math.ceil(deadline / 1000), member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

-- Members whose time is over leave the index.
local function trim_index(index, now)
  redis.call('ZREMRANGEBYSCORE', index, '-inf', math.floor(now / 1000))
end

-- The sessions of an owner that the index of the bucket knows, as {member, record}. Members whose
-- record is gone leave the index too.
local function indexed_sessions(index, prefix, owner, now)
  trim_index(index, now)
  local sessions = {}
  for _, member in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if string.sub(member, 1, #owner) == owner then
      local value = redis.call('GET', prefix .. member)
      if value then
        table.insert(sessions, { member, value })
      else
        redis.call('ZREM', index, member)
      end
    end
  end
  return sessions
end
