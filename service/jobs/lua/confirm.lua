-- BullMQ has the job: its acceptance is over. ARGV: id.
local id = ARGV[1]
rcall('ZREM', key('pending'), id)
local live = live_of(id)
local once = live and live[4] or ''
if once == '' and kind_of(key('job', id)) == 'hash' then once = rcall('HGET', key('job', id), 'once') or '' end
if once ~= '' then rcall('HDEL', key('once', once), 'open_until') end
rcall('PUBLISH', key('wake'), '*')
