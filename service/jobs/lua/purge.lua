-- Take an entry out of everything that BullMQ has, without reading it: it may be no hash at all. ARGV: bucket, id.
local bucket, id = ARGV[1], ARGV[2]
for _, set in ipairs({'prioritized', 'delayed', 'completed', 'failed'}) do rcall('ZREM', bull_key(bucket, set), id) end
for _, list in ipairs({'wait', 'active', 'paused'}) do rcall('LREM', bull_key(bucket, list), 0, id) end
rcall('SREM', bull_key(bucket, 'stalled'), id)
rcall('DEL', bull_key(bucket, id), bull_key(bucket, id, 'lock'))
