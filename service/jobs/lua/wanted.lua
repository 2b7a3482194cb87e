-- Which of these running jobs are to be cancelled, and that this worker lives. ARGV: worker, ms a worker is kept, ids...
local now = now_us()
rcall('ZADD', key('workers'), now, ARGV[1])
rcall('PEXPIRE', key('workers'), ARGV[2])
local wanted = {}
for i = 3, #ARGV do
  local record = key('job', ARGV[i])
  if kind_of(record) == 'hash' then
    local job = rcall('HMGET', record, 'status', 'cancel_requested_at', 'cancel_at')
    local late = job[3] and tonumber(job[3]) <= tonumber(now)
    if not TERMINAL[job[1]] and (job[2] or late) then
      if not job[2] then rcall('HSET', record, 'cancel_requested_at', now) end
      table.insert(wanted, ARGV[i])
    end
  end
end
return wanted
