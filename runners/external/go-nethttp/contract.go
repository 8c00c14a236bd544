// What a runner in Go has besides its model: tickets and arrivals, counts and histograms, the result
// document. runners/external/README.md says what a program is told and what it writes.
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// clockNs is CLOCK_MONOTONIC, as the front's: Go's own monotonic clock begins elsewhere.
var clockBase = monotonicNs() - int64(time.Since(started))
var started = time.Now()

func monotonicNs() int64 {
	var now syscall.Timespec
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&now)), 0)
	return now.Nano()
}

func clockNs() int64 { return clockBase + int64(time.Since(started)) }

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "go-nethttp: "+format+"\n", args...)
	os.Exit(3)
}

type settings struct {
	words                               map[string]string
	urls                                []string
	requests, concurrency, warmRequests int64
	timeoutMs, rate, startedNs, tests   int64
	queueSlots                          int64
	sleeps                              []time.Duration
	seed                                uint64
	keepalive, trace, insecure          bool
	task, cacert                        string
	resolveName, resolveAddress         string // host:port each; "": is looked up
	roots                               *x509.CertPool
}

// told reads the words of the front, which has checked them.
func told(args []string) *settings {
	s := &settings{words: map[string]string{}}
	for _, word := range args {
		key, value, _ := strings.Cut(word, "=")
		if key == "url" {
			s.urls = append(s.urls, value)
		} else {
			s.words[key] = value
		}
	}
	number := func(key string) int64 {
		value, _ := strconv.ParseInt(s.words[key], 10, 64)
		return value
	}
	s.requests, s.concurrency, s.warmRequests = number("requests"), number("concurrency"), number("warm")
	s.timeoutMs, s.rate, s.startedNs, s.tests = number("timeout_ms"), number("rate"), number("started_ns"), number("work")
	s.seed, _ = strconv.ParseUint(s.words["seed"], 10, 64)
	s.queueSlots = number("queue_slots")
	s.keepalive, s.trace, s.insecure = s.words["keepalive"] == "1", s.words["trace"] == "1", s.words["insecure"] == "1"
	s.task, s.cacert = s.words["task"], s.words["cacert"]
	for _, text := range strings.Split(s.words["sleep_ms"], ",") {
		ms, _ := strconv.ParseInt(text, 10, 64)
		s.sleeps = append(s.sleeps, time.Duration(ms)*time.Millisecond)
	}
	if us := number("work_us"); us > 0 {
		s.tests = us * testsPerUs()
	}
	if parts := strings.SplitN(s.words["resolve"], ":", 3); len(parts) == 3 {
		s.resolveName = net.JoinHostPort(parts[0], parts[1])
		s.resolveAddress = net.JoinHostPort(strings.Trim(parts[2], "[]"), parts[1])
	}
	if s.cacert != "" {
		s.roots = x509.NewCertPool()
		if text, err := os.ReadFile(s.cacert); err != nil || !s.roots.AppendCertsFromPEM(text) {
			fail("--cacert %s: no certificates", s.cacert)
		}
	}
	return s
}

func (s *settings) urlOf(worker int64) string {
	if len(s.urls) == 0 {
		return ""
	}
	return s.urls[worker%int64(len(s.urls))]
}

func (s *settings) sleep(t ticket) { time.Sleep(s.sleeps[t.number%int64(len(s.sleeps))]) }

var sink int64 // keeps the compiler from leaving out what nobody uses

func divide(number, tests int64) (found int64) {
	for divisor := int64(2); divisor < tests+2; divisor++ {
		if number%divisor == 0 {
			found++
		}
	}
	return found
}

// testsPerUs says how many tests Go makes here in a microsecond of CPU time, as common/work.c finds it.
func testsPerUs() int64 {
	const tests = 200000
	best := int64(math.MaxInt64)
	for i := 0; i < 8; i++ {
		begin := time.Now()
		atomic.AddInt64(&sink, divide(clockNs(), tests))
		if took := int64(time.Since(begin)); took < best {
			best = took
		}
	}
	return tests * 1000 / best
}

