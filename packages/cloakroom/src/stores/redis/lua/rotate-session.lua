-- Replaces what a living session holds and its token, and remembers the old token with a note, so
-- that it works for requests under way and gives a thief away later.
-- Returns {'written', now, times}, {'conflict', now, record} or {'gone'}.
local session = KEYS[1]
local index = KEYS[2]
local epoch_key = KEYS[3]
local retired = KEYS[4]
local given_now = tonumber(ARGV[1])
local head = ARGV[2]
local sealed = ARGV[3]
local is_activity = tonumber(ARGV[4])
local member = ARGV[5]
local linger = tonumber(ARGV[6])
local channel = ARGV[7]
local notice = ARGV[8]
local digest = ARGV[9]
local note = ARGV[10]
local grace = tonumber(ARGV[11])
-- include: record
-- include: announce
-- include: replace
-- include: remember

local reply = replace_record(session, index, epoch_key)
if reply[1] == 'written' then
  local now = reply[2]
  local created = struct.unpack('>I6', reply[3])
  local absolute = struct.unpack('>I4', head, 14) * 1000
  remember(retired, digest, note, now + grace, created + absolute - now + linger)
end
return reply
