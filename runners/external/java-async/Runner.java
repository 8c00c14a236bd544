// java-async: futures of Java (CompletableFuture) on a thread for each CPU, with java.net.http.
//
//     request 1    [send]...wait....[read]
//     request 2        [send]....wait............[read]
//     request 3            [send]...wait....[read]
//     CPU 1, CPU 2 run whichever stage can go on: a pool of two threads       time ->
//
// Nothing is called that waits: a request is a chain of stages, and each is run by the pool when the
// one before it is over. It is the `callbacks` model with the chain as an object, which other chains
// can be added to. A sleep is a stage that is handed to the pool later.
//
// What it costs: some objects on the heap for each request in flight, an entry in the JDK's queue of
// timers, and the code is in pieces. And the JVM, which has threads of its own that compile and collect.
//
// What to look for in the results: memory per request in flight, far below a thread's; no switches per
// request in flight; and the first requests, which are slow until their code is compiled.
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

public final class Runner {
    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final Contract run;
    // Not CompletableFuture's own, which on two CPUs makes a thread for each stage.
    private final ExecutorService pool = Executors.newWorkStealingPool();
    private final Fetch http;
    private CountDownLatch left;

    private Runner(Contract run) {
        this.run = run;
        http = run.task.equals("http") ? new Fetch(run, pool) : null;
    }

    private CompletableFuture<Void> later(Runnable stage, long delay, TimeUnit unit) {
        return CompletableFuture.runAsync(stage, CompletableFuture.delayedExecutor(delay, unit, pool));
    }

    private CompletableFuture<Void> fetch(Contract.Request r) {
        CompletableFuture<HttpResponse<Long>> sent = http.send(r.worker);
        return sent.copy().orTimeout(run.timeoutMs, TimeUnit.MILLISECONDS).handle((response, error) -> {
            if (error != null)
                sent.cancel(true);
            Fetch.Outcome outcome = error == null ? Fetch.outcome(response) : Fetch.outcome(error);
            run.compute();
            run.end(r, outcome.kind(), outcome.size());
            return null;
        });
    }

    private void end(Contract.Request r) {
        run.compute();
        run.end(r, "ok", 0);
    }

    private CompletableFuture<Void> request(Contract.Request r) {
        run.begin(r);
        if (http != null)
            return fetch(r);
        if (run.task.equals("sleep"))
            return later(() -> end(r), run.sleepMs(r), TimeUnit.MILLISECONDS);
        end(r);
        return DONE;
    }

    /** Makes requests until one has to be waited for, and goes on after that. */
    private void work(int worker) {
        for (Contract.Request r; (r = run.take(worker)) != null;) {
            final Contract.Request next = r;
            long wait = Contract.nanosUntil(r);
            CompletableFuture<Void> over = wait <= 0 ? request(r)
                : later(() -> {}, wait, TimeUnit.NANOSECONDS).thenCompose(due -> request(next));
            if (!over.isDone()) {
                over.thenRun(() -> work(worker)).exceptionally(Runner::fail);
                return;
            }
        }
        left.countDown();
    }

    private static Void fail(Throwable error) {
        Contract.fail(3, "java-async: " + error);
        return null;
    }

    private void workAll() throws InterruptedException {
        left = new CountDownLatch(run.concurrency);
        for (int i = 0; i < run.concurrency; i++) {
            final int worker = i;
            CompletableFuture.runAsync(() -> work(worker), pool).exceptionally(Runner::fail);
        }
        left.await();
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
        } catch (OutOfMemoryError error) { // also where a thread is refused
            Contract.fail(3, "java-async: " + error.getMessage());
        }
        run.finish(run.concurrency);
    }
}
