-- Tells every process what changed; notices.ts says how. Where Redis does not allow it, no process
-- hears a thing, heartbeats included, and none relies on what it would have heard.
local function announce(channel, notice)
  redis.pcall('PUBLISH', channel, notice)
end
