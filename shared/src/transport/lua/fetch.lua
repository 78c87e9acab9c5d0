-- Gives a worker its next messages. Stands in for `fetch_next.lua`; KEYS and ARGV are the same, and then
-- ARGV[4] = token of the call, ARGV[5] = '1' when this is another try of a call whose answer was lost.
--
-- Differs from the original:
-- * Another try returns the batch of the first one, so that a lost answer leaves no message in nobody's hands.
-- * Delayed messages become ready 500 at a time; the original passes all of them to one `unpack`, and near 8 000 of
--   them stop the queue for good.
-- * A worker that is not registered (Redis was restarted) is registered instead of failing.
-- * A message without content is skipped, and one whose id is none of ours is put aside: either would stop the worker,
--   and then the next one.
-- * Nothing of what is stored about a message is passed on but the number of its deliveries, so that no stored value can
--   be one that the client fails to read.
-- * The server's clock decides what is due, not the client's.
local workers, ready, inflight, data, delayed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[7]
local attempts = KEYS[6] .. ':attempts'
local dead = string.gsub(delayed, ':scheduled$', ':dead')
local last = inflight .. ':last'
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000

redis.call('ZADD', workers, now, ARGV[3])

local ids = {}
if ARGV[5] == '1' and redis.call('HGET', last, 'token') == ARGV[4] then
  for _, id in ipairs(cmsgpack.unpack(redis.call('HGET', last, 'ids'))) do
    -- What was taken from this worker meanwhile is another's.
    if redis.call('SISMEMBER', inflight, id) == 1 then ids[#ids + 1] = id end
  end
else
  local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', now, 'LIMIT', 0, 500)
  if #due > 0 then
    redis.call('RPUSH', ready, unpack(due))
    redis.call('ZREM', delayed, unpack(due))
  end
  ids = redis.call('LRANGE', ready, 0, math.min(tonumber(ARGV[2]), 1000) - 1)
  if #ids > 0 then
    redis.call('SADD', inflight, unpack(ids))
    redis.call('LTRIM', ready, #ids, -1)
    redis.call('HSET', last, 'token', ARGV[4], 'ids', cmsgpack.pack(ids))
  end
end

local contents, about = {}, {}
for _, id in ipairs(ids) do
  local content = redis.call('HGET', data, id)
  if content and string.match(id, '^j%-%d+%-%d+$') then
    local tries = tonumber(redis.call('HGET', attempts, id) or '0') or 0
    contents[#contents + 1] = content
    about[#about + 1] = {id, 'attempts', string.format('%d', tries), 'max_attempts', '25', 'status', 'Pending'}
  else
    redis.call('SREM', inflight, id)
    redis.call('HDEL', attempts, id)
    if redis.call('HDEL', data, id) == 1 then redis.call('ZADD', dead, now, id) end
  end
end
return {contents, about}
