// Everything that is not the model: the command line, tickets and arrivals, counts and histograms, the
// result document of docs/runner-contract.md.
package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/url"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"
)

var started = time.Now() // package variables are set before main

func clockNs() int64 { return int64(time.Since(started)) + 1 } // monotonic, never 0

func fail(code int, format string, args ...any) {
	line := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, fmt.Sprintf("runner-go-nethttp: "+format, args...))
	fmt.Fprintln(os.Stderr, line)
	os.Exit(code)
}

type settings struct {
	requests, concurrency, timeoutMs, bufferBytes, stackBytes int64
	addresses, rate, warmRequests                             int64
	resultFd                                                  int64
	seed                                                      uint64
	noKeepalive, json, trace, insecure                        bool
	task, arrivals, switchHow, guard, cacert, url             string
	resolveName, resolveAddress                               string // host:port each; "": is looked up
	roots                                                     *x509.CertPool
}

// parse reads the flags of the contract; those that mean nothing here are only checked. There is
// no task but http, and no work: asking for them is an error that says so.
func parse(args []string) *settings {
	s := &settings{}
	var described []map[string]any
	tell := func(name, kind, about string, low, high, choices, otherwise any) {
		described = append(described, map[string]any{"name": name, "type": kind, "min": low, "max": high,
			"choices": choices, "default": otherwise, "about": about, "is_knob": false})
	}
	flags := flag.NewFlagSet("runner-go-nethttp", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	number := func(target *int64, names string, low, high, otherwise int64, about string) {
		*target = otherwise
		words := strings.Split(names, " ")
		var preset any
		if otherwise >= low {
			preset = otherwise
		}
		tell(words[len(words)-1], "number", about, low, high, nil, preset)
		for _, name := range words {
			name := name
			flags.Func(name, about, func(text string) error {
				if _, err := fmt.Sscanf(text+"\n", "%d\n", target); err != nil ||
					fmt.Sprint(*target) != text || *target < low || *target > high {
					return fmt.Errorf("not a whole number from %d to %d", low, high)
				}
				return nil
			})
		}
	}
	choice := func(target *string, name string, words ...string) {
		*target = words[0]
		tell(name, "choice", "", nil, nil, words, words[0])
		flags.Func(name, strings.Join(words, "|"), func(text string) error {
			for _, word := range words {
				if text == word {
					*target = word
					return nil
				}
			}
			return fmt.Errorf("not one of %s", strings.Join(words, "|"))
		})
	}
	number(&s.requests, "n requests", 1, 4000000000, 100, "requests to make in all")
	number(&s.concurrency, "c concurrency", 1, 1000000, 1, "requests in flight at once")
	number(&s.warmRequests, "warm-requests", 0, 10000, 0, "requests of each worker before the measured ones")
	number(&s.timeoutMs, "timeout-ms", 1, 3600000, 30000, "time limit of one request")
	number(&s.bufferBytes, "buffer-bytes", 1024, 10485760, 16384, "read buffer of a connection")
	number(&s.stackBytes, "stack-bytes", 1024, 1073741824, 65536, "means nothing here")
	number(&s.addresses, "addresses", 1, 64, 1, "spread over 127.0.0.1 to 127.0.0.N")
	number(&s.rate, "rate", 1, 10000000, 0, "open loop: arrivals per second")
	number(&s.resultFd, "result-fd", 3, 1048576, 0, "where the document goes")
	choice(&s.task, "task", "http")
	choice(&s.arrivals, "arrivals", "poisson", "fixed")
	choice(&s.switchHow, "switch", "fcontext", "ucontext")
	choice(&s.guard, "guard", "madvise", "mprotect", "canary")
	flags.Uint64Var(&s.seed, "seed", 1, "for the random arrivals")
	flags.StringVar(&s.cacert, "cacert", "", "certificates to trust")
	flags.Func("resolve", "HOST:PORT:ADDRESS: connect to this address instead of looking the host up", s.resolve)
	flags.BoolVar(&s.insecure, "insecure", false, "do not verify the server's certificate")
	flags.BoolVar(&s.noKeepalive, "no-keepalive", false, "one connection per request")
	flags.BoolVar(&s.trace, "trace", false, "note start and end of each request")
	flags.BoolVar(&s.json, "json", false, "print the document")
	describe := flags.Bool("describe", false, "print what this runner is, needs and takes")
	tell("seed", "number", "for the random arrivals", 0, nil, nil, 1)
	tell("resolve", "text", flags.Lookup("resolve").Usage, nil, nil, nil, nil)
	tell("cacert", "text", "certificates to trust", nil, nil, nil, nil)
	for _, name := range []string{"insecure", "no-keepalive", "trace", "json", "describe"} {
		tell(name, "flag", flags.Lookup(name).Usage, nil, nil, nil, false)
	}
	switch err := flags.Parse(cut(args)); {
	case err == flag.ErrHelp:
		fmt.Println("Usage: runner-go-nethttp [OPTIONS] URL\n\nA goroutine per request in flight.")
		flags.SetOutput(os.Stdout)
		flags.PrintDefaults()
		os.Exit(0)
	case err != nil:
		fail(2, "%s", strings.ReplaceAll(err.Error(), "\n", " "))
	}
	if *describe {
		printDescription(described)
		os.Exit(0)
	}
	s.url = flags.Arg(0)
	s.check(flags.NArg())
	return s
}

// printDescription prints what --describe says.
func printDescription(flags []map[string]any) {
	text, _ := json.Marshal(map[string]any{
		"contract": 2, "name": "go-nethttp", "family": "coroutines", "about": "a goroutine per request in flight",
		"tasks": []string{"http"}, "is_single": false, "units": "worker", "uses_libcurl": false, "needs_probe": false,
		"needs": map[string]int{"descriptors": 1, "threads": 0, "mappings": 0, "kib": 0, "kib_bare": 0, "start_us": 0},
		"flags": flags})
	fmt.Println(string(text))
}

// cut turns -n1000, which package flag does not know, into -n 1000.
func cut(args []string) (words []string) {
	for i, word := range args {
		if word == "--" {
			return append(words, args[i:]...)
		}
		if len(word) > 2 && (word[:2] == "-n" || word[:2] == "-c") && word[2] >= '0' && word[2] <= '9' {
			words = append(words, word[:2])
			word = word[2:]
		}
		words = append(words, word)
	}
	return words
}

// resolve reads HOST:PORT:ADDRESS.
func (s *settings) resolve(text string) error {
	parts := append(strings.SplitN(text, ":", 3), "", "", "")
	port, err := strconv.ParseUint(parts[1], 10, 16)
	address := parts[2]
	if strings.HasPrefix(address, "[") && strings.HasSuffix(address, "]") {
		address = address[1 : len(address)-1]
	}
	if parts[0] == "" || len(parts[0]) > 255 || err != nil || port == 0 || net.ParseIP(address) == nil {
		return errors.New("expected HOST:PORT:ADDRESS with a numeric address")
	}
	s.resolveName, s.resolveAddress = net.JoinHostPort(parts[0], fmt.Sprint(port)), net.JoinHostPort(address, fmt.Sprint(port))
	return nil
}

func (s *settings) check(urls int) {
	if s.concurrency > s.requests {
		fail(2, "--concurrency %d is more than --requests %d", s.concurrency, s.requests)
	}
	if urls != 1 {
		fail(2, "one URL expected, got %d; see --help", urls)
	}
	parts, err := url.Parse(s.url)
	if err != nil || (parts.Scheme != "http" && parts.Scheme != "https") || parts.Hostname() == "" {
		fail(2, "not an http or https URL")
	}
	if s.insecure && parts.Scheme != "https" {
		fail(2, "--insecure needs an https URL: there is no certificate to verify")
	}
	if s.addresses > 1 && parts.Hostname() != "127.0.0.1" {
		fail(2, "--addresses needs a URL whose host is 127.0.0.1")
	}
	var stat syscall.Stat_t
	if s.resultFd != 0 && syscall.Fstat(int(s.resultFd), &stat) != nil {
		fail(2, "--result-fd %d is not open", s.resultFd)
	}
	if s.cacert != "" {
		s.roots = x509.NewCertPool()
		if text, err := os.ReadFile(s.cacert); err != nil || !s.roots.AppendCertsFromPEM(text) {
			fail(2, "--cacert %s: no certificates", s.cacert)
		}
	}
	var limit syscall.Rlimit // the runtime has raised it to the hard limit
	needed := uint64(s.concurrency) + 32
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil && limit.Cur < needed {
		fail(3, "needs %d file descriptors, %d are allowed", needed, limit.Cur)
	}
}

func (s *settings) urlOf(worker int64) string {
	if s.addresses == 1 {
		return s.url
	}
	return strings.Replace(s.url, "127.0.0.1", fmt.Sprintf("127.0.0.%d", worker%s.addresses+1), 1)
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
	if r.arrivals == "poisson" { // splitmix64, as in runtime/schedule.c
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
	end, due := clockNs(), t.due
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
		"contract": 1, "model": "go-nethttp", "task": r.task, "requests": r.requests,
		"concurrency": r.concurrency, "ok": l.count, "failed": r.failed,
		"bytes_received": r.bytes, "connections_opened": connections,
		"units_created": r.concurrency, "peak_in_flight": r.peak, "setup_ns": r.first,
		"measured_ns": r.last - r.first, "cpu_measured_ns": r.cpuLast - r.cpuFirst,
		"latency_ns": l.buckets(), "overflow": l.overflow, "latency_sum_ns": l.orNull(l.sum),
		"latency_min_ns": l.orNull(l.min), "latency_max_ns": l.orNull(l.max),
		"phases_ns": map[string]any{"dns": nil, "connect": nil, "tls": nil, "first_byte": nil},
		"knobs": map[string]any{"go": runtime.Version(), "gomaxprocs": runtime.GOMAXPROCS(0),
			"keepalive": !r.noKeepalive, "max_connections": r.concurrency,
			"timeout_ms": r.timeoutMs, "buffer_bytes": r.bufferBytes, "addresses": r.addresses},
	}
	if r.insecure {
		document["knobs"].(map[string]any)["tls_verify"] = "off"
	}
	if r.warmRequests > 0 {
		document["warm_requests"], document["warm_failed"] = r.warm, r.warmFailed
	}
	if r.rate > 0 {
		document["rate_per_s"], document["arrivals"] = r.rate, r.arrivals
		document["response_ns"] = r.response.buckets()
		document["response_overflow"] = r.response.overflow
		document["response_max_ns"] = r.response.orNull(r.response.max)
		document["lag_ns"], document["lag_overflow"] = r.lag.buckets(), r.lag.overflow
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

func (r *run) finish(connections int64) {
	document, _ := json.Marshal(r.document(connections))
	document = append(document, '\n')
	var err error
	if r.resultFd != 0 {
		file := os.NewFile(uintptr(r.resultFd), "--result-fd")
		if _, err = file.Write(document); err == nil {
			err = file.Close()
		}
	}
	if err == nil && r.json {
		_, err = os.Stdout.Write(document)
	} else if err == nil && r.resultFd == 0 {
		seconds := float64(r.last-r.first) / 1e9
		_, err = fmt.Printf("go-nethttp: %d requests, %d at a time\n  time       %.3f s\n"+
			"  requests/s %.1f\n  failed     %v\n", r.requests, r.concurrency, seconds,
			float64(r.latency.count)/seconds, r.failed)
	}
	if err != nil {
		fail(3, "cannot write the result document: %v", err)
	}
}
