"""The scripts behind RedisDeliveries; each is one atomic step, by the server's clock.

Keys, all under one prefix with a hash tag, so that they share a cluster slot:
    {prefix}:due               sorted set of `endpoint/message` by the millisecond when it is due (or its lease ends)
    {prefix}:log:ENDPOINT      sorted set of its last message ids by age
    {prefix}:one:ENDPOINT/ID   hash: message, state, attempts, tries, token (while it is claimed)
    {prefix}:seen:ENDPOINT/ID  mark of a message that was added, longer-lived than the job it tells of
"""

NOW = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
"""

# KEYS seen, one, log, due. ARGV seen's and one's seconds to live, message, member, id, log's length, prefix of ones.
ADD = (
    NOW
    + """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
redis.call('HSET', KEYS[2], 'message', ARGV[3], 'state', 'pending', 'attempts', '[]', 'tries', 0)
redis.call('EXPIRE', KEYS[2], ARGV[2])
local last = redis.call('ZREVRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2]
redis.call('ZADD', KEYS[3], last and last + 1 or 1, ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[2])
redis.call('ZADD', KEYS[4], now, ARGV[4])
local endpoint = string.match(ARGV[4], '^[^/]+')
for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -tonumber(ARGV[6]) - 1)) do
  redis.call('ZREM', KEYS[3], id)
  local old = ARGV[7] .. endpoint .. '/' .. id
  if redis.call('HGET', old, 'state') ~= 'pending' then redis.call('DEL', old) end
end
return 1
"""
)

# KEYS due. ARGV most, most of one endpoint, JSON of those in hand by endpoint, lease ms, token, prefix of ones,
# how many to look at, ms to put off. Answers flat: message, state, attempts, tries, due ms, for each claim.
CLAIM = (
    NOW
    + """
local most, of_one, busy = tonumber(ARGV[1]), tonumber(ARGV[2]), cjson.decode(ARGV[3])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[7])
local found, taken = {}, 0
for _, member in ipairs(due) do
  if taken >= most then break end
  local endpoint = string.match(member, '^[^/]+')
  if (busy[endpoint] or 0) < of_one then
    local one = ARGV[6] .. member
    local had = redis.call('HMGET', one, 'message', 'state', 'attempts', 'tries')
    if had[1] then
      busy[endpoint] = (busy[endpoint] or 0) + 1
      taken = taken + 1
      redis.call('ZADD', KEYS[1], now + ARGV[4], member)
      redis.call('HSET', one, 'token', ARGV[5])
      for i = 1, 4 do found[#found + 1] = had[i] end
      found[#found + 1] = tostring(now + ARGV[4])
    else
      redis.call('ZREM', KEYS[1], member)
    end
  end
end
if taken == 0 and #due >= tonumber(ARGV[7]) then
  for _, member in ipairs(due) do redis.call('ZADD', KEYS[1], 'XX', now + ARGV[8], member) end
end
return found
"""
)

# KEYS due, one, log. ARGV token, member, id, state, attempts, tries, ms to wait or '', seconds to live.
REPORT = (
    NOW
    + """
if redis.call('HGET', KEYS[2], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'state', ARGV[4], 'attempts', ARGV[5], 'tries', ARGV[6])
redis.call('HDEL', KEYS[2], 'token')
redis.call('EXPIRE', KEYS[2], ARGV[8])
if ARGV[7] ~= '' then
  redis.call('ZADD', KEYS[1], now + ARGV[7], ARGV[2])
  return 1
end
redis.call('ZREM', KEYS[1], ARGV[2])
if not redis.call('ZSCORE', KEYS[3], ARGV[3]) then redis.call('DEL', KEYS[2]) end
return 1
"""
)

# KEYS due, one. ARGV member, seconds to live.
REPLAY = (
    NOW
    + """
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
redis.call('HSET', KEYS[2], 'state', 'pending', 'tries', 0)
redis.call('HDEL', KEYS[2], 'token')
redis.call('EXPIRE', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
return 1
"""
)

# KEYS due, log. ARGV endpoint, prefix of ones.
DROP = """
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local member = ARGV[1] .. '/' .. id
  redis.call('ZREM', KEYS[1], member)
  redis.call('DEL', ARGV[2] .. member)
end
redis.call('DEL', KEYS[2])
return 1
"""
