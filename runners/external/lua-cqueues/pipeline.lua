-- Task pipeline: a table, and two conditions of cqueues to wait on. A coroutine that is woken looks again, as another
-- may have been faster.
local condition = require("cqueues.condition")
local run = require("contract")

local numbers, first, last, is_closed = {}, 1, 0, false
local has_room, has_number = condition.new(), condition.new()

local function put(item)
  if last - first + 1 == run.queue_slots then run.note_wait("producer_waits") end
  while last - first + 1 == run.queue_slots do has_room:wait() end
  last = last + 1
  numbers[last] = item
  run.is_put(item)
  has_number:signal(1)
end

-- Returns nil at the end.
local function get()
  if first > last and not is_closed then run.note_wait("consumer_waits") end
  while first > last and not is_closed do has_number:wait() end
  if first > last then return nil end
  local item = numbers[first]
  numbers[first], first = nil, first + 1
  run.is_taken(item)
  has_room:signal(1)
  return item
end

local function produce(worker)
  for ticket in run.tickets(worker) do put(run.item(ticket)) end
  if not run.is_last_producer() then return end
  is_closed = true
  has_number:signal() -- all
end

-- What a worker does. One alone needs no queue.
return function(worker)
  if run.concurrency == 1 then
    for ticket in run.tickets(worker) do run.answer(run.item(ticket), worker) end
  elseif worker < run.concurrency // 2 then
    produce(worker)
  else
    for item in get do run.answer(item, worker) end
  end
end
