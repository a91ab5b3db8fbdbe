-- Needs given_now, head, sealed, is_activity, member, linger, channel and notice; and announce.
local function replace_record(session, index, epoch_key)
  local now = clock(given_now)
  local value = redis.call('GET', session)
  local created, seen, epoch, idle, absolute, generation = unpack_record(value or '')
  if not created or ending(now, created, seen, idle, absolute) then return { 'gone' } end
  if tonumber(redis.call('GET', epoch_key) or 0) > epoch then return { 'gone' } end
  if struct.unpack('>I4', head, 6) ~= generation + 1 then return { 'conflict', now, value } end

  if is_activity == 1 and now > seen then seen = now end
  local times = pack_times(created, seen, epoch)
  redis.call('SET', session, head .. times .. sealed)
  -- By the lifetime that was written, which need not be the one before.
  local _, new_idle, new_absolute = struct.unpack('>I4I4I4', head, 6)
  local deadline = math.min(seen + new_idle * 1000, created + new_absolute * 1000)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  announce(channel, notice)
  return { 'written', now, times }
end
