-- wrk's side of the bench: `wrk … -- PATHS` asks for the addresses in the file PATHS, one after the other.

local paths = {}
local thread_count = 0

function setup(thread)
  thread:set("offset", thread_count * 7919)
  thread_count = thread_count + 1
end

function init(arguments)
  for path in io.lines(arguments[1]) do
    paths[#paths + 1] = path
  end
  wrk.headers["Accept-Encoding"] = "br, gzip"
  wrk.path = paths[1]
  if #paths > 1 then
    local requests = {}
    for number, path in ipairs(paths) do
      requests[number] = wrk.format(nil, path)
    end
    local at = offset
    function request()
      at = at + 1
      return requests[at % #requests + 1]
    end
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "slowest": %f, "bytes": %d, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
