-- Ends one session. With a note, its token is remembered as replaced by another session.
-- Returns the record, or false when there was none that still lived.
local session = KEYS[1]
local retired = KEYS[2]
local index = KEYS[3]
local given_now = tonumber(ARGV[1])
local member = ARGV[2]
local digest = ARGV[3]
local note = ARGV[4]
local grace = tonumber(ARGV[5])
local linger = tonumber(ARGV[6])
local channel = ARGV[7]
local notice = ARGV[8]
-- include: record
-- include: remember
-- include: announce

local value = redis.call('GET', session)
redis.call('DEL', session)
redis.call('ZREM', index, member)
if value then announce(channel, notice) end
local now = clock(given_now)
local created, seen, _, idle, absolute = unpack_record(value or '')
if note == '' then
  redis.call('DEL', retired)
elseif value then
  local left = created and created + absolute - now or 0
  remember(retired, digest, note, now + grace, math.max(left, grace) + linger)
end
return created and not ending(now, created, seen, idle, absolute) and value
