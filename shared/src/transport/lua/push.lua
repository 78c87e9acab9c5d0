-- Hands a batch of messages to the workers. Stands in for `batch_push.lua`; KEYS and ARGV are the same.
--
-- Differs from the original:
-- * A message goes straight to the ready list. The original puts every one into the zset of delayed tasks, because its
--   client always sends a time, and so announces nothing. When a job may run is a column in PostgreSQL, not a score here.
--   The client's clock is not read: a client that is ahead would delay every message.
-- * One announcement for the batch instead of none.
-- * RPUSH in portions, because Lua's `unpack` gives up near 8 000 values.
-- * No metadata hash per message: nothing is left behind when it is done.
--
-- A known id is ignored as long as its message waits or runs, so a push may be repeated. The list is written first: should
-- Redis cut the script short (out of memory), an id without content is passed over, but content without an id would make
-- every later push of it a known one.
local data, ready = KEYS[1], KEYS[2]

local fresh, contents = {}, {}
for i = 3, #ARGV, 7 do
  local id = ARGV[i]
  if not contents[id] and redis.call('HEXISTS', data, id) == 0 then
    fresh[#fresh + 1] = id
    contents[id] = ARGV[i + 1]
  end
end
for i = 1, #fresh, 1000 do
  redis.call('RPUSH', ready, unpack(fresh, i, math.min(i + 999, #fresh)))
end
for _, id in ipairs(fresh) do
  redis.call('HSET', data, id, contents[id])
end
if #fresh > 0 then
  redis.call('PUBLISH', 'tasks:' .. ready .. ':available', #fresh)
end
return {#fresh, 0}
