-- Write how far a running job is, if this token still holds it. ARGV: id, bucket, token, stage, fraction.
local id = ARGV[1]
if rcall('GET', bull_key(ARGV[2], id, 'lock')) ~= ARGV[3] then return 0 end
if rcall('HGET', key('job', id), 'status') ~= 'running' then return 0 end
rcall('HSET', key('job', id), 'stage', ARGV[4], 'progress', ARGV[5])
emit(id, 'progress', cjson.encode({stage = ARGV[4], progress = tonumber(ARGV[5])}))
return 1