// compute is the work of one request, in tasks http and cpu.
func (s *settings) compute() {
	if s.tests > 0 && (s.task == "http" || s.task == "cpu") {
		atomic.AddInt64(&sink, divide(clockNs(), s.tests))
	}
}

type dial func(ctx context.Context, network, address string) (net.Conn, error)

// count counts connections, and makes them to the address of --resolve. With warm requests it hands out
// none before each worker has asked for one: a worker might get that of another else, which was faster.
func (c *client) count(next dial, s *settings) dial {
	var asked atomic.Int64
	all := make(chan struct{})
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.EqualFold(address, s.resolveName) {
			address = s.resolveAddress
		}
		connection, err := next(ctx, network, address)
		if err == nil {
			c.opened.Add(1)
		}
		if asked.Add(1) == s.concurrency {
			close(all)
		}
		if s.warmRequests > 0 {
			<-all
		}
		return connection, err
	}
}

const traceMax = 10000

const histogramLimit = int64(1) << 37

// histogram is that of common/hist.h: every power of two is cut into 64 buckets.
type histogram struct {
	counts             map[int64]int64
	overflow, sum, max int64
	min                int64
	count              int64
}

func (h *histogram) add(value int64) {
	if value < 0 {
		value = 0
	}
	if h.count == 0 || value < h.min {
		h.min = value
	}
	if value > h.max {
		h.max = value
	}
	h.sum += value
	h.count++
	if value >= histogramLimit {
		h.overflow++
		return
	}
	shift := 0
	for value>>shift > 127 {
		shift++
	}
	h.counts[value>>shift<<shift]++
}

func (h *histogram) buckets() [][2]int64 {
	buckets := make([][2]int64, 0, len(h.counts))
	for edge, count := range h.counts {
		buckets = append(buckets, [2]int64{edge, count})
	}
	sort.Slice(buckets, func(i, j int) bool { return buckets[i][0] < buckets[j][0] })
	return buckets
}

func (h *histogram) orNull(value int64) any {
	if h.count == 0 {
		return nil
	}
	return value
}

// run is what all workers share. One lock: a request takes it three times.
type run struct {
	sync.Mutex
	*settings
	*counts
	pipeline
	isWarm         bool
	warm           int64 // requests of the warm part
	warmFailed     map[string]int64
	scheduleBegin  int64
	scheduleOffset float64
	random         uint64
}

// counts is what a part of the run counts: the warm requests, or those that are measured.
type counts struct {
	taken, done, inFlight, peak, bytes int64
	first, last, cpuFirst, cpuLast     int64
	failed                             map[string]int64
	latency, response, lag             histogram
	spans, dues                        [][]int64
}

func newCounts() *counts {
	c := &counts{failed: map[string]int64{}}
	for _, h := range []*histogram{&c.latency, &c.response, &c.lag} {
		h.counts = map[int64]int64{}
	}
	return c
}

func newRun(s *settings) *run {
	return &run{settings: s, counts: newCounts(), random: s.seed, isWarm: s.warmRequests > 0}
}

// endWarm ends the warm part: all workers are through with it.
func (r *run) endWarm() {
	r.isWarm, r.warm, r.warmFailed, r.counts = false, r.done, r.failed, newCounts()
}

// ticket is a request: its number, when it is due (0 in a closed loop), and the worker that took it.
type ticket struct{ number, due, worker int64 }

// take gives the worker its next request, or false when all are taken; made: how many it has had in this part.
func (r *run) take(worker, made int64) (ticket, bool) {
	if r.isWarm {
		return ticket{number: traceMax, worker: worker}, made < r.warmRequests
	}
	r.Lock()
	defer r.Unlock()
	if r.taken == r.requests {
		return ticket{}, false
	}
	next := ticket{number: r.taken, worker: worker}
	r.taken++
	if r.rate == 0 {
		return next, true
	}
	if r.scheduleBegin == 0 {
		r.scheduleBegin = clockNs()
	}
	next.due = r.scheduleBegin + int64(r.scheduleOffset)
	gaps := 1.0
	if r.words["poisson"] == "1" { // splitmix64, as in runtime/schedule.c
		r.random += 0x9e3779b97f4a7c15
		x := r.random
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
		gaps = -math.Log((float64(x>>11) + 1) * 0x1p-53)
	}
	r.scheduleOffset += gaps * 1e9 / float64(r.rate)
	return next, true
}

