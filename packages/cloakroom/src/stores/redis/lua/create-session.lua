-- Stores a new session, enters it into its owner's index and ends those that are too many, so that
-- sign-ins in parallel never exceed the limit. A limit of -1 is none; without a member, no index.
-- The session that is replaced does not count.
-- Returns {'created', now, times, member, record, member, record …} with what was ended,
-- {'exists', now, record} when the session has begun already, or {'refused'}.
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
local owner = ARGV[8]
local replaced = ARGV[9]
local linger = tonumber(ARGV[10])
local longest = tonumber(ARGV[11])
local channel = ARGV[12]
local bucket = ARGV[13]
-- include: record
-- include: announce

local now = clock(given_now)
local present = redis.call('GET', session)
if present then return { 'exists', now, present } end
local reply = { 'created', now, '' }
local ended = ''

local epoch = tonumber(redis.call('GET', epoch_key) or 0)

-- Living sessions of the owner as {order, member, record}, the first to end first.
local function living()
  local sessions = {}
  for _, entry in ipairs(indexed_sessions(index, prefix, owner, now)) do
    local created, seen, its_epoch, idle, absolute = unpack_record(entry[2])
    local lives = created and its_epoch >= epoch and not ending(now, created, seen, idle, absolute)
    if lives and entry[1] ~= replaced then
      local order = over == 'end-least-recent' and seen or created
      table.insert(sessions, { order, entry[1], entry[2] })
    end
  end
  table.sort(sessions, function(a, b)
    if a[1] == b[1] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  return sessions
end

if member ~= '' and limit >= 0 then
  local sessions = living()
  if over == 'refuse' and #sessions >= limit then return { 'refused' } end
  for position = 1, #sessions - limit + 1 do
    local _, name, value = unpack(sessions[position])
    redis.call('DEL', prefix .. name)
    redis.call('ZREM', index, name)
    table.insert(reply, name)
    table.insert(reply, value)
    ended = ended .. bucket .. name
  end
  if ended ~= '' then announce(channel, 'e' .. ended) end
end

if member ~= '' and limit < 0 then trim_index(index, now) end
-- The epoch must outlive what is written under it, or it would begin anew below that.
if epoch > 0 then redis.call('PEXPIRE', epoch_key, longest) end
local _, idle, absolute = struct.unpack('>I4I4I4', head, 6)
local ttl = math.min(idle, absolute) * 1000
local times = pack_times(now, now, epoch)
redis.call('SET', session, head .. times .. sealed)
keep_until(session, index, member, now + ttl, ttl + linger)
reply[3] = times
return reply
