// Contract: what the runners in Java share. runners/external/README.md says what a program is told and
// what it writes; what waiting means is the runner's business:
//
//     Contract run = new Contract(args);
//     while (run.nextPart()) {                  // warm requests, if any are wanted, then the others
//         // in each worker, all at once; worker: its number, from 0
//         for (Contract.Request r; (r = run.take(worker)) != null;) {
//             // wait Contract.nanosUntil(r)
//             run.begin(r);
//             ...
//             run.compute();
//             run.end(r, "ok" or a failure class, bytes of the body);
//         }
//     }
//     run.finish(units);
//
// All methods may be called by any thread.
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

final class Contract {
    private static final int TRACE_MAX = 10_000;

    /** A request: its number, whose it is, when it is due (0: at once) and when it began. */
    static final class Request {
        final long number, dueNs;
        final int worker;
        int lane; // of a trace: the worker, or in task pipeline the consumer
        long startNs, putNs, takenNs; // the last two in task pipeline

        Request(long number, int worker, long dueNs) {
            this.number = number;
            this.worker = lane = worker;
            this.dueNs = dueNs;
        }
    }

    /** Like common/hist.h: every power of two is cut into 64 buckets. */
    private static final class Histogram {
        private final long[] counts = new long[31 * 64 + 64];
        private long overflow, sum, count, min = Long.MAX_VALUE, max;

        private static int shift(long value) {
            return Math.max(0, 57 - Long.numberOfLeadingZeros(value));
        }

        void add(long value) {
            value = Math.max(0, value);
            count++;
            sum += value;
            min = Math.min(min, value);
            max = Math.max(max, value);
            if (value >= 1L << 37)
                overflow++;
            else
                counts[shift(value) * 64 + (int) (value >> shift(value))]++;
        }

        String orNull(long value) {
            return count == 0 ? "null" : Long.toString(value);
        }

        String buckets() {
            List<String> all = new ArrayList<>();
            for (int i = 0; i < counts.length; i++) {
                int shift = Math.max(0, i / 64 - 1);
                if (counts[i] != 0)
                    all.add("[" + ((long) (i - shift * 64) << shift) + "," + counts[i] + "]");
            }
            return "[" + String.join(",", all) + "]";
        }
    }

    /** What one part of the run counts. */
    private static final class Counts {
        long taken, done, inFlight, peak, bytes, connections, firstNs, lastNs, beginNs, cpuNs, producerWaits, consumerWaits;
        double offsetNs;
        final Map<String, Long> failed = new TreeMap<>();
        final Histogram latency = new Histogram(), response = new Histogram(), lag = new Histogram();
        final List<long[]> trace = new ArrayList<>(), due = new ArrayList<>();
        final List<Request> passed = new ArrayList<>(); // through the queue
    }

    final String task;
    final List<String> urls = new ArrayList<>();
    final int concurrency;
    final long timeoutMs;
    final boolean isKeepalive;
    private final Map<String, String> told = new HashMap<>();
    private final long requests, warm, rate, startedNs, tests;
    private final long[] sleepsMs;
    private final boolean isPoisson, isTraced;
    private long random, warmRequests;
    private int parts;
    private int[] made; // in the warm part: by each worker
    private String warmFailed;
    private Counts counts;

    Contract(String[] words) {
        for (String word : words) {
            String[] pair = word.split("=", 2);
            if (pair[0].equals("url"))
                urls.add(pair[1]);
            else if (pair.length == 2)
                told.put(pair[0], pair[1]);
        }
        task = told("task");
        requests = number("requests");
        concurrency = (int) number("concurrency");
        warm = number("warm");
        timeoutMs = number("timeout_ms");
        isKeepalive = is("keepalive");
        rate = number("rate");
        isPoisson = is("poisson");
        isTraced = is("trace");
        startedNs = number("started_ns");
        random = Long.parseUnsignedLong(told("seed"));
        sleepsMs = List.of(told("sleep_ms").split(",")).stream().mapToLong(Long::parseLong).toArray();
        tests = number("work_us") > 0 ? (long) (number("work_us") * testsPerUs()) : number("work");
        cpuNs(); // its classes are loaded before they are needed
    }

    String told(String key) {
        return told.get(key);
    }

    boolean is(String key) {
        return told(key).equals("1");
    }

    long number(String key) {
        return Long.parseLong(told(key));
    }

