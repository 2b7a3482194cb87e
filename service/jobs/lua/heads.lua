-- What each bucket would give next: flat {bucket, priority, us of creation, ms when a delayed job is due or '', ...}.
local answer = {}
for _, bucket in ipairs(rcall('SMEMBERS', key('buckets'))) do
  local rank, head = '', rcall('LINDEX', bull_key(bucket, 'wait'), -1)
  if head then rank = '0' else
    local best = rcall('ZRANGE', bull_key(bucket, 'prioritized'), 0, 0, 'WITHSCORES')
    if best[1] then head, rank = best[1], string.format('%.0f', math.floor(tonumber(best[2]) / 4294967296)) end
  end
  local delayed = rcall('ZRANGE', bull_key(bucket, 'delayed'), 0, 0, 'WITHSCORES')
  local due = delayed[2] and string.format('%.0f', math.floor(tonumber(delayed[2]) / 4096)) or ''
  local created = head and rcall('ZSCORE', key('queued'), head) or '0'
  for _, value in ipairs({bucket, rank, created, due}) do table.insert(answer, value) end
end
return answer
