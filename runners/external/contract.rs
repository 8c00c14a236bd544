//! contract: what the runners in Rust share. runners/external/README.md says what a program is told
//! and what it writes; what waiting means is the runner's business:
//!
//!     let run = contract::Run::new();
//!     while run.next_part() {                       // warm requests, if any are wanted, then the others
//!         // in each worker, all at once; worker: its number, from 0; made: how many it has had in this part
//!         while let Some(ticket) = run.take(worker, made) {
//!             // wait until run.due(&ticket)
//!             let start_ns = run.begin();
//!             let outcome = ...;
//!             run.compute();
//!             run.end(ticket, start_ns, outcome);
//!         }
//!     }
//!     run.finish(&[("library", "version")]);
//!
//! It is safe to use from several threads; a request takes its lock three times.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::io::FromRawFd;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

const TRACE_MAX: u64 = 10000;
const LIMIT_NS: u64 = 1 << 37;
const BUCKETS: usize = 31 * 64 + 64;

/// Ends the program with one line on stderr.
pub fn fail(code: i32, text: &str) -> ! {
    eprintln!("{}", text);
    std::process::exit(code)
}

fn clock_ns(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn now_ns() -> u64 {
    clock_ns(libc::CLOCK_MONOTONIC)
}

fn cpu_ns() -> u64 {
    clock_ns(libc::CLOCK_PROCESS_CPUTIME_ID)
}

#[derive(Clone, Copy)]
pub struct Ticket {
    pub number: u64,
    due_ns: u64, // 0: at once
    pub worker: u32,
}

/// What became of a request: the bytes of its body, or the class of its failure.
pub type Outcome = Result<u64, &'static str>;

/// Task pipeline: a number that a producer has taken in hand, on its way through the queue.
#[derive(Clone, Copy)]
pub struct Item {
    ticket: Ticket,
    start_ns: u64,
}

/// How far a number has come.
#[derive(Clone, Copy)]
#[allow(dead_code)] // for a task with a queue
pub enum Passed {
    Put,
    Taken,
}

/// Every power of two is cut into 64 buckets, as in common/hist.h.
#[derive(Clone)]
struct Histogram {
    counts: [u64; BUCKETS],
    count: u64,
    overflow: u64,
    sum: u64,
    min: u64,
    max: u64,
}

impl Histogram {
    fn new() -> Histogram {
        Histogram { counts: [0; BUCKETS], count: 0, overflow: 0, sum: 0, min: u64::MAX, max: 0 }
    }

    fn add(&mut self, value: u64) {
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.count += 1;
        if value >= LIMIT_NS {
            self.overflow += 1;
            return;
        }
        let shift = (64 - value.leading_zeros()).saturating_sub(7);
        self.counts[shift as usize * 64 + (value >> shift) as usize] += 1;
    }

    /// [[lower edge, count], ...]
    fn buckets(&self) -> String {
        let all = (0..BUCKETS).filter(|&i| self.counts[i] > 0).map(|i| {
            let shift = if i < 128 { 0 } else { i / 64 - 1 };
            format!("[{},{}]", (i - shift * 64) << shift, self.counts[i])
        });
        format!("[{}]", all.collect::<Vec<_>>().join(","))
    }

    fn or_null(&self, value: u64) -> String {
        if self.count > 0 { value.to_string() } else { "null".to_string() }
    }
}

fn divide(number: u64, tests: u64) -> u64 {
    (2..tests + 2).filter(|divisor| number % divisor == 0).count() as u64
}

/// What divide finds, from pairs of divisors up to the square root.
fn divisors(number: u64, tests: u64) -> u64 {
    let counts = |divisor: u64| (2..tests + 2).contains(&divisor) as u64;
    let mut found = 0;
    for low in (1..).take_while(|low| low * low <= number).filter(|low| number % low == 0) {
        found += counts(low);
        found += if low * low < number { counts(number / low) } else { 0 };
    }
    found
}

/// Keeps the compiler from leaving out what nobody reads.
fn keep(found: u64) {
    unsafe { std::ptr::read_volatile(&found) };
}

/// How many tests Rust makes here in a microsecond of CPU time, as common/work.c finds it.
fn tests_per_us() -> f64 {
    const TESTS: u64 = 200_000;
    let burst = |_| {
        let start_ns = cpu_ns();
        keep(divide(start_ns, TESTS));
        cpu_ns() - start_ns
    };
    TESTS as f64 * 1e3 / (0..8).map(burst).min().unwrap_or(1).max(1) as f64
}

/// What a part of the run counts.
struct Part {
    taken: u64,
    in_flight: u64,
    peak: u64,
    done: u64,
    ok: u64,
    bytes: u64,
    connections: u64,
    first_ns: u64,
    last_ns: u64,
    cpu_ns: u64,
    begin_ns: u64,
    offset_ns: f64,
    failed: BTreeMap<&'static str, u64>,
    latency: Histogram,
    response: Histogram,
    lag: Histogram,
    trace: Vec<(Ticket, u64, u64)>,
    waits: [u64; 2],                     // of producers and consumers
    passed: BTreeMap<u64, (u32, [u64; 2])>, // the producer of a number, and when it was put and taken
}

impl Part {
    fn new() -> Part {
        let (latency, response, lag) = (Histogram::new(), Histogram::new(), Histogram::new());
        Part {
            taken: 0, in_flight: 0, peak: 0, done: 0, ok: 0, bytes: 0, connections: 0, first_ns: 0, last_ns: 0,
            cpu_ns: 0, begin_ns: 0, offset_ns: 0.0, failed: BTreeMap::new(), latency, response, lag, trace: vec![],
            waits: [0; 2], passed: BTreeMap::new(),
        }
    }
}

struct State {
    part: Part,
    warm_end: Option<Part>,
    is_begun: bool,
    random: u64,
}

pub struct Run {
    told: HashMap<String, String>,
    pub urls: Vec<String>,
    sleeps: Vec<Duration>,
    requests: u64,
    rate: u64,
    warm: u64,
    work: u64,
    is_traced: bool,
    is_poisson: bool,
    base: (Instant, u64), // the same moment on both clocks, or a little later on the second
    state: Mutex<State>,
}

impl Run {
    /// It lives as long as the program, so that a task needs no count of its users.
    pub fn new() -> &'static Run {
        let (mut told, mut urls) = (HashMap::new(), vec![]);
        for word in std::env::args().skip(1) {
            match word.split_once('=') {
                Some(("url", value)) => urls.push(value.to_string()),
                Some((key, value)) => drop(told.insert(key.to_string(), value.to_string())),
                None => (),
            }
        }
        let state = State { part: Part::new(), warm_end: None, is_begun: false, random: 0 };
        let mut run = Run {
            told, urls, sleeps: vec![], requests: 0, rate: 0, warm: 0, work: 0, is_traced: false, is_poisson: false,
            base: (Instant::now(), now_ns()), state: Mutex::new(state),
        };
        run.sleeps = run.text("sleep_ms").split(',').map(|ms| Duration::from_millis(ms.parse().unwrap_or(0))).collect();
        run.requests = run.number("requests");
        run.rate = run.number("rate");
        run.warm = run.number("warm");
        run.is_traced = run.number("trace") == 1;
        run.is_poisson = run.number("poisson") == 1;
        run.lock().random = run.number("seed");
        if matches!(run.text("task"), "http" | "cpu" | "pipeline") {
            let work_us = run.number("work_us") as f64;
            run.work = if work_us > 0.0 { (work_us * tests_per_us()) as u64 } else { run.number("work") };
        }
        Box::leak(Box::new(run))
    }

    pub fn text(&self, key: &str) -> &str {
        self.told.get(key).map_or("", |value| value)
    }

    pub fn number(&self, key: &str) -> u64 {
        self.text(key).parse().unwrap_or(0)
    }

    #[allow(dead_code)] // for a task that sleeps
    pub fn sleep(&self, ticket: &Ticket) -> Duration {
        self.sleeps[ticket.number as usize % self.sleeps.len()]
    }

    fn lock(&self) -> MutexGuard<State> {
        self.state.lock().unwrap()
    }

    /// Begins the warm requests, or those that count; false when both are over.
    pub fn next_part(&self) -> bool {
        let mut state = self.lock();
        let is_warm = self.is_warm(&state);
        if state.is_begun && !is_warm {
            return false;
        }
        let old = std::mem::replace(&mut state.part, Part::new());
        if state.is_begun {
            state.warm_end = Some(old);
        }
        state.is_begun = true;
        true
    }

    fn is_warm(&self, state: &State) -> bool {
        self.warm > 0 && state.is_begun && state.warm_end.is_none()
    }

    /// The next request of this worker, which has had `made` in this part; None when there is none.
    pub fn take(&self, worker: u32, made: u64) -> Option<Ticket> {
        let mut state = self.lock();
        if self.is_warm(&state) {
            return if made == self.warm { None } else { Some(Ticket { number: made, due_ns: 0, worker }) };
        }
        if state.part.taken == self.requests {
            return None;
        }
        let number = state.part.taken;
        state.part.taken += 1;
        let due_ns = if self.rate > 0 { self.arrival(&mut state) } else { 0 };
        Some(Ticket { number, due_ns, worker })
    }

    fn arrival(&self, state: &mut State) -> u64 {
        if state.part.begin_ns == 0 {
            state.part.begin_ns = now_ns();
        }
        let due_ns = state.part.begin_ns + state.part.offset_ns as u64;
        let gaps = if self.is_poisson { -uniform(&mut state.random).ln() } else { 1.0 };
        state.part.offset_ns += gaps * 1e9 / self.rate as f64;
        due_ns
    }

    /// When the request is due, if that is still to come.
    pub fn due(&self, ticket: &Ticket) -> Option<Instant> {
        let at = || self.base.0 + Duration::from_nanos(ticket.due_ns.saturating_sub(self.base.1));
        if ticket.due_ns > now_ns() { Some(at()) } else { None }
    }

    #[allow(dead_code)] // for a task that connects
    pub fn connected(&self) {
        self.lock().part.connections += 1;
    }

    pub fn begin(&self) -> u64 {
        let part = &mut self.lock().part;
        part.in_flight += 1;
        part.peak = part.peak.max(part.in_flight);
        let now = now_ns();
        if part.first_ns == 0 {
            part.first_ns = now;
            part.cpu_ns = cpu_ns();
        }
        now
    }

    /// The work of a request, in tasks http and cpu.
    #[allow(dead_code)] // by those that wait for computing to be asked for
    pub fn compute(&self) {
        if self.work > 0 {
            keep(divide(now_ns(), self.work));
        }
    }

    pub fn end(&self, ticket: Ticket, start_ns: u64, outcome: Outcome) {
        self.end_at(now_ns(), ticket, start_ns, outcome);
    }

    fn end_at(&self, now: u64, ticket: Ticket, start_ns: u64, outcome: Outcome) {
        let mut state = self.lock();
        let is_warm = self.is_warm(&state);
        let part = &mut state.part;
        part.in_flight -= 1;
        part.last_ns = part.last_ns.max(now);
        if self.is_traced && !is_warm && ticket.number < TRACE_MAX {
            part.trace.push((ticket, start_ns, now));
        }
        if ticket.due_ns > 0 {
            part.lag.add(start_ns.saturating_sub(ticket.due_ns));
        }
        match outcome {
            Ok(bytes) => {
                part.ok += 1;
                part.bytes += bytes;
                part.latency.add(now - start_ns);
                if ticket.due_ns > 0 {
                    part.response.add(now.saturating_sub(ticket.due_ns));
                }
            }
            Err(class) => *part.failed.entry(class).or_insert(0) += 1,
        }
        part.done += 1;
        if part.done == self.requests && !is_warm {
            part.cpu_ns = cpu_ns() - part.cpu_ns;
        }
    }

    /// Writes the document and ends the program, which a runtime that is dropped would hold up for a lookup that nobody
    /// needs any more. The knobs are the versions of what could bias a comparison.
    pub fn finish(&self, knobs: &[(&str, &str)]) {
        let mut text = self.text("head").to_string();
        for (name, value) in knobs {
            let _ = write!(text, ",\"{}\":\"{}\"", name, value);
        }
        let mut state = self.lock();
        text += "}";
        self.add_rest(&mut text, &mut state);
        let _ = writeln!(text, ",\"teardown_ns\":{}}}", now_ns() - state.part.last_ns);
        let mut file = unsafe { std::fs::File::from_raw_fd(self.number("result_fd") as i32) };
        if let Err(error) = file.write_all(text.as_bytes()) {
            fail(3, &format!("cannot write the result document: {}", error));
        }
        std::process::exit(0)
    }

    /// What comes after the knobs.
    fn add_rest(&self, text: &mut String, state: &mut State) {
        state.part.trace.sort_by_key(|row| row.0.number);
        let p = &state.part;
        let mut put = |key: &str, value: String| drop(write!(text, ",\"{}\":{}", key, value));
        put("ok", p.ok.to_string());
        put("failed", object(&p.failed));
        put("bytes_received", p.bytes.to_string());
        put("connections_opened", p.connections.to_string());
        put("units_created", self.text("concurrency").to_string());
        put("peak_in_flight", p.peak.to_string());
        put("setup_ns", (p.first_ns - self.number("started_ns")).to_string());
        put("measured_ns", (p.last_ns - p.first_ns).to_string());
        put("cpu_measured_ns", p.cpu_ns.to_string());
        put("latency_ns", p.latency.buckets());
        put("overflow", p.latency.overflow.to_string());
        put("latency_sum_ns", p.latency.or_null(p.latency.sum));
        put("latency_min_ns", p.latency.or_null(p.latency.min));
        put("latency_max_ns", p.latency.or_null(p.latency.max));
        if let Some(warm) = &state.warm_end {
            put("warm_requests", warm.done.to_string());
            put("warm_failed", object(&warm.failed));
        }
        if self.rate > 0 {
            put("response_ns", p.response.buckets());
            put("response_overflow", p.response.overflow.to_string());
            put("response_max_ns", p.response.or_null(p.response.max));
            put("lag_ns", p.lag.buckets());
            put("lag_overflow", p.lag.overflow.to_string());
        }
        let since = |ns: u64| ns as i64 - p.first_ns as i64;
        if self.text("task") == "pipeline" {
            put("producer_waits", p.waits[0].to_string());
            put("consumer_waits", p.waits[1].to_string());
            if self.is_traced {
                let rows: Vec<_> = p.passed.iter().collect(); // a consumer may have a number before its producer has seen that it is put
                put("trace_queue_ns", list(&rows, |(n, (producer, [put, taken]))| format!("[{},{},{},{}]", n, since(*put.min(taken)), since(*taken), producer)));
            }
        }
        if self.is_traced {
            put("trace_ns", list(&p.trace, |(t, start, end)| format!("[{},{},{},{}]", t.number, since(*start), since(*end), t.worker)));
            if self.rate > 0 {
                put("trace_due_ns", list(&p.trace, |(t, _, _)| format!("[{},{}]", t.number, since(t.due_ns))));
            }
        }
    }
}