    static void fail(int code, String text) {
        System.err.println(text.replaceAll("\\P{Print}", " "));
        Runtime.getRuntime().halt(code);
    }

    /** CLOCK_MONOTONIC on Linux, as started_ns. */
    static long nowNs() {
        return System.nanoTime();
    }

    /** Of all threads; the kernel tells it in steps of 10 ms. */
    private static long cpuNs() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static long divide(long number, long tests) {
        long found = 0;
        for (long divisor = 2; divisor < tests + 2; divisor++) {
            if (number % divisor == 0)
                found++;
        }
        return found;
    }

    /** How many tests Java makes here in a microsecond, once they are compiled. */
    private static double testsPerUs() {
        final int burst = 20_000;
        long best = Long.MAX_VALUE, found = 0;
        for (int i = 0; i < 100; i++) {
            long start = nowNs();
            found += divide(start, burst);
            best = Math.min(best, nowNs() - start);
        }
        return found < 0 ? 0 : burst * 1e3 / best;
    }

    /** What divide finds, from pairs of divisors up to the square root. */
    private static long divisors(long number, long tests) {
        long found = 0;
        for (long low = 1; low * low <= number; low++) {
            if (number % low != 0)
                continue;
            long high = number / low;
            if (low >= 2 && low < tests + 2)
                found++;
            if (high != low && high >= 2 && high < tests + 2)
                found++;
        }
        return found;
    }

    private static volatile long answer;

    void compute() {
        if (tests > 0 && (task.equals("http") || task.equals("cpu")))
            answer = divide(nowNs(), tests);
    }

    long sleepMs(Request r) {
        return sleepsMs[(int) (r.number % sleepsMs.length)];
    }

    /** How long until the request is due; 0 or less: it is. */
    static long nanosUntil(Request r) {
        return r.dueNs == 0 ? 0 : r.dueNs - nowNs();
    }

    /** Begins the warm requests, or those that count; false when both are over. All workers are through with one part before the next. */
    boolean nextPart() {
        if (made != null) {
            warmRequests = counts.done;
            warmFailed = json(counts.failed);
        }
        if (parts == 2)
            return false;
        parts = parts == 0 && warm > 0 ? 1 : 2;
        made = parts == 1 ? new int[concurrency] : null;
        counts = new Counts();
        return true;
    }

    /** The next request of this worker, or null when there is none. */
    synchronized Request take(int worker) {
        if (made != null)
            return made[worker] == warm ? null : new Request(TRACE_MAX + made[worker]++, worker, 0);
        return counts.taken == requests ? null : new Request(counts.taken++, worker, rate > 0 ? arrival() : 0);
    }

    private long arrival() {
        if (counts.beginNs == 0)
            counts.beginNs = nowNs();
        long due = counts.beginNs + (long) counts.offsetNs;
        counts.offsetNs += (isPoisson ? -Math.log(uniform()) : 1) * 1e9 / rate;
        return due;
    }

    /** splitmix64, as in runtime/schedule.c: in (0, 1]. */
    private double uniform() {
        random += 0x9e3779b97f4a7c15L;
        long x = (random ^ random >>> 30) * 0xbf58476d1ce4e5b9L;
        x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
        x ^= x >>> 31;
        return ((x >>> 11) + 1) * 0x1p-53;
    }

    /** A connection that was opened, or (-1) turned out not to be. */
    synchronized void connected(int count) {
        counts.connections += count;
    }

    synchronized void begin(Request r) {
        counts.peak = Math.max(counts.peak, ++counts.inFlight);
        r.startNs = nowNs();
        if (counts.firstNs == 0) {
            counts.firstNs = r.startNs;
            counts.cpuNs = cpuNs();
        }
    }

    /** Task pipeline: counts the number's divisors, and then again in another way. */
    void answer(Request r, int consumer) {
        long number = requests - r.number, found = divide(number, tests), now = nowNs();
        r.lane = consumer;
        end(r, found == divisors(number, tests) ? "ok" : "other", 0, now);
    }

    synchronized void noteWaits(int ofProducers, int ofConsumers) {
        counts.producerWaits += ofProducers;
        counts.consumerWaits += ofConsumers;
    }

    void end(Request r, String outcome, long size) {
        end(r, outcome, size, nowNs());
    }

