-- Write how a job ended, once: a job that is over never changes. Answers 1 if this call ended it.
-- ARGV: id, status, result JSON or '', problem JSON or '', ms that the record is kept, ms that its events are kept.
local id, status, now = ARGV[1], ARGV[2], now_us()
local record = key('job', id)
local kind, live = kind_of(record), live_of(id)
if kind == 'hash' and TERMINAL[rcall('HGET', record, 'status')] then settle(id) return 0 end
if kind == 'none' and not live then settle(id) return 0 end
if kind ~= 'hash' then
  rcall('DEL', record)
  rcall('HSET', record, 'id', id, 'tenant', live and live[1] or '', 'created_at', now)
end
rcall('HSET', record, 'status', status, 'completed_at', now, 'expires_at', plus_us(now, ARGV[5] * 1000))
rcall('HDEL', record, 'stage')
if status == 'succeeded' then rcall('HSET', record, 'progress', 1) end
if ARGV[3] ~= '' then rcall('HSET', record, 'result', ARGV[3]) end
if ARGV[4] ~= '' then rcall('HSET', record, 'error', ARGV[4]) end
settle(id)
rcall('ZADD', key('ended'), now, id)
rcall('PEXPIRE', key('ended'), ARGV[5])
emit(id, 'done', cjson.encode({status = status}))
rcall('PEXPIRE', record, ARGV[5])
if kind_of(key('job', id, 'events')) == 'stream' then rcall('PEXPIRE', key('job', id, 'events'), ARGV[6]) end
return 1
