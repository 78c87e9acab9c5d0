-- Records how handlers ended. Stands in for `handle_results.lua`; KEYS and ARGV are the same, and then, last,
-- ARGV[#ARGV] = how often a message is delivered before it is given up.
--
-- Differs from the original:
-- * A message that this worker no longer owns is passed over; the original fails, ends the worker and drops the rest.
-- * A finished message leaves nothing: the original keeps its content, its metadata and its id for ever.
-- * A failed one is delivered again after 2, 4, 8 .. 60 s, also when the handler panicked. The original sends a panic to
--   the dead set, has 25 attempts that no setting changes, and lets `vacuum` delete what waits for its next one.
-- * The dead set is a zset of the newest 1 000, with the time; the original's is a set without end.
local inflight, dead, delayed, meta = KEYS[1], KEYS[3], KEYS[4], KEYS[5]
local attempts = meta .. ':attempts'
local data = string.gsub(meta, ':meta$', ':data')
local limit = tonumber(ARGV[#ARGV])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

local owned, buried = 0, 0
for i = 2, #ARGV - 1, 5 do
  local id, status, attempt = ARGV[i], ARGV[i + 3], tonumber(ARGV[i + 4])
  if redis.call('SREM', inflight, id) == 1 then
    owned = owned + 1
    if status ~= 'Done' and status ~= 'Killed' and attempt < limit then
      redis.call('HSET', attempts, id, attempt)
      redis.call('ZADD', delayed, now + math.min(2 ^ attempt, 60), id)
    else
      redis.call('HDEL', data, id)
      redis.call('HDEL', attempts, id)
      if status ~= 'Done' then
        redis.call('ZADD', dead, now, id)
        buried = buried + 1
      end
    end
  end
end
if buried > 0 then redis.call('ZREMRANGEBYRANK', dead, 0, -1001) end
return owned
