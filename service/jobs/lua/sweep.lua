-- Take entries that are no job at all out of a bucket's active list, where they would break BullMQ's stalled check.
-- ARGV: bucket. Answers their ids.
local swept = {}
for _, id in ipairs(rcall('LRANGE', bull_key(ARGV[1], 'active'), 0, -1)) do
  if kind_of(bull_key(ARGV[1], id)) ~= 'hash' then
    rcall('LREM', bull_key(ARGV[1], 'active'), 1, id)
    rcall('SREM', bull_key(ARGV[1], 'stalled'), id)
    rcall('DEL', bull_key(ARGV[1], id), bull_key(ARGV[1], id, 'lock'))
    table.insert(swept, id)
  end
end
return swept
