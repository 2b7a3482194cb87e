-- A job waits again. ARGV: id, tries to give back (0 or 1). Nothing happens if a worker holds it by now.
local id = ARGV[1]
local live = live_of(id)
if not live or kind_of(key('job', id)) ~= 'hash' then return 0 end
if rcall('HGET', key('job', id), 'status') ~= 'running' then return 0 end
if rcall('EXISTS', bull_key(live[3], id, 'lock')) == 1 then return 0 end
local attempt = (tonumber(rcall('HGET', key('job', id), 'attempt')) or 1) - tonumber(ARGV[2])
rcall('HSET', key('job', id), 'status', 'queued', 'progress', 0, 'attempt', attempt)
rcall('HDEL', key('job', id), 'stage')
rcall('ZREM', key('running'), id)
rcall('ZADD', key('queued'), rcall('HGET', key('job', id), 'created_at'), id)
emit_status(id, 'queued', attempt)
rcall('PUBLISH', key('wake'), '*')
return 1
