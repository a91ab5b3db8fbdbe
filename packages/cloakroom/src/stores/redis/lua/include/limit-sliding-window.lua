-- A sliding window is kept as a hash of bucket to count, and `run`: when counting began. A bucket is
-- `step` long, and `steps` of them make up the window.
local function leaves_at(bucket, rule)
  return (bucket + rule.steps + 1) * rule.step
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

local function look_sliding_window(key, rule, cost, now)
  local fields = redis.call('HGETALL', key)
  local used, newest, stale, run = 0, 0, nil, nil
  for i = 1, #fields, 2 do
    local bucket = tonumber(fields[i])
    if not bucket then
      run = tonumber(fields[i + 1])
    elseif leaves_at(bucket, rule) > now then
      used = used + fields[i + 1]
      if bucket > newest then newest = bucket end
    else
      stale = stale or {}
      table.insert(stale, fields[i])
    end
  end
  local excess = used + cost - rule.limit
  local wait = excess > 0 and wait_for(excess, fields, rule, now) or 0
  local reset = used > 0 and leaves_at(newest, rule) - now or 0
  return wait, rule.limit - used, reset, { newest = newest, stale = stale, run = run }
end

local function charge_sliding_window(key, look, now)
  local rule, cost, state = look.rule, look.cost, look.state
  local bucket, run, count = math.floor(now / rule.step), state.run, cost
  if look.remaining == rule.limit then
    run = now
    redis.call('DEL', key)
    redis.call('HSET', key, 'run', run, bucket, cost)
  else
    count = redis.call('HINCRBY', key, bucket, cost)
    if state.stale then redis.call('HDEL', key, unpack(state.stale)) end
  end
  -- The first unit of a bucket has said how long the key must live for it.
  if count == cost then redis.call('PEXPIRE', key, to_ttl((rule.steps + 1) * rule.step)) end
  local reset = leaves_at(math.max(state.newest, bucket), rule) - now
  return look.remaining - cost, reset, run, bucket
end
