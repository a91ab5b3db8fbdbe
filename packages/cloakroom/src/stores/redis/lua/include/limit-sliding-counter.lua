-- Kept as a hash of `run`, `window`, and the counts of the `current` and the `previous` one.
local sliding_counter = {}

local function read_windows(key, rule, now)
  local found = redis.call('HMGET', key, 'run', 'window', 'current', 'previous')
  local state = { window = math.floor(now / rule.window), current = 0, previous = 0 }
  local window = tonumber(found[2]) or -1
  if window >= state.window then
    -- A later window than now's: the clock was set back, and time waits at its beginning.
    state.window, state.current, state.previous = window, tonumber(found[3]), tonumber(found[4])
  elseif window == state.window - 1 then
    state.previous = tonumber(found[3])
  end
  state.run = state.current + state.previous > 0 and tonumber(found[1]) or nil
  state.elapsed = math.max(0, now - state.window * rule.window)
  return state
end

local function measure_windows(rule, now, state)
  local W = rule.window
  local free = (rule.limit - state.current) * W - state.previous * (W - state.elapsed)
  local left = (state.window + 1) * W - now
  local reset = state.current > 0 and left + W or state.previous > 0 and left or 0
  return math.max(0, math.floor(free / W)), reset
end

-- The time in a window after which `count` units of the one before weigh `room` or less.
local function fades_to(room, count, W)
  return count <= room and 0 or W - math.floor(room * W / count)
end

function sliding_counter.look(key, rule, cost, now)
  local W, state = rule.window, read_windows(key, rule, now)
  local room = rule.limit - cost
  local starts = state.window * W
  local wait = starts + W + fades_to(room, state.current, W) - now
  if state.current <= room then
    local fades = fades_to(room - state.current, state.previous, W)
    if fades <= state.elapsed then
      wait = 0
    elseif fades < W then
      wait = starts + fades - now
    end
  end
  local remaining, reset = measure_windows(rule, now, state)
  return wait, remaining, reset, state
end

function sliding_counter.write(key, rule, state)
  local counts = { 'current', state.current, 'previous', state.previous }
  redis.call('HSET', key, 'run', state.run, 'window', state.window, unpack(counts))
  redis.call('PEXPIRE', key, to_ttl(2 * rule.window))
end

function sliding_counter.charge(key, rule, cost, now, state)
  state.current = state.current + cost
  state.run = state.run or now
  sliding_counter.write(key, rule, state)
  local remaining, reset = measure_windows(rule, now, state)
  return remaining, reset, state.run, state.window
end

function sliding_counter.refund(key, rule, cost, now, run, window)
  local state = read_windows(key, rule, now)
  if state.run ~= run then return end
  window = tonumber(window)
  if window == state.window then state.current = math.max(0, state.current - cost) end
  if window == state.window - 1 then state.previous = math.max(0, state.previous - cost) end
  if state.current + state.previous > 0 then
    sliding_counter.write(key, rule, state)
  else
    redis.call('DEL', key)
  end
end
