-- Shared by all scripts. KEYS[1] is the prefix `{queue}`, which puts every key into one slot.
local rcall = redis.call
local TERMINAL = {succeeded = true, failed = true, cancelled = true, expired = true}

local function key(...)
  return KEYS[1] .. ':' .. table.concat({...}, ':')
end

-- Microseconds of the server's clock, as text: Lua would write the number with an exponent.
local function now_us()
  local t = rcall('TIME')
  return t[1] .. string.format('%06d', t[2])
end

local function plus_us(us, more)
  return string.format('%.0f', tonumber(us) + tonumber(more))
end

local function kind_of(name)
  return rcall('TYPE', name)['ok']
end

local function emit(id, name, data)
  rcall('XADD', key('job', id, 'events'), 'MAXLEN', '~', 500, '*', 'name', name, 'data', data)
  rcall('PUBLISH', key('wake'), id)
end

local function emit_status(id, status, attempt)
  emit(id, 'status', cjson.encode({status = status, attempt = tonumber(attempt) or 0}))
end

-- What admission wrote of an outstanding job: tenant, cost in seconds, bucket, once key; nil when it is not live.
local function live_of(id)
  local raw = rcall('HGET', key('live'), id)
  if not raw then return nil end
  local ok, live = pcall(cjson.decode, raw)
  if ok then return live end
  return {'', 0, '', ''}
end

local function bull_key(bucket, ...)
  return key('gen-' .. bucket, ...)
end

-- Take a job out of every set of outstanding jobs. Doing it twice does nothing more.
local function settle(id)
  local live = live_of(id)
  for _, set in ipairs({'queued', 'running', 'pending', 'deadlines'}) do
    rcall('ZREM', key(set), id)
  end
  if not live then return end
  rcall('SREM', key('tenant', live[1], 'live'), id)
  rcall('HINCRBYFLOAT', key('totals'), 'cost_s', -tonumber(live[2]))
  rcall('HDEL', key('live'), id)
  if rcall('HLEN', key('live')) == 0 then rcall('DEL', key('totals')) end
end
