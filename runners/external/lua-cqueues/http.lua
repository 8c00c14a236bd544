-- http: GET on cqueues' sockets, on a connection for each worker, which is kept between its requests.
local cqueues = require("cqueues")
local socket = require("cqueues.socket")
local errno = require("cqueues.errno")
local run = require("contract")

local BUFFER = 16384
local REFUSED = {[errno.ECONNREFUSED] = true, [errno.EHOSTUNREACH] = true, [errno.ENETUNREACH] = true}
local told = run.told
local context

-- TLS that trusts what the command line says.
local function tls(host)
  local ssl = require("openssl.ssl")
  local ssl_context = require("openssl.ssl.context")
  if not context then
    context = ssl_context.new("TLS", false)
    local store = require("openssl.x509.store").new()
    if told.cacert == "" then store:addDefaults() else store:add(told.cacert) end
    context:setStore(store)
    context:setVerify(told.insecure == "1" and ssl_context.VERIFY_NONE or ssl_context.VERIFY_PEER)
  end
  local one = ssl.new(context)
  local params = require("openssl.x509.verify_param").new()
  if host:match("^[%d.]+$") or host:find(":", 1, true) then
    params:setIP(host)
  else
    params:setHost(host)
    one:setHostName(host)
  end
  local old = one:getParam()
  old:inherit(params)
  one:setParam(old)
  return one
end

local function parse(url)
  local scheme, authority, path = url:match("^(%a+)://([^/?#]+)([^#]*)")
  local host, port = authority:match("^%[?([^%]@]-)%]?:?(%d*)$")
  if not host or authority:find("@", 1, true) then run.fail(2, "not a URL that this runner understands") end
  local is_tls = scheme:lower() == "https"
  return {is_tls = is_tls, host = host, port = port ~= "" and port or (is_tls and "443" or "80"),
          request = ("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: concbench\r\n%s\r\n"):format(
            path:sub(1, 1) == "/" and path or "/" .. path, authority, told.keepalive == "1" and "" or "Connection: close\r\n")}
end

local function left(deadline)
  local seconds = deadline - cqueues.monotime()
  return seconds > 0 and seconds or error("timeout", 0)
end

-- Why there is nothing more to read: the class of the failure. at_end: what an end of the connection means.
local function stop(why, at_end)
  if why == errno.ETIMEDOUT then error("timeout", 0) end
  error((not why or why == errno.EPIPE or at_end == "lost") and at_end or "reset", 0)
end

local function read(s, what, deadline, at_end)
  local got, why = s:xread(what, "b", left(deadline))
  return got or stop(why, at_end)
end

local function line(s, deadline, at_end)
  local got = read(s, "*L", deadline, at_end)
  if got:sub(-1) ~= "\n" then error(#got >= BUFFER and "protocol" or at_end, 0) end
  return (got:gsub("\r?\n$", ""))
end

local function connect(url, deadline)
  local s = socket.connect {host = url.host, port = url.port, nodelay = true, mode = "bn"}
  s:onerror(function(_, _, why) return why end)
  s:setmode("bn", "bn")
  s:setbufsiz(BUFFER, BUFFER)
  s:setmaxline(BUFFER)
  local ok, why = s:connect(left(deadline))
  if not ok then
    s:close()
    error(why == errno.ETIMEDOUT and "timeout" or REFUSED[why] and "connect" or "resolve", 0)
  end
  run.connected()
  if url.is_tls then
    ok, why = s:starttls(tls(url.host), left(deadline))
    if not ok then
      s:close()
      error(why == errno.ETIMEDOUT and "timeout" or "tls", 0)
    end
  end
  return s
end

-- The fields of a head that matter: length, is_chunked, is_closed.
local function head(s, deadline)
  local found = {}
  for text in function() return line(s, deadline, "short") end do
    if text == "" then return found end
    local name, value = text:match("^([^%s:]+):%s*(.-)%s*$")
    if not name then error("protocol", 0) end
    name, value = name:lower(), value:lower()
    if name == "content-length" then
      local length = value:match("^%d+$") and math.tointeger(value)
      if not length or found.length and found.length ~= length then error("protocol", 0) end
      found.length = length
    elseif name == "transfer-encoding" then
      found.is_chunked = value == "chunked" or error("protocol", 0)
    elseif name == "connection" then
      found.is_closed = value == "close"
    end
  end
end

-- Reads so many bytes.
local function skip(s, size, deadline)
  local rest = size
  while rest > 0 do rest = rest - #read(s, -math.min(rest, BUFFER), deadline, "short") end
  return size
end

local function chunks(s, deadline)
  local total = 0
  while true do
    local digits = line(s, deadline, "short"):match("^(%x+)%s*;?") or error("protocol", 0)
    local size = #digits <= 15 and tonumber(digits, 16) or error("protocol", 0)
    total = total + skip(s, size, deadline)
    if size == 0 then
      while line(s, deadline, "short") ~= "" do end -- trailers
      return total
    end
    if line(s, deadline, "short") ~= "" then error("protocol", 0) end
  end
end

local function until_end(s, deadline)
  local total = 0
  while true do
    local got, why = s:xread(-BUFFER, "b", left(deadline))
    if not got then
      return (not why or why == errno.EPIPE) and total or stop(why, "reset")
    end
    total = total + #got
  end
end

-- status, bytes of the body, whether the connection can be kept
local function exchange(s, url, deadline)
  local ok, why = s:xwrite(url.request, "bn", left(deadline))
  if not ok then stop(why, "lost") end
  local at_end, status, version = "lost", nil, nil
  while true do
    version, status = line(s, deadline, at_end):match("^HTTP/(1%.%d) (%d%d%d)")
    status = math.tointeger(status) or error("protocol", 0)
    if status == 101 then error("protocol", 0) end
    if status >= 200 then break end
    head(s, deadline)
    at_end = "reset"
  end
  local found = head(s, deadline)
  local is_kept = version == "1.1" and not found.is_closed
  if status == 204 or status == 304 then return status, 0, is_kept end
  if found.is_chunked then return status, chunks(s, deadline), is_kept end
  if found.length then return status, skip(s, found.length, deadline), is_kept end
  return status, until_end(s, deadline), false
end

-- The GETs of a worker: a function that makes one and returns "ok" or a failure class, and the bytes of the body.
return function(worker)
  local url, kept = parse(run.url(worker)), nil

  local function try(s, deadline)
    local is_good, status, size, is_kept = pcall(exchange, s, url, deadline)
    if is_good and is_kept and told.keepalive == "1" then kept = s else s:close() end
    if not is_good then return status, 0 end
    return status >= 400 and "status" or "ok", size
  end

  return function()
    local deadline = cqueues.monotime() + run.timeout_s
    local s, outcome, size = kept, "lost", 0
    kept = nil
    if s then outcome, size = try(s, deadline) end
    if outcome == "lost" then -- it ended before the answer began: again, on a new one
      local is_good, made = pcall(connect, url, deadline)
      if not is_good then return made, 0 end
      outcome, size = try(made, deadline)
    end
    return outcome == "lost" and "reset" or outcome, size
  end
end
