-- wrk's part: the tokens of a file in turn, each as a bearer token. With a second argument the file is chosen by the second:
-- `<file>-<n>`, n seconds after that time.
local lists, at, start = {}, 0, nil

local function read(name)
  local list = {}
  for line in io.lines(name) do
    list[#list + 1] = wrk.format("GET", nil, { Authorization = "Bearer " .. line })
  end
  return list
end

function init(args)
  if args[2] then
    start = tonumber(args[2])
    for second = 0, 29 do
      lists[second] = read(args[1] .. "-" .. second)
    end
  else
    lists[0] = read(args[1])
  end
end

function request()
  local list = lists[start and math.max(0, math.min(os.time() - start, 29)) or 0]
  at = at % #list + 1
  return list[at]
end

function done(summary, latency)
  io.write(string.format(
    'result {"requests": %d, "seconds": %.6f, "p50": %d, "p99": %d, "refused": %d, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
