-- Signs a worker off and gives back all it still holds.
-- KEYS[1] = workers, KEYS[2] = in-flight set of the worker, KEYS[3] = ready list, ARGV[1] = worker.
--
-- Stands in for the `ZREM` of `RedisStorage::poll_close`, which removes the wrong member, so that the worker stays
-- registered and a batch whose fetch was under way is lost until the sweep.
local released = 0
local ids = redis.call('SRANDMEMBER', KEYS[2], 1000)
while #ids > 0 do
  -- In this order: an error in between must not lose them.
  redis.call('LPUSH', KEYS[3], unpack(ids))
  redis.call('SREM', KEYS[2], unpack(ids))
  released = released + #ids
  ids = redis.call('SRANDMEMBER', KEYS[2], 1000)
end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2] .. ':last')
if released > 0 then redis.call('PUBLISH', 'tasks:' .. KEYS[3] .. ':available', released) end
return released
