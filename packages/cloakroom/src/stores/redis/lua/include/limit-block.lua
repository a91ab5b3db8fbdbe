-- A block is kept as its end, 0 for none, its level and its reason.

-- The time left, 0 for no block and -1 for one without end; the level; the reason.
local function read_block(key, now)
  local value = redis.call('GET', key)
  if not value or #value < 16 then return 0 end
  local ends, level, after = struct.unpack('>dd', value)
  local left = ends == 0 and -1 or math.max(0, ends - now)
  return left, level, string.sub(value, after)
end

local function write_block(key, now, length, level, reason)
  local value = struct.pack('>dd', now + length, level) .. reason
  redis.call('SET', key, value, 'PX', to_ttl(length))
end
