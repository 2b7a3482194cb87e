-- Forget a job that is over. ARGV: id. Answers its state and its bucket.
local id = ARGV[1]
local kind = kind_of(key('job', id))
if kind == 'none' then return {'unknown', ''} end
if kind ~= 'hash' then return {'live', ''} end
local job = rcall('HMGET', key('job', id), 'status', 'tenant', 'bucket')
if not TERMINAL[job[1]] then return {'live', ''} end
rcall('DEL', key('job', id), key('job', id, 'events'))
rcall('ZREM', key('tenant', job[2] or '', 'jobs'), id)
rcall('PUBLISH', key('wake'), id)
return {'deleted', job[3] or ''}
