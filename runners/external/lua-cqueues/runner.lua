-- lua-cqueues: Lua's coroutines on one event loop, with cqueues.
--
--     loop         [r1][r2][r3].....[r1][r3].....[r2]
--     coroutine 1  [send]...wait....[read]
--     coroutine 2      [send]....wait............[read]
--     coroutine 3          [send]...wait....[read]               time ->
--
-- The `coroutines` model in Lua: a coroutine is part of the language and has a stack of the interpreter, so any
-- function may wait. cqueues resumes the coroutine whose socket or timer is ready; it waits with epoll.
--
-- What it costs: about a kilobyte for a coroutine, and an entry in the loop; HTTP is interpreted.
--
-- What to look for in the results: memory of a sleeper beside `perl-coro` and Python's coroutines; CPU per request.
local folder = arg[0]:match("^(.*)/[^/]*$")
package.path = folder .. "/?.lua;" .. folder .. "/../?.lua;" .. package.path
local cqueues = require("cqueues")
local signal = require("cqueues.signal")
local run = require("contract")

signal.default(signal.SIGINT) -- Lua makes an error of it
local fetches = {} -- in the warm part, and then in the other

local function work(worker)
  if run.task == "http" then fetches[worker] = fetches[worker] or require("http")(worker) end
  local fetch = fetches[worker]
  for ticket in run.tickets(worker) do
    local pause = run.seconds_until(ticket)
    if pause > 0 then cqueues.sleep(pause) end
    local start, outcome, size = run.begin(), "ok", 0
    if fetch then
      outcome, size = fetch()
    elseif run.task == "sleep" then
      cqueues.sleep(run.sleep_s(ticket))
    end
    run.compute()
    run.finish_request(ticket, start, outcome, size)
  end
end

while run.next_part() do
  local loop = cqueues.new()
  local one = run.task == "pipeline" and require("pipeline") or work
  for worker = 0, run.concurrency - 1 do
    loop:wrap(one, worker)
  end
  for why in loop:errors() do run.fail(1, "lua-cqueues: " .. tostring(why)) end -- runs it to its end
end
run.finish(run.concurrency, {cqueues = cqueues.VERSION})
