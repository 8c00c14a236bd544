# pipeline: task pipeline of the runners in Ruby, with the queue that each has: it responds to put(item), get, which is
# nil at the end, and close. Half of the workers put numbers into it, the others take them out and count their divisors.
class Pipeline
  def initialize(run, queue)
    @run, @queue = run, queue
  end

  # What a worker does. One alone needs no queue.
  def work(worker)
    return work_alone if @run.concurrency == 1
    worker < @run.concurrency / 2 ? produce(worker) : consume(worker)
  end

  def work_alone
    while (ticket = @run.take(0))
      @run.answer(@run.item(ticket), 0)
    end
  end

  def produce(worker)
    while (ticket = @run.take(worker))
      item = @run.item(ticket)
      @queue.put(item)
      item.put = Contract.now_ns
    end
    @queue.close if @run.last_producer?
  end

  def consume(worker)
    while (item = @queue.get)
      item.taken = Contract.now_ns
      @run.answer(item, worker)
    end
  end
end
