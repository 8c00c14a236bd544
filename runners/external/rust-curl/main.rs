//! rust-curl: libcurl's own loop in Rust, with the crate curl.
//!
//!     thread      poll(all sockets) ... look at every handle, poll(all sockets) ...
//!     client A    [request ....wait...............]
//!     client B    [request ....wait.......................]
//!                 each turn costs as much as there are handles            time ->
//!
//! The `multi-poll` model in Rust: the same library does the same work with the same options, so what is left
//! between the two is the language and its binding, which sees to it that a handle in use is not touched.
//!
//! What it costs: a handle that moves in and out of the multi with each request; a turn looks at all handles.
//!
//! What to look for in the results: CPU per request beside `multi-poll`; next to nothing lies between them.

#[path = "contract.rs"]
mod contract;

use contract::{fail, Outcome, Run, Ticket};
use curl::easy::{Easy2, Handler, HttpVersion, List, WriteError};
use curl::multi::{Easy2Handle, Multi};
use curl::Error;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Counts the bytes of a body.
struct Body(u64);

impl Handler for Body {
    fn write(&mut self, piece: &[u8]) -> Result<usize, WriteError> {
        self.0 += piece.len() as u64;
        Ok(piece.len())
    }
}

enum State {
    Idle(Easy2<Body>),
    InFlight(Easy2Handle<Body>, Ticket, u64),
    Moving,
}

struct Client {
    state: State,
    next: Option<Ticket>, // one that is not due yet
    made: u64,
}

struct Loop {
    run: &'static Run,
    multi: Multi,
    clients: Vec<Client>,
    due: BinaryHeap<Reverse<(u64, usize)>>, // number of the ticket, client
    in_flight: u64,
}

/// The options of runtime/task/fetch.c.
fn new_handle(run: &Run, worker: usize) -> Result<Easy2<Body>, Error> {
    let mut easy = Easy2::new(Body(0));
    easy.url(&run.urls[worker % run.urls.len()])?;
    easy.signal(false)?;
    easy.noproxy("*")?;
    easy.http_version(HttpVersion::V11)?;
    easy.timeout(Duration::from_millis(run.number("timeout_ms")))?;
    easy.buffer_size(16384)?;
    if run.number("keepalive") == 0 {
        easy.forbid_reuse(true)?;
    }
    if !run.text("cacert").is_empty() {
        easy.cainfo(run.text("cacert"))?;
    }
    if run.number("insecure") == 1 {
        easy.ssl_verify_peer(false)?;
        easy.ssl_verify_host(false)?;
    }
    if !run.text("resolve").is_empty() {
        let mut list = List::new();
        list.append(run.text("resolve"))?;
        easy.resolve(list)?;
    }
    Ok(easy)
}

/// The contract's class for libcurl's errors.
fn class_of(error: &Error) -> &'static str {
    let text = error.extra_description().unwrap_or("");
    match error {
        e if e.is_couldnt_resolve_host() => "resolve",
        e if e.is_couldnt_connect() => "connect",
        e if e.is_operation_timedout() => "timeout",
        e if e.is_partial_file() => "short",
        e if e.is_ssl_connect_error() || e.is_peer_failed_verification() || e.is_ssl_cacert_badfile() || e.is_ssl_cipher() => "tls",
        e if e.is_ssl_certproblem() || e.is_ssl_issuer_error() => "tls",
        e if e.is_recv_error() && text.contains("chunk") => "protocol", // libcurl has one code for both
        e if e.is_send_error() || e.is_recv_error() || e.is_got_nothing() => "reset",
        e if e.is_unsupported_protocol() || e.code() == 8 || e.is_bad_content_encoding() => "protocol", // 8: CURLE_WEIRD_SERVER_REPLY
        _ => "other",
    }
}

impl Loop {
    /// The client's next request: begun, or kept until it is due.
    fn take(&mut self, number: usize) {
        let client = &mut self.clients[number];
        if let Some(ticket) = self.run.take(number as u32, client.made) {
            client.made += 1;
            if self.run.due(&ticket).is_some() {
                client.next = Some(ticket);
                self.due.push(Reverse((ticket.number, number)));
            } else {
                self.begin(number, ticket);
            }
        }
    }

