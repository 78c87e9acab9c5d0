-- Says that a worker lives. Stands in for `keep_alive.lua`; KEYS and ARGV are the same.
--
-- Differs from the original: an unknown worker (Redis was restarted) is registered instead of failing, and the server's
-- clock is used, so that hosts whose clocks differ do not take each other for dead.
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], tonumber(time[1]) + tonumber(time[2]) / 1000000, ARGV[2])
return 1
