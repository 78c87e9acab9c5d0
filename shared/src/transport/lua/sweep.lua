-- Takes the messages of dead workers back. Stands in for `reenqueue_orphaned.lua`; KEYS and ARGV are the same, and then,
-- last, ARGV[#ARGV] = seconds of silence after which a worker is dead.
--
-- Differs from the original:
-- * In portions of 1 000; the original passes a whole in-flight set to one `unpack`, and near 8 000 messages of one dead
--   worker make every heartbeat of every worker fail.
-- * The server's clock is used.
-- * Asked about one worker only (at its registration) it does nothing: names are unique for each start.
-- * Announces what it took back. The messages go to the end of the list, so that one that kills its process does not
--   stand before all others.
local workers, ready, prefix = KEYS[1], KEYS[2], KEYS[4]
if #ARGV > 2 then return 0 end

local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local taken = 0
for _, worker in ipairs(redis.call('ZRANGEBYSCORE', workers, '-inf', now - tonumber(ARGV[#ARGV]), 'LIMIT', 0, 100)) do
  local inflight = prefix .. ':' .. worker
  local ids = redis.call('SRANDMEMBER', inflight, 1000)
  while #ids > 0 do
    -- In this order: an error in between must not lose them.
    redis.call('RPUSH', ready, unpack(ids))
    redis.call('SREM', inflight, unpack(ids))
    taken = taken + #ids
    ids = redis.call('SRANDMEMBER', inflight, 1000)
  end
  redis.call('DEL', inflight .. ':last')
  redis.call('ZREM', workers, worker)
end
if taken > 0 then redis.call('PUBLISH', 'tasks:' .. ready .. ':available', taken) end
return taken