    fn begin(&mut self, number: usize, ticket: Ticket) {
        let client = &mut self.clients[number];
        if let State::Idle(mut easy) = std::mem::replace(&mut client.state, State::Moving) {
            easy.get_mut().0 = 0;
            let start_ns = self.run.begin();
            let mut handle = self.multi.add2(easy).unwrap_or_else(|error| fail(1, &error.to_string()));
            let _ = handle.set_token(number);
            client.state = State::InFlight(handle, ticket, start_ns);
            self.in_flight += 1;
        }
    }

    fn end(&mut self, number: usize, result: Result<(), Error>) {
        let client = &mut self.clients[number];
        if let State::InFlight(handle, ticket, start_ns) = std::mem::replace(&mut client.state, State::Moving) {
            let mut easy = self.multi.remove2(handle).unwrap_or_else(|error| fail(1, &error.to_string()));
            self.in_flight -= 1;
            for _ in 0..connects(&easy) {
                self.run.connected();
            }
            self.run.end(ticket, start_ns, outcome(&mut easy, result));
            client.state = State::Idle(easy);
        }
        self.take(number);
    }

    /// When the next request that waits for its time is due.
    fn next_due(&self) -> Option<Instant> {
        let Reverse((_, number)) = self.due.peek()?;
        Some(self.clients[*number].next.and_then(|ticket| self.run.due(&ticket)).unwrap_or_else(Instant::now))
    }

    fn begin_due(&mut self) {
        while self.next_due().map_or(false, |due| due <= Instant::now()) {
            if let Some(Reverse((_, number))) = self.due.pop() {
                if let Some(ticket) = self.clients[number].next.take() {
                    self.begin(number, ticket);
                }
            }
        }
    }

    fn wait(&self) {
        let left = |due: Instant| due.saturating_duration_since(Instant::now()).min(LONGEST_WAIT);
        let time = self.next_due().map_or(LONGEST_WAIT, left);
        if self.in_flight == 0 {
            std::thread::sleep(time);
        } else if let Err(error) = self.multi.wait(&mut [], time) {
            fail(1, &error.to_string());
        }
    }

    fn end_finished(&mut self) {
        let mut ended = vec![];
        let clients = &self.clients;
        self.multi.messages(|message| {
            let number = message.token().unwrap_or(0);
            if let State::InFlight(handle, _, _) = &clients[number].state {
                ended.extend(message.result_for2(handle).map(|result| (number, result)));
            }
        });
        for (number, result) in ended {
            self.end(number, result);
        }
    }

    fn run_all(&mut self) {
        for number in 0..self.clients.len() {
            self.clients[number].made = 0;
            self.take(number);
        }
        while self.in_flight > 0 || !self.due.is_empty() {
            self.wait();
            self.begin_due();
            if let Err(error) = self.multi.perform() {
                fail(1, &error.to_string());
            }
            self.end_finished();
        }
    }
}

/// How many connections the transfer has made. The crate has no name for it.
fn connects(easy: &Easy2<Body>) -> i64 {
    const NUM_CONNECTS: curl_sys::CURLINFO = curl_sys::CURLINFO_LONG + 26;
    let mut count: libc::c_long = 0;
    unsafe { curl_sys::curl_easy_getinfo(easy.raw(), NUM_CONNECTS, &mut count) };
    count
}

fn outcome(easy: &mut Easy2<Body>, result: Result<(), Error>) -> Outcome {
    if let Err(error) = result {
        return Err(class_of(&error));
    }
    match easy.response_code().unwrap_or(0) {
        101 => Err("protocol"),
        400.. => Err("status"),
        _ => Ok(easy.get_ref().0),
    }
}

fn main() {
    let run = Run::new();
    let new_client = |worker| {
        let easy = new_handle(run, worker).unwrap_or_else(|error| fail(3, &format!("rust-curl: libcurl handle: {}", error)));
        Client { state: State::Idle(easy), next: None, made: 0 }
    };
    let clients: Vec<_> = (0..run.number("concurrency") as usize).map(new_client).collect();
    let mut multi = Multi::new();
    let _ = multi.set_max_connects(clients.len());
    let mut all = Loop { run, multi, clients, due: BinaryHeap::new(), in_flight: 0 };
    while run.next_part() {
        all.run_all();
    }
    let version = curl::Version::get();
    run.finish(&[("libcurl", version.version()), ("tls", version.ssl_version().unwrap_or("none")), ("rust", env!("RUSTC_VERSION")), ("curl", env!("CURL_CRATE_VERSION"))]);
}
