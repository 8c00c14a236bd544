//! rust-tokio-join: a future for each request in flight, all of them joined in one task, on one thread.
//!
//!     one task    [r1][r2][r3].....[r1][r3].....[r2]
//!     future 1    [send]...wait....[read]
//!     future 2        [send]....wait............[read]
//!     future 3            [send]...wait....[read]               time ->
//!
//! The `stackless` model as the language has it: a future is what lives across its `.await`s, and has no
//! stack. `FuturesUnordered` polls those that were woken.
//!
//! What it costs: a node of the set for each future; no other thread, however much there is to compute.
//!
//! What to look for in the results: memory per sleeping future beside that of `rust-tokio-spawn`.

#[path = "../contract.rs"]
mod contract;
#[path = "../tokio_http.rs"]
mod tokio_http;
#[path = "../tokio_pipeline.rs"]
mod tokio_pipeline;
#[path = "../tokio_work.rs"]
mod tokio_work;

use contract::Run;
use futures::stream::{FuturesUnordered, StreamExt};
use std::future::Future;

async fn join_all<F: Future<Output = ()>>(run: &'static Run, worker: impl Fn(u32) -> F) {
    let mut all: FuturesUnordered<F> = (0..run.number("concurrency") as u32).map(worker).collect();
    while all.next().await.is_some() {}
}

fn main() {
    let run = Run::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|error| contract::fail(3, &format!("rust-tokio-join: {}", error)));
    let client = if run.text("task") == "http" { Some(tokio_http::Http::new(run)) } else { None };
    while run.next_part() {
        runtime.block_on(async {
            match (run.text("task"), client) {
                ("http", Some(client)) => join_all(run, |number| tokio_work::work(run, number, move |ticket| client.fetch(ticket), ())).await,
                ("sleep", _) => join_all(run, |number| tokio_work::work(run, number, move |ticket| tokio_work::sleep(run, ticket), ())).await,
                ("pipeline", _) => {
                    let end = tokio_pipeline::ends(run);
                    join_all(run, move |number| tokio_pipeline::work(run, number, end(number), ())).await
                }
                _ => join_all(run, |number| tokio_work::work(run, number, |_| async { Ok(0) }, ())).await,
            }
        });
    }
    run.finish(&[("rust", env!("RUSTC_VERSION")), ("tokio", env!("TOKIO_VERSION")), ("hyper", env!("HYPER_VERSION"))]);
}
