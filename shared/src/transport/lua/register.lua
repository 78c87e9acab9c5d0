-- Makes a worker known. Stands in for `register_worker.lua`; KEYS and ARGV are the same.
--
-- Differs from the original: it never refuses a name (ours are unique for each start), writes neither the metadata hash
-- of the worker nor the list of queues, which nobody reads and nobody deletes, and uses the server's clock.
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], tonumber(time[1]) + tonumber(time[2]) / 1000000, ARGV[2])
return 1
