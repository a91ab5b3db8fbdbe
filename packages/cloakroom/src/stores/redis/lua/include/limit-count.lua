-- Times are integers in microseconds. Numbers are kept as doubles, which is what Lua counts in: as text
-- they would lose digits, and cost more than the rest of a script. A count that ends is two of them.
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local value = redis.call('GET', key)
  if not value or #value ~= 16 then return 0, 0 end
  local ends, count = struct.unpack('>dd', value)
  if ends <= now then return 0, 0 end
  return count, ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, struct.pack('>dd', ends, count), 'PX', to_ttl(ends - now))
end