#[allow(dead_code)] // for a task with a queue
impl Run {
    pub fn item(&self, ticket: Ticket) -> Item {
        Item { ticket, start_ns: self.begin() }
    }

    /// Counts a producer, or a consumer, that has to wait.
    pub fn note_wait(&self, to_be: Passed) {
        self.lock().part.waits[to_be as usize] += 1;
    }

    /// Notes for a trace that the number was put, or taken.
    pub fn note_passed(&self, item: &Item, passed: Passed) {
        if self.is_traced && item.ticket.number < TRACE_MAX {
            let now = now_ns();
            let part = &mut self.lock().part;
            part.passed.entry(item.ticket.number).or_insert((item.ticket.worker, [0; 2])).1[passed as usize] = now;
        }
    }

    /// Counts the number's divisors, and then again in another way.
    pub fn answer(&self, item: Item, consumer: u32) {
        let number = self.requests - item.ticket.number;
        let found = divide(number, self.work);
        let now = now_ns();
        let outcome = if found == divisors(number, self.work) { Ok(0) } else { Err("other") };
        self.end_at(now, Ticket { worker: consumer, ..item.ticket }, item.start_ns, outcome);
    }
}

/// splitmix64, as in runtime/schedule.c: in (0, 1].
fn uniform(random: &mut u64) -> f64 {
    *random = random.wrapping_add(0x9e3779b97f4a7c15);
    let mut x = *random;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d049bb133111eb);
    x ^= x >> 31;
    ((x >> 11) + 1) as f64 / (1u64 << 53) as f64
}

fn object(counts: &BTreeMap<&'static str, u64>) -> String {
    let all = counts.iter().map(|(name, count)| format!("\"{}\":{}", name, count));
    format!("{{{}}}", all.collect::<Vec<_>>().join(","))
}

fn list<T>(rows: &[T], text: impl Fn(&T) -> String) -> String {
    format!("[{}]", rows.iter().map(text).collect::<Vec<_>>().join(","))
}
