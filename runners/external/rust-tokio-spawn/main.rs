//! rust-tokio-spawn: a tokio task for each request in flight, on tokio's threads.
//!
//!     task 1         [request ....wait....][request ....wait....]
//!     task 2         [request ....wait....][request ....wait....]
//!     task 3         [request ....wait....][request ....wait....]
//!     CPU 1, CPU 2   poll whichever was woken, and steal from each other     time ->
//!
//! A task is a future on the heap, with what lives across its `.await`s, and no stack. As in the model
//! `coroutine-threads` a thread for each CPU runs the tasks; here any of them may go on with a task.
//!
//! What it costs: an allocation for each task, with the state of its deepest `.await`; atomic operations,
//! as a task may be woken from any thread; a lock that a contract for threads needs.
//!
//! What to look for in the results: memory per sleeping task beside that of `rust-tokio-join`; more CPU
//! used than time passed where there is something to compute.

#[path = "../contract.rs"]
mod contract;
#[path = "../tokio_http.rs"]
mod tokio_http;
#[path = "../tokio_pipeline.rs"]
mod tokio_pipeline;
#[path = "../tokio_work.rs"]
mod tokio_work;

use contract::Run;
use std::future::Future;
use tokio::sync::mpsc::{channel, Sender};

/// Spawns a task for each worker and waits for all of them: a channel ends when its last sender is dropped.
async fn spawn_all<F: Future<Output = ()> + Send + 'static>(run: &'static Run, worker: impl Fn(u32, Sender<()>) -> F) {
    let (alive, mut all_ended) = channel(1);
    for number in 0..run.number("concurrency") as u32 {
        tokio::spawn(worker(number, alive.clone()));
    }
    drop((alive, worker)); // with what senders they hold
    let _ = all_ended.recv().await;
}

fn main() {
    let run = Run::new();
    let runtime = tokio::runtime::Runtime::new().unwrap_or_else(|error| contract::fail(3, &format!("rust-tokio-spawn: {}", error)));
    let client = if run.text("task") == "http" { Some(tokio_http::Http::new(run)) } else { None };
    while run.next_part() {
        runtime.block_on(async {
            match (run.text("task"), client) {
                ("http", Some(client)) => spawn_all(run, |number, alive| tokio_work::work(run, number, move |ticket| client.fetch(ticket), alive)).await,
                ("sleep", _) => spawn_all(run, |number, alive| tokio_work::work(run, number, move |ticket| tokio_work::sleep(run, ticket), alive)).await,
                ("pipeline", _) => {
                    let end = tokio_pipeline::ends(run);
                    spawn_all(run, move |number, alive| tokio_pipeline::work(run, number, end(number), alive)).await
                }
                _ => spawn_all(run, |number, alive| tokio_work::work(run, number, |_| async { Ok(0) }, alive)).await,
            }
        });
    }
    run.finish(&[("rust", env!("RUSTC_VERSION")), ("tokio", env!("TOKIO_VERSION")), ("hyper", env!("HYPER_VERSION"))]);
}
