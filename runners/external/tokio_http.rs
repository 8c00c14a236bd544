//! tokio_http: GET with hyper, on a connection for each worker, which is kept between its requests.

use crate::contract::{fail, Outcome, Run, Ticket};
use hyper::body::{Body, HttpBody};
use hyper::client::conn::{handshake, SendRequest};
use hyper::{Request, StatusCode, Uri};
use std::error::Error;
use std::io::ErrorKind;
use std::sync::Mutex;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{lookup_host, TcpStream};
use tokio::time::{timeout_at, Instant};

struct Url {
    is_https: bool,
    host: String, // without the brackets of IPv6
    port: u16,
    authority: String,
    target: String,
}

pub struct Http {
    run: &'static Run,
    urls: Vec<Url>,
    tls: tokio_native_tls::TlsConnector,
    timeout: Duration,
    is_keepalive: bool,
    kept: Vec<Mutex<Option<SendRequest<Body>>>>, // of each worker, between its requests
}

/// Why there is no answer: the class, and whether the connection was lost before the answer began.
struct Failure {
    class: &'static str,
    is_lost: bool,
}

fn failure(class: &'static str) -> Failure {
    Failure { class, is_lost: false }
}

impl Http {
    pub fn new(run: &'static Run) -> &'static Http {
        let kept = (0..run.number("concurrency")).map(|_| Mutex::new(None)).collect();
        let timeout = Duration::from_millis(run.number("timeout_ms"));
        let urls = run.urls.iter().map(|text| parse(text)).collect();
        let tls = connector(run).unwrap_or_else(|error| fail(2, &format!("--cacert: {}", error)));
        Box::leak(Box::new(Http { run, urls, tls, timeout, is_keepalive: run.number("keepalive") == 1, kept }))
    }

    /// One GET. If a kept connection turns out to have ended before the answer began, it is made again on a new one.
    pub async fn fetch(&self, ticket: Ticket) -> Outcome {
        let slot = &self.kept[ticket.worker as usize];
        let url = &self.urls[ticket.worker as usize % self.urls.len()];
        let kept = slot.lock().unwrap().take();
        let both_tries = async {
            if let Some(sender) = kept {
                match self.exchange(sender, url).await {
                    Err(Failure { is_lost: true, .. }) => (),
                    answer => return answer,
                }
            }
            self.exchange(self.connect(url).await?, url).await
        };
        match timeout_at(Instant::now() + self.timeout, both_tries).await {
            Err(_) => Err("timeout"),
            Ok(Err(failure)) => Err(failure.class),
            Ok(Ok((sender, outcome))) => {
                if self.is_keepalive {
                    *slot.lock().unwrap() = Some(sender);
                }
                outcome
            }
        }
    }

    async fn connect(&self, url: &Url) -> Result<SendRequest<Body>, Failure> {
        let addresses: Vec<_> = lookup_host((url.host.as_str(), url.port)).await.map_err(|_| failure("resolve"))?.collect();
        let stream = TcpStream::connect(addresses.as_slice()).await.map_err(|_| failure("connect"))?;
        self.run.connected();
        let _ = stream.set_nodelay(true);
        if !url.is_https {
            return begin(stream).await;
        }
        begin(self.tls.connect(&url.host, stream).await.map_err(|_| failure("tls"))?).await
    }

    async fn exchange(&self, mut sender: SendRequest<Body>, url: &Url) -> Result<(SendRequest<Body>, Outcome), Failure> {
        let mut request = Request::get(&url.target).header("host", &url.authority).header("user-agent", "concbench");
        if !self.is_keepalive {
            request = request.header("connection", "close");
        }
        let request = request.body(Body::empty()).map_err(|_| failure("other"))?;
        futures::future::poll_fn(|context| sender.poll_ready(context)).await.map_err(|_| Failure { class: "reset", is_lost: true })?;
        let answer = sender.send_request(request).await.map_err(|error| Failure { class: class_of(&error), is_lost: class_of(&error) == "reset" })?;
        let status = answer.status();
        let (mut body, mut bytes) = (answer.into_body(), 0);
        while let Some(chunk) = body.data().await {
            bytes += chunk.map_err(|error| failure(class_of(&error)))?.len() as u64;
        }
        let outcome = match status.as_u16() {
            101 => Err("protocol"),
            _ if status >= StatusCode::BAD_REQUEST => Err("status"),
            _ => Ok(bytes),
        };
        Ok((sender, outcome))
    }
}

/// Hands the connection to a task of its own, as hyper wants it.
async fn begin<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> Result<SendRequest<Body>, Failure> {
    let (sender, connection) = handshake(stream).await.map_err(|error| failure(class_of(&error)))?;
    tokio::spawn(connection);
    Ok(sender)
}

/// The contract's class for hyper's errors.
fn class_of(error: &hyper::Error) -> &'static str {
    let mut cause = error.source();
    while let Some(inner) = cause {
        match inner.downcast_ref::<std::io::Error>().map(|error| error.kind()) {
            Some(ErrorKind::UnexpectedEof) => return "short",
            Some(ErrorKind::InvalidData | ErrorKind::InvalidInput) => return "protocol", // of a chunk
            Some(_) => return "reset",
            None => cause = inner.source(),
        }
    }
    match error {
        _ if error.is_parse() => "protocol",
        _ if error.is_incomplete_message() || error.is_canceled() || error.is_closed() => "reset",
        _ => "other",
    }
}

fn parse(text: &str) -> Url {
    let bad = || -> ! { fail(2, "not a URL that hyper understands") };
    let uri: Uri = text.parse().unwrap_or_else(|_| bad());
    let authority = uri.authority().unwrap_or_else(|| bad());
    if authority.as_str().contains('@') {
        fail(2, "a user name in the URL is not known to this runner");
    }
    let is_https = uri.scheme_str() == Some("https");
    Url {
        is_https,
        host: authority.host().trim_start_matches('[').trim_end_matches(']').to_string(),
        port: authority.port_u16().unwrap_or(if is_https { 443 } else { 80 }),
        authority: authority.to_string(),
        target: uri.path_and_query().map_or("/", |target| target.as_str()).to_string(),
    }
}

/// TLS that trusts what the command line says.
fn connector(run: &Run) -> Result<tokio_native_tls::TlsConnector, Box<dyn Error>> {
    let mut builder = native_tls::TlsConnector::builder();
    if !run.text("cacert").is_empty() {
        builder.disable_built_in_roots(true);
        let text = std::fs::read_to_string(run.text("cacert"))?;
        for at in text.match_indices("-----BEGIN CERTIFICATE-----") {
            builder.add_root_certificate(native_tls::Certificate::from_pem(text[at.0..].as_bytes())?);
        }
    }
    if run.number("insecure") == 1 {
        builder.danger_accept_invalid_certs(true).danger_accept_invalid_hostnames(true);
    }
    Ok(builder.build()?.into())
}
