-- Accept a job, or say why not, in one step.
-- ARGV: id, tenant, once ('' for none), body sha, bound of all, bound of the tenant, us that accepting may take,
--       ms that once is kept, ms that the tenant's list is kept, cost_s, bucket, us until cancel ('' for none),
--       us that a worker counts after its heartbeat, fields...
local id, tenant, once = ARGV[1], ARGV[2], ARGV[3]
local now = now_us()
if rcall('EXISTS', key('job', id)) == 1 then return {'accepted', now} end
if once ~= '' then
  local known = rcall('HMGET', key('once', once), 'job', 'sha', 'open_until')
  if known[1] then
    if known[2] ~= ARGV[4] then return {'reused'} end
    if not known[3] then return {'replay', known[1]} end
    if tonumber(known[3]) > tonumber(now) then return {'in_flight'} end
    return {'unfinished', known[1]}
  end
end
local outstanding = rcall('HLEN', key('live'))
local cost = rcall('HGET', key('totals'), 'cost_s') or '0'
local scope = outstanding >= tonumber(ARGV[5]) and 'the service'
  or rcall('SCARD', key('tenant', tenant, 'live')) >= tonumber(ARGV[6]) and 'this API key'
if scope then
  return {'full', scope, cost, outstanding, rcall('ZCOUNT', key('workers'), plus_us(now, -ARGV[13]), '+inf')}
end
rcall('HSET', key('job', id), 'created_at', now, 'status', 'queued', 'attempt', 0, 'once', once,
  unpack(ARGV, 14))
if ARGV[12] ~= '' then
  local deadline = plus_us(now, ARGV[12])
  rcall('HSET', key('job', id), 'cancel_at', deadline)
  rcall('ZADD', key('deadlines'), deadline, id)
end
rcall('HSET', key('live'), id, cjson.encode({tenant, ARGV[10], ARGV[11], once}))
rcall('HINCRBYFLOAT', key('totals'), 'cost_s', ARGV[10])
rcall('ZADD', key('queued'), now, id)
rcall('ZADD', key('pending'), now, id)
rcall('SADD', key('tenant', tenant, 'live'), id)
rcall('ZADD', key('tenant', tenant, 'jobs'), now, id)
rcall('PEXPIRE', key('tenant', tenant, 'jobs'), ARGV[9])
if rcall('SADD', key('buckets'), ARGV[11]) == 1 then
  rcall('HSET', bull_key(ARGV[11], 'meta'), 'opts.maxLenEvents', 100)
end
if once ~= '' then
  rcall('HSET', key('once', once), 'job', id, 'sha', ARGV[4], 'open_until', plus_us(now, ARGV[7]))
  rcall('PEXPIRE', key('once', once), ARGV[8])
end
emit_status(id, 'queued', 0)
return {'accepted', now}
