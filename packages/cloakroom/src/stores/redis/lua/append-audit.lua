-- Appends entries to a log of the audit trail if it still ends as the caller thinks, so that each
-- was signed with the one before it. The oldest entries leave, beyond as many as are kept.
-- Returns {'appended'} or {'conflict', head}.
local stream = KEYS[1]
local head_key = KEYS[2]
local after = ARGV[1]
local head = ARGV[2]
local keep = tonumber(ARGV[3])
local entries = { unpack(ARGV, 4) }

local present = redis.call('GET', head_key) or ''
if present ~= after then return { 'conflict', present } end
for position = 1, #entries, 3 do
  local sequence, mac, sealed = unpack(entries, position, position + 2)
  redis.call('XADD', stream, 'MAXLEN', '=', keep, '*', 'n', sequence, 'm', mac, 'd', sealed)
end
redis.call('SET', head_key, head)
return { 'appended' }
