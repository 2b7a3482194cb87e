-- How many jobs are ahead of a queued one, over all buckets. ARGV: id. -1 for a job that does not wait, -2 if unknown.
local id = ARGV[1]
if kind_of(key('job', id)) ~= 'hash' then return -2 end
local live = live_of(id)
if not live or rcall('HGET', key('job', id), 'status') ~= 'queued' then return -1 end
local PRIORITY = 4294967296 -- BullMQ: score = priority * 2^32 + counter
local own = rcall('ZSCORE', bull_key(live[3], 'prioritized'), id)
local class = rcall('HGET', key('job', id), 'priority') == 'batch' and 100 or 1
local level = tonumber(rcall('HGET', bull_key(live[3], id), 'priority')) or class
local ahead = 0
for _, bucket in ipairs(rcall('SMEMBERS', key('buckets'))) do
  local wait, prioritized = bull_key(bucket, 'wait'), bull_key(bucket, 'prioritized')
  local upto = '(' .. string.format('%.0f', level * PRIORITY)
  if bucket == live[3] then
    if own then upto = '(' .. own else upto = '(' .. string.format('%.0f', (level + 1) * PRIORITY) end
    local place = rcall('LPOS', wait, id)
    if place then ahead = ahead - place - 1; upto = '(0' end
  end
  ahead = ahead + rcall('LLEN', wait) + rcall('ZCOUNT', prioritized, '-inf', upto)
end
return math.max(ahead, 0)
