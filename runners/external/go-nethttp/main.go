// go-nethttp: a goroutine per request in flight, net/http, the standard library alone.
//
//	goroutine 1   [request ....wait....][request ....wait....]
//	goroutine 2   [request ....wait....][request ....wait....]
//	goroutine 3   [request ....wait....][request ....wait....]
//	CPU 1, CPU 2  run whichever can go on; a poller wakes those with a response     time ->
//
// A goroutine is written as if it blocked, like a thread. When it waits, the runtime parks it and
// its CPU goes on with another goroutine, as with coroutines. It is coroutine-threads built into a
// language: coroutines on a thread per CPU, moved between the threads by work stealing.
//
// What it costs: a few KB of stack for each goroutine, which grows by being copied. net/http
// takes two more goroutines for each connection, one that reads and one that writes, so a request
// hops between three. There is also a garbage collector, which works on the other CPUs.
//
// What to look for in the results: all CPUs are used without any setting for threads; CPU per
// request is not far above that of C; peak memory depends as much on the garbage collector as on
// the concurrency.
package main

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

type client struct {
	http   http.Client
	opened atomic.Int64
}

func newClient(s *settings) *client {
	c := &client{}
	dialer := net.Dialer{}
	c.http = http.Client{
		Timeout: time.Duration(s.timeoutMs) * time.Millisecond,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
		Transport: &http.Transport{ // Proxy is not set, so the environment is ignored
			DialContext:         c.count(dialer.DialContext, s),
			DisableKeepAlives:   !s.keepalive,
			DisableCompression:  true,
			MaxIdleConnsPerHost: int(s.concurrency),
			MaxConnsPerHost:     int(s.concurrency), // else it may open more than it needs
			TLSClientConfig:     &tls.Config{RootCAs: s.roots, InsecureSkipVerify: s.insecure},
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{}, // 1.1
		},
	}
	return c
}

// fetch makes one GET: the outcome, and the bytes of the body.
func (c *client) fetch(url string) (string, int64) {
	response, err := c.http.Get(url)
	if err != nil {
		return classOf(err), 0
	}
	size, err := io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if err != nil {
		return classOf(err), size
	}
	if response.StatusCode >= 400 {
		return "status", size
	}
	return "ok", size
}

func classOf(err error) string {
	var timeout net.Error
	var dns *net.DNSError
	var op *net.OpError
	text := err.Error()
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &dns):
		return "resolve"
	case strings.Contains(text, "tls: ") || strings.Contains(text, "x509: ") ||
		strings.Contains(text, "HTTPS client"):
		return "tls"
	case errors.As(err, &op) && op.Op == "dial":
		return "connect"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "short"
	case errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE):
		return "reset"
	case strings.Contains(text, "malformed") || strings.Contains(text, "transport connection broken"):
		return "protocol"
	}
	return "other"
}

func work(run *run, c *client, url string, worker int64) {
	if run.queue != nil {
		run.pipe(worker)
		return
	}
	for made := int64(0); ; made++ {
		ticket, ok := run.take(worker, made)
		if !ok {
			return
		}
		if ticket.due != 0 {
			time.Sleep(time.Duration(ticket.due - clockNs()))
		}
		start := run.begin()
		outcome, size := "ok", int64(0)
		switch run.task {
		case "http":
			outcome, size = c.fetch(url)
		case "sleep":
			run.sleep(ticket)
		}
		run.compute()
		run.end(ticket, start, outcome, size)
	}
}

// workAll has a goroutine for each worker, in one part of the run.
func workAll(s *settings, run *run, c *client) {
	start := make(chan struct{})
	var workers, ready sync.WaitGroup
	if s.task == "pipeline" {
		run.openQueue()
	}
	for i := int64(0); i < s.concurrency; i++ {
		workers.Add(1)
		ready.Add(1)
		go func(i int64) {
			defer workers.Done()
			ready.Done()
			<-start // all start together
			work(run, c, s.urlOf(i), i)
		}(i)
	}
	ready.Wait()
	close(start)
	workers.Wait()
}

func main() {
	s := told(os.Args[1:])
	run := newRun(s)
	c := newClient(s)
	if run.isWarm {
		workAll(s, run, c)
		run.endWarm()
		c.opened.Store(0)
	}
	workAll(s, run, c)
	run.finish(c.opened.Load())
}
