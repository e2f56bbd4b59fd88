-- Sends ready-made requests, each as it goes over the wire, and prints what came of it as JSON.
-- Arguments: a file of requests with a NUL between them; "turn" or "random".
local requests = {}
local sent = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local all = file:read("*a")
  file:close()
  local from = 1
  while from <= #all do
    local to = all:find("\0", from, true) or #all + 1
    requests[#requests + 1] = all:sub(from, to - 1)
    from = to + 1
  end
  if #requests == 1 then
    -- wrk takes what this gives once, and then sends it without asking Lua again.
    wrk.format = function() return requests[1] end
  elseif arguments[2] == "random" then
    math.randomseed(1)
    request = function() return requests[math.random(#requests)] end
  else
    request = function()
      sent = sent % #requests + 1
      return requests[sent]
    end
  end
end

function done(summary, latency, _)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '{"answers": %d, "seconds": %.6f, "bytes": %d, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status, broken
  ))
end
