-- A worker holds BullMQ's lock of a job: mark it running. ARGV: id, bucket, token, how often it may be started.
-- Answers {'started', field, value, ...} or {why not}.
local id, now = ARGV[1], now_us()
if rcall('GET', bull_key(ARGV[2], id, 'lock')) ~= ARGV[3] then return {'lost'} end
local kind = kind_of(key('job', id))
if kind == 'none' then return {rcall('HEXISTS', key('live'), id) == 1 and 'corrupt' or 'gone'} end
if kind ~= 'hash' then return {'corrupt'} end
local job = rcall('HMGET', key('job', id), 'status', 'v', 'cancel_requested_at', 'cancel_at', 'attempt')
if TERMINAL[job[1]] then return {'over'} end
if job[2] ~= '1' or not tonumber(job[5]) then return {'corrupt'} end
if job[3] then return {'cancel'} end
if job[4] and tonumber(job[4]) <= tonumber(now) then
  rcall('HSET', key('job', id), 'cancel_requested_at', now)
  return {'cancel'}
end
local attempt = tonumber(job[5]) + 1
if attempt > tonumber(ARGV[4]) then return {'crashed'} end
rcall('HSET', key('job', id), 'status', 'running', 'attempt', attempt, 'started_at', now, 'progress', 0)
rcall('HDEL', key('job', id), 'stage')
rcall('ZREM', key('queued'), id)
rcall('ZREM', key('pending'), id)
rcall('ZADD', key('running'), now, id)
emit_status(id, 'running', attempt)
local answer = rcall('HGETALL', key('job', id))
table.insert(answer, 1, 'started')
return answer
