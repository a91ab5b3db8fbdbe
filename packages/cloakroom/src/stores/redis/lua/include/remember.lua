-- So many former tokens of a session are remembered: nobody fills the memory by rotating.
local most_notes = 32

-- Remembers a former token with a note, for `ttl`; from `grace_end` on its use is theft.
local function remember(retired, digest, note, grace_end, ttl)
  redis.call('HSET', retired, digest, struct.pack('>I6', grace_end) .. note)
  redis.call('PEXPIRE', retired, ttl)
  if redis.call('HLEN', retired) <= most_notes then return end
  local notes = redis.call('HGETALL', retired)
  local oldest, earliest
  for at = 1, #notes, 2 do
    local its_end = struct.unpack('>I6', notes[at + 1])
    local is_older = not earliest or its_end < earliest
    if is_older and notes[at] ~= digest then oldest, earliest = notes[at], its_end end
  end
  redis.call('HDEL', retired, oldest)
end
