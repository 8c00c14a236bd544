// Task pipeline: half of the goroutines put numbers into a buffered channel, the others take them out and count
// their divisors. `range` over a channel and a `close` by the senders are the language's own way to end that; here
// a `select` stands for them, whose default case tells that the channel was full, or empty.
package main

import (
	"sync"
	"sync/atomic"
)

// item is a number on its way: its request, and when that began.
type item struct {
	ticket
	start int64
}

// pipeline is the queue of a run, and what is counted of it.
type pipeline struct {
	queue                        chan item // nil in other tasks
	producers                    sync.WaitGroup
	producerWaits, consumerWaits atomic.Int64
	passed                       map[int64]*[3]int64 // of a trace: when a number was put and taken, and by which producer
}

// openQueue makes the channel, and closes it when the last producer is done.
func (r *run) openQueue() {
	r.queue, r.passed = make(chan item, r.queueSlots), map[int64]*[3]int64{}
	r.producers.Add(int(r.concurrency / 2))
	go func() {
		r.producers.Wait()
		close(r.queue)
	}()
}

// pipe is what a worker does. One alone needs no queue.
func (r *run) pipe(worker int64) {
	switch {
	case r.concurrency == 1:
		for t, ok := r.take(worker, 0); ok; t, ok = r.take(worker, 0) {
			r.answer(item{t, r.begin()}, worker)
		}
	case worker < r.concurrency/2:
		defer r.producers.Done()
		for t, ok := r.take(worker, 0); ok; t, ok = r.take(worker, 0) {
			r.put(item{t, r.begin()})
		}
	default:
		for one, ok := r.get(); ok; one, ok = r.get() {
			r.answer(one, worker)
		}
	}
}

func (r *run) put(one item) {
	select {
	case r.queue <- one:
	default:
		r.producerWaits.Add(1)
		r.queue <- one
	}
	r.notePassed(one, 0)
}

func (r *run) get() (one item, ok bool) {
	select {
	case one, ok = <-r.queue:
	default:
		r.consumerWaits.Add(1)
		one, ok = <-r.queue
	}
	if ok {
		r.notePassed(one, 1)
	}
	return one, ok
}

// notePassed notes for a trace that the number was put (0) or taken (1).
func (r *run) notePassed(one item, which int) {
	if !r.trace || one.number >= traceMax {
		return
	}
	now := clockNs()
	r.Lock()
	defer r.Unlock()
	if r.passed[one.number] == nil {
		r.passed[one.number] = &[3]int64{2: one.worker}
	}
	r.passed[one.number][which] = now
}

// queueRows is trace_queue_ns. A consumer may have a number before its producer has seen that it is put.
func (r *run) queueRows() [][]int64 {
	rows := [][]int64{}
	for number := int64(0); number < traceMax; number++ {
		if at := r.passed[number]; at != nil {
			put, taken := at[0], at[1]
			if taken < put {
				put = taken
			}
			rows = append(rows, []int64{number, put - r.first, taken - r.first, at[2]})
		}
	}
	return rows
}

// answer counts the number's divisors, and then again in another way.
func (r *run) answer(one item, worker int64) {
	number, outcome := r.requests-one.number, "ok"
	found := divide(number, r.tests)
	end := clockNs()
	if found != divisors(number, r.tests) {
		outcome = "other"
	}
	one.worker = worker
	r.endAt(end, one.ticket, one.start, outcome, 0)
}

// divisors is what divide finds, from pairs of divisors up to the square root.
func divisors(number, tests int64) (found int64) {
	for low := int64(1); low*low <= number; low++ {
		if number%low != 0 {
			continue
		}
		if low >= 2 && low < tests+2 {
			found++
		}
		if high := number / low; high != low && high >= 2 && high < tests+2 {
			found++
		}
	}
	return found
}
