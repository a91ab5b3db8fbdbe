// Written by scripts/build-lua.js. Change the Lua files and run `npm run generate`.
import type { Script } from './script.ts'

export const createSession: Script<'session' | 'index' | 'epochKey', 'givenNow' | 'head' | 'sealed' | 'member' | 'limit' | 'over' | 'prefix' | 'linger', never, never> = {
  name: 'create-session',
  sha1: '7c0fd5cfef035594277afd12dae7c37011280f71',
  keys: ['session', 'index', 'epochKey'],
  args: ['givenNow', 'head', 'sealed', 'member', 'limit', 'over', 'prefix', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Stores a new session, enters it into its owner's index and ends those that are too many, so that
-- sign-ins in parallel never exceed the limit. A limit of -1 is none; without a member, no index.
-- Returns {'created', now, times, member, record, member, record …} with what was ended, or
-- {'refused'}.
local session = KEYS[1]
local index = KEYS[2]
local epoch_key = KEYS[3]
local given_now = tonumber(ARGV[1])
local head = ARGV[2]
local sealed = ARGV[3]
local member = ARGV[4]
local limit = tonumber(ARGV[5])
local over = ARGV[6]
local prefix = ARGV[7]
local linger = tonumber(ARGV[8])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, deadline, member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

local now = clock(given_now)
local reply = { 'created', now, '' }

-- Living sessions as {order, member, record}, the first to end first.
local function living()
  local sessions = {}
  for _, name in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    local value = redis.call('GET', prefix .. name)
    local created, seen = unpack_record(value or '')
    if created then
      local order = over == 'end-least-recent' and seen or created
      table.insert(sessions, { order, name, value })
    else
      redis.call('ZREM', index, name)
    end
  end
  table.sort(sessions, function(a, b)
    if a[1] == b[1] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  return sessions
end

if member ~= '' and limit >= 0 then
  redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
  if redis.call('ZCARD', index) >= limit then
    local sessions = living()
    if over == 'refuse' and #sessions >= limit then return { 'refused' } end
    for position = 1, #sessions - limit + 1 do
      local _, name, value = unpack(sessions[position])
      redis.call('DEL', prefix .. name)
      redis.call('ZREM', index, name)
      table.insert(reply, name)
      table.insert(reply, value)
    end
  end
end

local epoch = tonumber(redis.call('GET', epoch_key) or 0)
local _, idle, absolute = struct.unpack('>I4I4I4', head, 6)
local ttl = math.min(idle, absolute) * 1000
local times = pack_times(now, now, epoch)
redis.call('SET', session, head .. times .. sealed)
keep_until(session, index, member, now + ttl, ttl + linger)
reply[3] = times
return reply
`,
}

export const endAllSessions: Script<'index' | 'epochKey', 'prefix' | 'kept' | 'longest', never, never> = {
  name: 'end-all-sessions',
  sha1: 'c1a886cfef5e665b2bef66f8e086af794553bbcb',
  keys: ['index', 'epochKey'],
  args: ['prefix', 'kept', 'longest'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Ends all sessions of an owner but one. Raising the epoch ends those too that the index forgot.
-- Returns {member, record, member, record …} of what the index knew.
local index = KEYS[1]
local epoch_key = KEYS[2]
local prefix = ARGV[1]
local kept = ARGV[2]
local longest = tonumber(ARGV[3])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, deadline, member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

local epoch = redis.call('INCR', epoch_key)
redis.call('PEXPIRE', epoch_key, longest)
local reply = {}
for _, name in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local session = prefix .. name
  local value = redis.call('GET', session)
  if name == kept and value then
    local created, seen = unpack_record(value)
    if created then redis.call('SETRANGE', session, 33, pack_times(created, seen, epoch)) end
  else
    redis.call('DEL', session)
    redis.call('ZREM', index, name)
    if value then
      table.insert(reply, name)
      table.insert(reply, value)
    end
  end
end
return reply
`,
}

export const endSession: Script<'session' | 'retired' | 'index', 'givenNow' | 'member' | 'digest' | 'note' | 'grace' | 'linger', never, never> = {
  name: 'end-session',
  sha1: '0805103f385d885a782da274e032d54fdaf5ea82',
  keys: ['session', 'retired', 'index'],
  args: ['givenNow', 'member', 'digest', 'note', 'grace', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Ends one session. With a note, its token is remembered as replaced by another session.
-- Returns the record, or false when there was none.
local session = KEYS[1]
local retired = KEYS[2]
local index = KEYS[3]
local given_now = tonumber(ARGV[1])
local member = ARGV[2]
local digest = ARGV[3]
local note = ARGV[4]
local grace = tonumber(ARGV[5])
local linger = tonumber(ARGV[6])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, deadline, member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

local value = redis.call('GET', session)
redis.call('DEL', session)
redis.call('ZREM', index, member)
if note == '' then
  redis.call('DEL', retired)
elseif value then
  local now = clock(given_now)
  local created, _, _, _, absolute = unpack_record(value)
  local left = created and created + absolute - now or 0
  redis.call('HSET', retired, digest, struct.pack('>I6', now + grace) .. note)
  redis.call('PEXPIRE', retired, math.max(left, grace) + linger)
end
return value
`,
}

export const listSessions: Script<'index' | 'epochKey', 'givenNow' | 'prefix', never, never> = {
  name: 'list-sessions',
  sha1: '75b4998e3ff01faab68b517bb5e30b3e365540d5',
  keys: ['index', 'epochKey'],
  args: ['givenNow', 'prefix'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- The living sessions of an owner, and tidies the index.
-- Returns {member, record, member, record …}.
local index = KEYS[1]
local epoch_key = KEYS[2]
local given_now = tonumber(ARGV[1])
local prefix = ARGV[2]
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, deadline, member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

local now = clock(given_now)
local current_epoch = tonumber(redis.call('GET', epoch_key) or 0)
local reply = {}
redis.call('ZREMRANGEBYSCORE', index, '-inf', now)
for _, name in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local value = redis.call('GET', prefix .. name)
  if not value then
    redis.call('ZREM', index, name)
  else
    local created, seen, epoch, idle, absolute = unpack_record(value)
    if created and epoch >= current_epoch and not ending(now, created, seen, idle, absolute) then
      table.insert(reply, name)
      table.insert(reply, value)
    end
  end
end
return reply
`,
}

export const loadSession: Script<'session' | 'retired' | 'index' | 'epochKey', 'givenNow' | 'digest' | 'touchEvery' | 'member' | 'linger', never, never> = {
  name: 'load-session',
  sha1: '91ad9eca196d105b121d83a1a56d9d18ef915b75',
  keys: ['session', 'retired', 'index', 'epochKey'],
  args: ['givenNow', 'digest', 'touchEvery', 'member', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Finds the session of a token, notes the activity, and ends a session that is over.
-- Returns {'valid', now, record}, {'retired', note}, {'reused', note, record or false},
-- or {reason, record or false} for no session. A record in a newer format is left as it is.
local session = KEYS[1]
local retired = KEYS[2]
local index = KEYS[3]
local epoch_key = KEYS[4]
local given_now = tonumber(ARGV[1])
local digest = ARGV[2]
local touch_every = tonumber(ARGV[3])
local member = ARGV[4]
local linger = tonumber(ARGV[5])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, deadline, member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end

local function finish(reason, value)
  redis.call('DEL', session)
  redis.call('ZREM', index, member)
  return { reason, value }
end

local value = redis.call('GET', session)
if value and string.byte(value, 1) > format then return { 'newer-format', false } end
local now = clock(given_now)

if not value or string.sub(value, 18, 33) ~= digest then
  local note = redis.call('HGET', retired, digest)
  if not note then return { 'unknown', false } end
  if now < struct.unpack('>I6', note) then return { 'retired', string.sub(note, 7) } end
  redis.call('DEL', session, retired)
  redis.call('ZREM', index, member)
  return { 'reused', string.sub(note, 7), value }
end

local created, seen, epoch, idle, absolute = unpack_record(value)
if not created then return finish('corrupt', false) end
local reason = ending(now, created, seen, idle, absolute)
if reason then return finish(reason, value) end
local current_epoch = redis.call('GET', epoch_key)
if current_epoch and tonumber(current_epoch) > epoch then return finish('epoch', value) end

if touch_every >= 0 and now > seen and now - seen >= math.min(touch_every, idle / 2) then
  local times = pack_times(created, now, epoch)
  redis.call('SETRANGE', session, 33, times)
  local deadline = math.min(now + idle, created + absolute)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  value = string.sub(value, 1, 33) .. times .. string.sub(value, 50)
end
return { 'valid', now, value }
`,
}

export const rotateSession: Script<'session' | 'index' | 'epochKey' | 'retired', 'givenNow' | 'head' | 'sealed' | 'isActivity' | 'member' | 'linger' | 'digest' | 'note' | 'grace', never, never> = {
  name: 'rotate-session',
  sha1: 'fc636fa6682903a6dac7b98836e0c9e35af12b98',
  keys: ['session', 'index', 'epochKey', 'retired'],
  args: ['givenNow', 'head', 'sealed', 'isActivity', 'member', 'linger', 'digest', 'note', 'grace'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Replaces what a living session holds and its token, and remembers the old token with a note, so
-- that it works for requests under way and gives a thief away later.
-- Returns {'written', now, times}, {'conflict', now, record} or {'gone'}.
local session = KEYS[1]
local index = KEYS[2]
local epoch_key = KEYS[3]
local retired = KEYS[4]
local given_now = tonumber(ARGV[1])
local head = ARGV[2]
local sealed = ARGV[3]
local is_activity = tonumber(ARGV[4])
local member = ARGV[5]
local linger = tonumber(ARGV[6])
local digest = ARGV[7]
local note = ARGV[8]
local grace = tonumber(ARGV[9])
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, deadline, member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end
-- Needs given_now, head, sealed, is_activity, member and linger.
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
  local deadline = math.min(seen + idle, created + absolute)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  return { 'written', now, times }
end

local reply = replace_record(session, index, epoch_key)
if reply[1] == 'written' then
  local now = reply[2]
  local created = struct.unpack('>I6', reply[3])
  local absolute = struct.unpack('>I4', head, 14) * 1000
  redis.call('HSET', retired, digest, struct.pack('>I6', now + grace) .. note)
  redis.call('PEXPIRE', retired, created + absolute - now + linger)
end
return reply
`,
}

export const saveSession: Script<'session' | 'index' | 'epochKey', 'givenNow' | 'head' | 'sealed' | 'isActivity' | 'member' | 'linger', never, never> = {
  name: 'save-session',
  sha1: '420a92cf7bc9a132e8678a71405c4c38616be698',
  keys: ['session', 'index', 'epochKey'],
  args: ['givenNow', 'head', 'sealed', 'isActivity', 'member', 'linger'],
  restKeys: undefined,
  restArgs: undefined,
  source: `-- Replaces what a living session holds, if its generation is still the one the caller read.
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
-- The layout of a record is described in record-layout.ts.
local format = 1

local function clock(now)
  if now > 0 then return now end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function pack_times(created, seen, epoch)
  local after = seen - created
  local check = (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521
  return struct.pack('>I6I5I3I2', created, after, epoch, check)
end

-- Created, seen, epoch, idle ms, absolute ms, generation; or nothing when the value is damaged.
local function unpack_record(value)
  if #value < 49 or string.byte(value, 1) ~= format then return nil end
  local created, after, epoch, check = struct.unpack('>I6I5I3I2', value, 34)
  if check ~= (created % 65521 + 3 * (after % 65521) + 7 * epoch) % 65521 then return nil end
  local generation, idle, absolute = struct.unpack('>I4I4I4', value, 6)
  return created, created + after, epoch, idle * 1000, absolute * 1000, generation
end

-- How the session has ended by now, or nil while it lives.
local function ending(now, created, seen, idle, absolute)
  if now >= created + absolute then return 'absolute' end
  if now >= seen + idle then return 'idle' end
  return nil
end

local function keep_until(session, index, member, deadline, ttl)
  redis.call('PEXPIRE', session, ttl)
  if member == '' then return end
  redis.call('ZADD', index, deadline, member)
  if redis.call('PTTL', index) < ttl then redis.call('PEXPIRE', index, ttl) end
end
-- Needs given_now, head, sealed, is_activity, member and linger.
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
  local deadline = math.min(seen + idle, created + absolute)
  local is_indexed = redis.call('ZSCORE', index, member)
  keep_until(session, index, is_indexed and member or '', deadline, deadline - now + linger)
  return { 'written', now, times }
end

return replace_record(session, index, epoch_key)
`,
}
