-- Compare what our record and BullMQ say of outstanding jobs. ARGV: us that accepting may take, us of an ageing step, ids...
-- Answers flat {id, bucket, verdict, detail, ...} for those where something is to be done:
--   stray: not a job any more       corrupt: the record or BullMQ's entry is no hash
--   add: BullMQ does not have it    completed, failed: BullMQ has ended it (detail: what it keeps)
--   requeue: it waits again         cancel: somebody wants it cancelled and no worker holds it
--   age: it has waited long (detail: steps)
local now, answer = tonumber(now_us()), {}

local function is_active(bucket, id)
  return rcall('EXISTS', bull_key(bucket, id, 'lock')) == 1 or rcall('LPOS', bull_key(bucket, 'active'), id)
end

local function verdict(id, live)
  if not live then return 'stray' end
  local bucket = live[3]
  if kind_of(key('job', id)) ~= 'hash' then return 'corrupt' end
  local job = rcall('HMGET', key('job', id), 'status', 'cancel_requested_at', 'created_at', 'priority', 'aged')
  if TERMINAL[job[1]] then return 'stray' end
  local kind = kind_of(bull_key(bucket, id))
  if kind == 'none' then
    local asked = rcall('ZSCORE', key('pending'), id)
    if asked and tonumber(asked) > now - tonumber(ARGV[1]) then return nil end
    return job[2] and 'cancel' or 'add'
  end
  if kind ~= 'hash' then return 'corrupt' end
  local bull = rcall('HMGET', bull_key(bucket, id), 'finishedOn', 'returnvalue', 'failedReason')
  if bull[1] then
    if bull[2] then return 'completed', bull[2] end
    return 'failed', bull[3] or ''
  end
  if is_active(bucket, id) then return nil end
  if job[2] then return 'cancel' end
  if job[1] == 'running' then return 'requeue' end
  if job[4] ~= 'batch' or not tonumber(job[3]) then return nil end
  local steps = math.floor((now - tonumber(job[3])) / tonumber(ARGV[2]))
  if steps > (tonumber(job[5]) or 0) then return 'age', tostring(steps) end
end

for i = 3, #ARGV do
  local live = live_of(ARGV[i])
  local what, detail = verdict(ARGV[i], live)
  if what then
    for _, value in ipairs({ARGV[i], live and live[3] or '', what, detail or ''}) do table.insert(answer, value) end
  end
end
return answer
