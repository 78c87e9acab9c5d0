-- Deletes what nobody needs any more.
-- KEYS = workers, ready list, delayed, dead, data, attempts, prefix of the in-flight sets;
-- ARGV[1] = seconds after which a dead message is forgotten.
--
-- Content without an id can only be left by a script that Redis cut short (out of memory). To look for it one by one would
-- cost a pass over everything; a queue that is empty and idle cannot own any content, so then all of it goes.
local workers, ready, delayed, dead, data, attempts, prefix = unpack(KEYS)
local time = redis.call('TIME')
local forgotten = redis.call('ZREMRANGEBYSCORE', dead, '-inf', tonumber(time[1]) - tonumber(ARGV[1]))

local busy = redis.call('LLEN', ready) + redis.call('ZCARD', delayed)
for _, worker in ipairs(redis.call('ZRANGE', workers, 0, -1)) do
  busy = busy + redis.call('SCARD', prefix .. ':' .. worker)
end
local leftovers = 0
if busy == 0 then
  leftovers = redis.call('HLEN', data)
  redis.call('UNLINK', data, attempts)
end
return {forgotten, leftovers}
