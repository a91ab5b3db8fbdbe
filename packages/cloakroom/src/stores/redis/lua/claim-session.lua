-- Remembers which session a sign-in puts in the place of this one, unless another was faster.
-- Returns {note, 1 while the faster one is under way or 0 when it is done}, or false.
local session = KEYS[1]
local retired = KEYS[2]
local given_now = tonumber(ARGV[1])
local digest = ARGV[2]
local note = ARGV[3]
local grace = tonumber(ARGV[4])
local linger = tonumber(ARGV[5])
-- include: record
-- include: remember

local now = clock(given_now)
local known = redis.call('HGET', retired, digest)
local exists = redis.call('EXISTS', session)
if known and now < struct.unpack('>I6', known) then return { string.sub(known, 7), exists } end
if exists == 1 then
  local ttl = math.max(redis.call('PTTL', retired), grace + linger)
  remember(retired, digest, note, now + grace, ttl)
end
return false
