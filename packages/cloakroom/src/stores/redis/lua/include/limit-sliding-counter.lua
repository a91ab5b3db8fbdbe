-- A sliding counter is kept as the run, the window, and the counts of that window and the one before.
local function read_windows(key, rule, now)
  local value = redis.call('GET', key)
  local state = { window = math.floor(now / rule.window), current = 0, previous = 0 }
  if value and #value == 32 then
    local run, window, current, previous = struct.unpack('>dddd', value)
    if window >= state.window then
      -- A later window than now's: the clock was set back, and time waits at its beginning.
      state.window, state.current, state.previous = window, current, previous
    elseif window == state.window - 1 then
      state.previous = current
    end
    if state.current + state.previous > 0 then state.run = run end
  end
  state.elapsed = math.max(0, now - state.window * rule.window)
  return state
end

local function write_windows(key, rule, state)
  local value = struct.pack('>dddd', state.run, state.window, state.current, state.previous)
  redis.call('SET', key, value, 'PX', to_ttl(2 * rule.window))
end

local function measure_windows(rule, now, state)
  local length = rule.window
  local free = (rule.limit - state.current) * length - state.previous * (length - state.elapsed)
  local left = (state.window + 1) * length - now
  local reset = state.current > 0 and left + length or state.previous > 0 and left or 0
  return math.max(0, math.floor(free / length)), reset
end

-- The time in a window after which `count` units of the one before weigh `room` or less.
local function fades_to(room, count, length)
  return count <= room and 0 or length - math.floor(room * length / count)
end

local function look_sliding_counter(key, rule, cost, now)
  local length, state = rule.window, read_windows(key, rule, now)
  local room = rule.limit - cost
  local starts = state.window * length
  local wait = starts + length + fades_to(room, state.current, length) - now
  if state.current <= room then
    local fades = fades_to(room - state.current, state.previous, length)
    if fades <= state.elapsed then
      wait = 0
    elseif fades < length then
      wait = starts + fades - now
    end
  end
  local remaining, reset = measure_windows(rule, now, state)
  return wait, remaining, reset, state
end

local function charge_sliding_counter(key, look, now)
  local rule, state = look.rule, look.state
  state.current = state.current + look.cost
  state.run = state.run or now
  write_windows(key, rule, state)
  local remaining, reset = measure_windows(rule, now, state)
  return remaining, reset, state.run, state.window
end
