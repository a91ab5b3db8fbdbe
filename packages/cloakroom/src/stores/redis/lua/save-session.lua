-- Replaces what a living session holds, if its generation is still the one the caller read.
-- Returns {'written', now, times}, {'conflict', now, record} or {'gone'}; nothing is brought back.
local session = KEYS[1]
local index = KEYS[2]
local epoch_key = KEYS[3]
local given_now = tonumber(ARGV[1])
local head = ARGV[2]
local sealed = ARGV[3]
local is_activity = tonumber(ARGV[4])
local member = ARGV[5]
local linger = tonumber(ARGV[6])
local channel = ARGV[7]
local notice = ARGV[8]
-- include: record
-- include: announce
-- include: replace

return replace_record(session, index, epoch_key)