    private synchronized void end(Request r, String outcome, long size, long now) {
        counts.inFlight--;
        counts.lastNs = now;
        if (isTraced && r.number < TRACE_MAX) {
            counts.trace.add(new long[] {r.number, r.startNs - counts.firstNs, now - counts.firstNs, r.lane});
            counts.due.add(new long[] {r.number, r.dueNs - counts.firstNs});
            counts.passed.add(r);
        }
        if (rate > 0 && r.dueNs != 0)
            counts.lag.add(r.startNs - r.dueNs);
        if (outcome.equals("ok")) {
            counts.bytes += size;
            counts.latency.add(now - r.startNs);
            if (r.dueNs != 0)
                counts.response.add(now - r.dueNs);
        } else {
            counts.failed.merge(outcome, 1L, Long::sum);
        }
        if (++counts.done == requests)
            counts.cpuNs = cpuNs() - counts.cpuNs;
    }

    private static String json(Map<String, Long> failed) {
        List<String> all = new ArrayList<>();
        failed.forEach((outcome, count) -> all.add("\"" + outcome + "\":" + count));
        return "{" + String.join(",", all) + "}";
    }

    private static String json(List<long[]> rows) {
        rows.sort(Comparator.comparingLong(row -> row[0]));
        List<String> all = new ArrayList<>();
        for (long[] row : rows)
            all.add(java.util.Arrays.toString(row));
        return "[" + String.join(",", all) + "]";
    }

    /** Rows of trace_queue_ns. A consumer may have a number before its producer has seen that it is put. */
    private List<long[]> passed() {
        List<long[]> rows = new ArrayList<>();
        for (Request r : counts.passed) {
            if (r.takenNs != 0)
                rows.add(new long[] {r.number, Math.min(r.putNs, r.takenNs) - counts.firstNs, r.takenNs - counts.firstNs, r.worker});
        }
        return rows;
    }

    private String document(long units) {
        Counts c = counts;
        long failed = c.failed.values().stream().mapToLong(Long::longValue).sum();
        StringBuilder text = new StringBuilder(told("head"));
        text.append(",\"java\":\"").append(System.getProperty("java.version")).append("\"}");
        put(text, "ok", c.done - failed);
        put(text, "failed", json(c.failed));
        put(text, "bytes_received", c.bytes);
        put(text, "connections_opened", c.connections);
        put(text, "units_created", units);
        put(text, "peak_in_flight", c.peak);
        put(text, "setup_ns", c.firstNs - startedNs);
        put(text, "measured_ns", c.lastNs - c.firstNs);
        put(text, "cpu_measured_ns", c.cpuNs);
        put(text, "latency_ns", c.latency.buckets());
        put(text, "overflow", c.latency.overflow);
        put(text, "latency_sum_ns", c.latency.orNull(c.latency.sum));
        put(text, "latency_min_ns", c.latency.orNull(c.latency.min));
        put(text, "latency_max_ns", c.latency.orNull(c.latency.max));
        if (warm > 0) {
            put(text, "warm_requests", warmRequests);
            put(text, "warm_failed", warmFailed);
        }
        if (rate > 0) {
            put(text, "response_ns", c.response.buckets());
            put(text, "response_overflow", c.response.overflow);
            put(text, "response_max_ns", c.response.orNull(c.response.max));
            put(text, "lag_ns", c.lag.buckets());
            put(text, "lag_overflow", c.lag.overflow);
        }
        if (task.equals("pipeline")) {
            put(text, "producer_waits", c.producerWaits);
            put(text, "consumer_waits", c.consumerWaits);
            if (isTraced)
                put(text, "trace_queue_ns", json(passed()));
        }
        if (isTraced)
            put(text, "trace_ns", json(c.trace));
        if (isTraced && rate > 0)
            put(text, "trace_due_ns", json(c.due));
        put(text, "teardown_ns", nowNs() - c.lastNs);
        return text.append("}\n").toString();
    }

    private static void put(StringBuilder text, String key, Object value) {
        text.append(",\"").append(key).append("\":").append(value);
    }

    /** Writes the document and ends the program. */
    void finish(long units) {
        try (FileOutputStream out = new FileOutputStream("/dev/fd/" + told("result_fd"), true)) {
            out.write(document(units).getBytes(StandardCharsets.UTF_8));
        } catch (IOException error) {
            fail(3, "cannot write the result document: " + error.getMessage());
        }
        Runtime.getRuntime().halt(0);
    }
}
