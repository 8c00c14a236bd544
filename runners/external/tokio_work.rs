//! tokio_work: a worker as a coroutine of tokio's, for the runners on it.

use crate::contract::{Outcome, Run, Ticket};
use std::future::Future;

/// One worker: makes requests, each with what `fetch` makes of its ticket, until there are none left.
/// `_held` is dropped at the end. (A future around this one would hold it twice, as it is moved before it is awaited.)
pub async fn work<F: Future<Output = Outcome>, H>(run: &'static Run, worker: u32, fetch: impl Fn(Ticket) -> F, _held: H) {
    let mut made = 0;
    while let Some(ticket) = run.take(worker, made) {
        made += 1;
        if let Some(due) = run.due(&ticket) {
            tokio::time::sleep_until(due.into()).await;
        }
        let start_ns = run.begin();
        let outcome = fetch(ticket).await;
        run.compute();
        run.end(ticket, start_ns, outcome);
    }
}

/// What a request is in task sleep.
pub async fn sleep(run: &'static Run, ticket: Ticket) -> Outcome {
    tokio::time::sleep(run.sleep(&ticket)).await;
    Ok(0)
}
