-- Kept as a hash of bucket to count, and `run`: when counting began.
local sliding_window = {}

local function leaves_at(bucket, rule)
  return (bucket + rule.buckets + 1) * rule.bucket
end

-- How long until the oldest buckets have left that hold `excess` units.
local function wait_for(excess, fields, rule, now)
  local buckets = {}
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if bucket and leaves_at(bucket, rule) > now then
      table.insert(buckets, { bucket, tonumber(fields[i + 1]) })
    end
  end
  table.sort(buckets, function(a, b) return a[1] < b[1] end)
  for _, bucket in ipairs(buckets) do
    excess = excess - bucket[2]
    if excess <= 0 then return leaves_at(bucket[1], rule) - now end
  end
end

function sliding_window.look(key, rule, cost, now)
  local fields = redis.call('HGETALL', key)
  local used, newest, stale, run = 0, 0, {}, nil
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if not bucket then
      run = tonumber(fields[i + 1])
    elseif leaves_at(bucket, rule) > now then
      used = used + fields[i + 1]
      newest = math.max(newest, bucket)
    else
      table.insert(stale, fields[i])
    end
  end
  local excess = used + cost - rule.limit
  local wait = excess > 0 and wait_for(excess, fields, rule, now) or 0
  local reset = used > 0 and leaves_at(newest, rule) - now or 0
  return wait, rule.limit - used, reset, { used = used, newest = newest, stale = stale, run = run }
end

function sliding_window.charge(key, rule, cost, now, state)
  local bucket, run = math.floor(now / rule.bucket), state.run
  if state.used == 0 then
    run = now
    redis.call('DEL', key)
    redis.call('HSET', key, 'run', run, bucket, cost)
  else
    redis.call('HINCRBY', key, bucket, cost)
    if #state.stale > 0 then redis.call('HDEL', key, unpack(state.stale)) end
  end
  redis.call('PEXPIRE', key, to_ttl(rule.life))
  local reset = leaves_at(math.max(state.newest, bucket), rule) - now
  return rule.limit - state.used - cost, reset, run, bucket
end

function sliding_window.refund(key, rule, cost, _, run, bucket)
  local found, count = unpack(redis.call('HMGET', key, 'run', bucket))
  if tonumber(found) ~= run or not count then return end
  if tonumber(count) > cost then
    redis.call('HINCRBY', key, bucket, -cost)
  else
    redis.call('HDEL', key, bucket)
    if redis.call('HLEN', key) == 1 then redis.call('DEL', key) end
  end
  redis.call('PEXPIRE', key, to_ttl(rule.life))
end
