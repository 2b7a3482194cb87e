-- Note that somebody wants a job cancelled. ARGV: id. Answers its status and its bucket.
local id = ARGV[1]
local kind, live = kind_of(key('job', id)), live_of(id)
if kind ~= 'hash' then return {live and 'corrupt' or 'unknown', live and live[3] or ''} end
local status = rcall('HGET', key('job', id), 'status')
if TERMINAL[status] then return {'over', ''} end
rcall('HSETNX', key('job', id), 'cancel_requested_at', now_us())
return {status, live and live[3] or ''}
