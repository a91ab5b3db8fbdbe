-- Replaces what lies in a locker, unless another request did so meanwhile. Returns 1, or 0 when
-- nothing was changed.
local locker = KEYS[1]
local version = tonumber(ARGV[1])
local key_id = ARGV[2]
local sealed = ARGV[3]
local ttl = tonumber(ARGV[4])

local stored = tonumber(redis.call('HGET', locker, 'version') or 0)
if stored + 1 ~= version then return 0 end
redis.call('HSET', locker, 'version', version, 'key', key_id, 'sealed', sealed)
redis.call('PEXPIRE', locker, ttl)
return 1
