-- Stores a new session, enters it into its owner's index and ends those that are too many, so that
-- sign-ins in parallel never exceed the limit. A limit of -1 is none; without a member, no index.
-- Returns {'created', now, times, member, record, member, record …} with what was ended, or
-- {'refused'}.
local session = KEYS[1]
local index = KEYS[2]
local epoch_key = KEYS[3]
local given_now = tonumber(ARGV[1])
local head = ARGV[2]
local sealed = ARGV[3]
local member = ARGV[4]
local limit = tonumber(ARGV[5])
local over = ARGV[6]
local prefix = ARGV[7]
local linger = tonumber(ARGV[8])
-- include: record

local now = clock(given_now)
local reply = { 'created', now, '' }

-- Living sessions as {order, member, record}, the first to end first.
local function living()
  local sessions = {}
  for _, name in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    local value = redis.call('GET', prefix .. name)
    local created, seen = unpack_record(value or '')
    if created then
      local order = over == 'end-least-recent' and seen or created
      table.insert(sessions, { order, name, value })
    else
      redis.call('ZREM', index, name)
    end
  end
  table.sort(sessions, function(a, b)
    if a[1] == b[1] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  return sessions
end

if member ~= '' and limit >= 0 then
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
  if redis.call('ZCARD', index) >= limit then
    local sessions = living()
    if over == 'refuse' and #sessions >= limit then return { 'refused' } end
    for position = 1, #sessions - limit + 1 do
      local _, name, value = unpack(sessions[position])
      redis.call('DEL', prefix .. name)
      redis.call('ZREM', index, name)
      table.insert(reply, name)
      table.insert(reply, value)
    end
  end
end

local epoch = tonumber(redis.call('GET', epoch_key) or 0)
local _, idle, absolute = struct.unpack('>I4I4I4', head, 6)
local ttl = math.min(idle, absolute) * 1000
local times = pack_times(now, now, epoch)
redis.call('SET', session, head .. times .. sealed)
keep_until(session, index, member, now + ttl, ttl + linger)
reply[3] = times
return reply
