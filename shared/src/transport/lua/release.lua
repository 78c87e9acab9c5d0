-- Gives back messages that a stopping worker fetched and did not start. Stands in for `release_leases.lua`; KEYS and
-- ARGV are the same.
--
-- Differs from the original: the messages go to the head of the list in their old order, no metadata hash is written
-- (it would be left behind), and there is one announcement instead of one for each.
local inflight, ready = KEYS[1], KEYS[2]
local released = 0
for i = #ARGV, 3, -1 do
  if redis.call('SISMEMBER', inflight, ARGV[i]) == 1 then
    redis.call('LPUSH', ready, ARGV[i])
    redis.call('SREM', inflight, ARGV[i])
    released = released + 1
  end
end
if released > 0 then redis.call('PUBLISH', 'tasks:' .. ready .. ':available', released) end
return released
