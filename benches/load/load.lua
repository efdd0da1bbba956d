-- wrk's part: the tokens of a file in turn, each as a bearer token. With a second argument the file is chosen by the second:
-- `<file>-<n>`, n seconds after that time, for as many as there are.
local lists, last, at, start = {}, 0, 0, nil

local function read(name)
  local list = {}
  for line in io.lines(name) do
    list[#list + 1] = wrk.format("GET", nil, { Authorization = "Bearer " .. line })
  end
  return list
end

local function exists(name)
  local file = io.open(name)
  return file and file:close()
end

function init(args)
  if args[2] then
    start = tonumber(args[2])
    lists[0] = read(args[1] .. "-0")
    while exists(args[1] .. "-" .. last + 1) do
      last = last + 1
      lists[last] = read(args[1] .. "-" .. last)
    end
  else
    lists[0] = read(args[1])
  end
end

function request()
  local list = lists[start and math.max(0, math.min(os.time() - start, last)) or 0]
  at = at % #list + 1
  return list[at]
end

function done(summary, latency)
  io.write(string.format(
    'result {"requests": %d, "seconds": %.6f, "p50": %d, "p99": %d, "refused": %d, "errors": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
