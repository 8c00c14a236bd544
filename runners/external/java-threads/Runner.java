// java-threads: a platform thread for each request in flight, which java.net.http blocks.
//
//     thread 1   [request ....wait....][request ....wait....]
//     thread 2   [request ....wait....][request ....wait....]
//     thread 3   [request ....wait....][request ....wait....]      time ->
//
// The `threads` model in Java. A thread of Java is one of the kernel, with a stack of 1 MiB that is
// reserved and filled as needed. The code is the plainest there is: call, and get the answer.
//
// What it costs: a stack and an entry in the kernel for each request in flight; two switches for
// each request; and the JVM, which has threads of its own that compile and collect. The HTTP client
// of the JDK has one thread that waits for all sockets and a pool that reads them, and they wake the
// thread that asked: a request hops between three.
//
// What to look for in the results: voluntary switches per request; memory at start, before any
// request; and the first requests, which are slow until their code is compiled.
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

public final class Runner {
    private final Contract run;
    private final Fetch http;
    private final Pipeline pipeline;

    private Runner(Contract run) {
        this.run = run;
        http = run.task.equals("http") ? new Fetch(run, null) : null;
        pipeline = run.task.equals("pipeline") ? new Pipeline(run) : null;
    }

    private Fetch.Outcome fetch(int worker) throws InterruptedException {
        CompletableFuture<HttpResponse<Long>> sent = http.send(worker);
        try {
            return Fetch.outcome(sent.get(run.timeoutMs, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException error) {
            sent.cancel(true);
            return Fetch.outcome(error);
        }
    }

    private void work(int worker) throws InterruptedException {
        if (pipeline != null) {
            pipeline.work(worker);
            return;
        }
        for (Contract.Request r; (r = run.take(worker)) != null;) {
            for (long left; (left = Contract.nanosUntil(r)) > 0;)
                LockSupport.parkNanos(left);
            run.begin(r);
            if (http != null) {
                Fetch.Outcome outcome = fetch(worker);
                run.compute();
                run.end(r, outcome.kind(), outcome.size());
                continue;
            }
            if (run.task.equals("sleep"))
                Thread.sleep(run.sleepMs(r));
            run.compute();
            run.end(r, "ok", 0);
        }
    }

    private void workAll() throws InterruptedException {
        Thread[] workers = new Thread[run.concurrency];
        CountDownLatch start = new CountDownLatch(1);
        for (int i = 0; i < workers.length; i++) {
            final int worker = i;
            workers[i] = new Thread(() -> {
                try {
                    start.await();
                    work(worker);
                } catch (InterruptedException error) {
                    throw new IllegalStateException(error);
                }
            });
            workers[i].start();
        }
        start.countDown(); // all begin together
        for (Thread worker : workers)
            worker.join();
    }

    public static void main(String[] words) throws InterruptedException {
        Contract run = new Contract(words);
        try {
            Runner runner = new Runner(run);
            while (run.nextPart()) {
                Fetch.takeOpened();
                runner.workAll();
                run.connected(Fetch.takeOpened());
            }
        } catch (OutOfMemoryError error) {
            Contract.fail(3, "java-threads: " + error.getMessage());
        }
        run.finish(run.concurrency);
    }
}