func cpuNs() int64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func (r *run) begin() int64 {
	r.Lock()
	defer r.Unlock()
	r.inFlight++
	if r.inFlight > r.peak {
		r.peak = r.inFlight
	}
	start := clockNs()
	if r.first == 0 {
		r.first, r.cpuFirst = start, cpuNs()
	}
	return start
}

func (r *run) end(t ticket, start int64, outcome string, size int64) {
	r.endAt(clockNs(), t, start, outcome, size)
}

func (r *run) endAt(end int64, t ticket, start int64, outcome string, size int64) {
	due := t.due
	r.Lock()
	defer r.Unlock()
	r.inFlight--
	r.done++
	r.last = end
	if r.trace && t.number < traceMax {
		r.spans = append(r.spans, []int64{t.number, start - r.first, end - r.first, t.worker})
		if due != 0 {
			r.dues = append(r.dues, []int64{t.number, due - r.first})
		}
	}
	if due != 0 {
		r.lag.add(start - due)
	}
	if outcome == "ok" {
		r.bytes += size
		r.latency.add(end - start)
		if due != 0 {
			r.response.add(end - due)
		}
	} else {
		r.failed[outcome]++
	}
	if r.done == r.requests {
		r.cpuLast = cpuNs()
	}
}

func (r *run) document(connections int64) map[string]any {
	l := &r.latency
	document := map[string]any{
		"ok": l.count, "failed": r.failed, "bytes_received": r.bytes, "connections_opened": connections,
		"units_created": r.concurrency, "peak_in_flight": r.peak, "setup_ns": r.first - r.startedNs,
		"measured_ns": r.last - r.first, "cpu_measured_ns": r.cpuLast - r.cpuFirst,
		"latency_ns": l.buckets(), "overflow": l.overflow, "latency_sum_ns": l.orNull(l.sum),
		"latency_min_ns": l.orNull(l.min), "latency_max_ns": l.orNull(l.max),
	}
	if r.warmRequests > 0 {
		document["warm_requests"], document["warm_failed"] = r.warm, r.warmFailed
	}
	if r.rate > 0 {
		document["response_ns"] = r.response.buckets()
		document["response_overflow"] = r.response.overflow
		document["response_max_ns"] = r.response.orNull(r.response.max)
		document["lag_ns"], document["lag_overflow"] = r.lag.buckets(), r.lag.overflow
	}
	if r.queue != nil {
		document["producer_waits"], document["consumer_waits"] = r.producerWaits.Load(), r.consumerWaits.Load()
		if r.trace {
			document["trace_queue_ns"] = r.queueRows()
		}
	}
	if r.trace {
		for _, rows := range [][][]int64{r.spans, r.dues} {
			sort.Slice(rows, func(i, j int) bool { return rows[i][0] < rows[j][0] })
		}
		document["trace_ns"] = r.spans
		if r.rate > 0 {
			document["trace_due_ns"] = r.dues
		}
	}
	document["teardown_ns"] = clockNs() - r.last
	return document
}

// finish writes the document: what the front knows, our knobs, and the rest.
func (r *run) finish(connections int64) {
	rest, _ := json.Marshal(r.document(connections))
	fd, _ := strconv.Atoi(r.words["result_fd"])
	file := os.NewFile(uintptr(fd), "the result document")
	_, err := fmt.Fprintf(file, "%s,\"go\":%q,\"gomaxprocs\":%d},%s\n", r.words["head"], runtime.Version(),
		runtime.GOMAXPROCS(0), rest[1:])
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		fail("cannot write the result document: %v", err)
	}
}
