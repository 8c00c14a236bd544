//! tokio_pipeline: task pipeline over a bounded channel of tokio's. Half of the workers put numbers into it, the others take
//! them out and count their divisors. A channel of `mpsc` has one receiver, which the consumers share by a lock of tokio's.
//! It ends when the last sender is dropped.

use crate::contract::{Item, Passed, Run};
use std::sync::Arc;
use tokio::sync::mpsc::error::{TryRecvError, TrySendError};
use tokio::sync::mpsc::{channel, Receiver, Sender};
use tokio::sync::Mutex;

/// What a worker has of the queue.
pub enum End {
    Nothing, // it is alone
    Sender(Sender<Item>),
    Receiver(Arc<Mutex<Receiver<Item>>>),
}

/// The ends of a queue, each for the worker of that number; to drop it leaves the workers alone with theirs.
pub fn ends(run: &'static Run) -> impl Fn(u32) -> End {
    let workers = run.number("concurrency") as u32;
    let (sender, receiver) = channel(run.number("queue_slots").max(1) as usize);
    let receiver = Arc::new(Mutex::new(receiver));
    move |worker| match worker {
        _ if workers == 1 => End::Nothing,
        _ if worker < workers / 2 => End::Sender(sender.clone()),
        _ => End::Receiver(receiver.clone()),
    }
}

pub async fn work<H>(run: &'static Run, worker: u32, end: End, _held: H) {
    match end {
        End::Nothing => while let Some(ticket) = run.take(worker, 0) {
            run.answer(run.item(ticket), worker);
        },
        End::Sender(sender) => while let Some(ticket) = run.take(worker, 0) {
            put(run, &sender, run.item(ticket)).await;
        },
        End::Receiver(receiver) => while let Some(item) = get(run, &receiver).await {
            run.answer(item, worker);
        },
    }
}

async fn put(run: &Run, sender: &Sender<Item>, item: Item) {
    if let Err(TrySendError::Full(item)) = sender.try_send(item) {
        run.note_wait(Passed::Put);
        let _ = sender.send(item).await; // the receiver lives as long as any consumer
    }
    run.note_passed(&item, Passed::Put);
}

/// The lock is held until a number has come, so those that want one stand in line.
async fn get(run: &Run, receiver: &Mutex<Receiver<Item>>) -> Option<Item> {
    let mut receiver = receiver.lock().await;
    let found = match receiver.try_recv() {
        Ok(item) => Some(item),
        Err(TryRecvError::Disconnected) => None,
        Err(TryRecvError::Empty) => {
            run.note_wait(Passed::Taken);
            receiver.recv().await
        }
    };
    found.iter().for_each(|item| run.note_passed(item, Passed::Taken));
    found
}
