-- Note how many ageing steps a waiting job has gained. ARGV: id, steps.
if kind_of(key('job', ARGV[1])) == 'hash' then rcall('HSET', key('job', ARGV[1]), 'aged', ARGV[2]) end
