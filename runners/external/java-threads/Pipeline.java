// Pipeline: task pipeline with threads. Producers put numbers into an ArrayBlockingQueue, and consumers take them out
// and count their divisors. Consumers learn of the end as the page of BlockingQueue advises: each finds an object there
// that stands for it. Whether a put or take has to wait is told by offer and poll, which never do.
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

final class Pipeline {
    private static final Contract.Request END = new Contract.Request(0, 0, 0);

    private final Contract run;
    private final BlockingQueue<Contract.Request> queue;
    private final int producers;
    private final AtomicInteger producersLeft;

    Pipeline(Contract run) {
        this.run = run;
        queue = new ArrayBlockingQueue<>((int) run.number("queue_slots"));
        producers = run.concurrency / 2;
        producersLeft = new AtomicInteger(producers);
    }

    /** What a worker does. One alone needs no queue. */
    void work(int worker) throws InterruptedException {
        if (run.concurrency == 1)
            workAlone();
        else if (worker < producers)
            produce(worker);
        else
            consume(worker);
    }

    private void workAlone() {
        for (Contract.Request r; (r = run.take(0)) != null;) {
            run.begin(r);
            run.answer(r, 0);
        }
    }

    private void produce(int worker) throws InterruptedException {
        for (Contract.Request r; (r = run.take(worker)) != null;) {
            run.begin(r);
            if (!queue.offer(r)) {
                run.noteWaits(1, 0);
                queue.put(r);
            }
            r.putNs = Contract.nowNs();
        }
        if (producersLeft.decrementAndGet() > 0)
            return;
        for (int consumer = producers; consumer < run.concurrency; consumer++)
            queue.put(END);
    }

    private void consume(int worker) throws InterruptedException {
        for (Contract.Request r; (r = get()) != END;) {
            r.takenNs = Contract.nowNs();
            run.answer(r, worker);
        }
    }

    private Contract.Request get() throws InterruptedException {
        Contract.Request r = queue.poll();
        if (r != null)
            return r;
        run.noteWaits(0, 1);
        return queue.take();
    }
}
