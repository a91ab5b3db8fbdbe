-- Times are integers in microseconds. A count that ends is kept as "ends:count".
local function current_time(given)
  if given > 0 then return given end
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

local function to_ttl(us)
  return math.max(1, math.ceil(us / 1000))
end

local function read_count(key, now)
  local ends, count = string.match(redis.call('GET', key) or '', '^(%d+):(%d+)$')
  ends = tonumber(ends)
  if not ends or ends <= now then return 0, 0 end
  return tonumber(count), ends
end

local function write_count(key, count, ends, now)
  redis.call('SET', key, string.format('%.0f:%.0f', ends, count), 'PX', to_ttl(ends - now))
end
