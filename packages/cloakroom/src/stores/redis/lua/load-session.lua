-- Finds the session of a token, or of its handle when the digest is empty, notes the activity, and ends a session that is over.
-- Returns {'valid', now, record}, {'retired', note}, {'reused', note, record or false},
-- or {reason, record or false} for no session. A record in a newer format is left as it is.
local session = KEYS[1]
local retired = KEYS[2]
local index = KEYS[3]
local epoch_key = KEYS[4]
local given_now = tonumber(ARGV[1])
local digest = ARGV[2]
local touch_every = tonumber(ARGV[3])
local is_under_way = tonumber(ARGV[4])
local member = ARGV[5]
local linger = tonumber(ARGV[6])
local channel = ARGV[7]
local notice = ARGV[8]
-- include: record
-- include: announce

local function finish(reason, value)
  redis.call('DEL', session)
  redis.call('ZREM', index, member)
  announce(channel, notice)
  return { reason, value }
end

local value = redis.call('GET', session)
if value and (string.byte(value, 1) or 0) > format then return { 'newer-format', false } end
local now = clock(given_now)

if not value or (digest ~= '' and string.sub(value, 18, 33) ~= digest) then
  local note = redis.call('HGET', retired, digest)
  if not note then return { 'unknown', false } end
  if is_under_way == 1 or now < struct.unpack('>I6', note) then
    return { 'retired', string.sub(note, 7) }
  end
  redis.call('DEL', session, retired)
  redis.call('ZREM', index, member)
  if value then announce(channel, notice) end
  return { 'reused', string.sub(note, 7), value }
end

local created, seen, epoch, idle, absolute = unpack_record(value)
if not created then return finish('corrupt', false) end
local reason = ending(now, created, seen, idle, absolute)
if reason then return finish(reason, value) end
local current_epoch = redis.call('GET', epoch_key)
if current_epoch and tonumber(current_epoch) > epoch then return finish('epoch', value) end

if touch_every >= 0 and now > seen and now - seen >= math.min(touch_every, idle / 2) then
  local times = pack_times(created, now, epoch)
  redis.call('SETRANGE', session, 33, times)
  local deadline = math.min(now + idle, created + absolute)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  value = string.sub(value, 1, 33) .. times .. string.sub(value, 50)
end
return { 'valid', now, value }
