//! The connections that a server may see of us, those included that hang.
//!
//! A connection whose deadline passed is closed here, but its backend lives on
//! until it notices, and a stopped one does not. It keeps its place in the
//! budget until the server says that it is gone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::target::{Failure, Reason};

/// How long a lane waits for a place; longer than a short poll of the other lane.
const WAIT: Duration = Duration::from_secs(2);

/// An abandoned backend that nobody could ask about is believed gone by then:
/// without any connection left, nobody would ever find out.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(300);

pub struct Budget {
    places: Arc<Semaphore>,
    taken: Arc<AtomicUsize>,
    abandoned: Mutex<Vec<Abandoned>>,
}

struct Abandoned {
    backend_pid: i32,
    since: Instant,
    /// Held, not read: it gives the place back when it is dropped.
    _place: Place,
}

/// The right to have one connection open.
pub struct Place {
    _permit: OwnedSemaphorePermit,
    taken: Arc<AtomicUsize>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Budget {
    pub fn new(connections: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(connections)),
            taken: Arc::default(),
            abandoned: Mutex::default(),
        }
    }

    pub async fn place(&self) -> Result<Place, Failure> {
        self.forget_old();
        match timeout(WAIT, self.places.clone().acquire_owned()).await {
            Ok(Ok(permit)) => {
                self.taken.fetch_add(1, Ordering::Relaxed);
                Ok(Place { _permit: permit, taken: self.taken.clone() })
            }
            _ => Err(Failure::new(
                Reason::Budget,
                "every connection of the budget is taken, by backends that do not answer",
            )),
        }
    }

    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub fn abandon(&self, backend_pid: i32, place: Place) {
        let abandoned = Abandoned { backend_pid, since: Instant::now(), _place: place };
        self.list().push(abandoned);
    }

    /// Backends that may still be there.
    pub fn abandoned(&self) -> Vec<i32> {
        self.list().iter().map(|abandoned| abandoned.backend_pid).collect()
    }

    /// The server was asked about `asked`, and of those only `remaining` are there.
    pub fn settle(&self, asked: &[i32], remaining: &[i32]) {
        self.list().retain(|abandoned| {
            !asked.contains(&abandoned.backend_pid) || remaining.contains(&abandoned.backend_pid)
        });
    }

    /// Nobody listens any more, so no backend is left either.
    pub fn server_gone(&self) {
        self.list().clear();
    }

    fn forget_old(&self) {
        self.list().retain(|abandoned| abandoned.since.elapsed() < FORGOTTEN_AFTER);
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Vec<Abandoned>> {
        self.abandoned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_abandoned_connection_keeps_its_place_until_the_server_says_it_is_gone() {
        let budget = Budget::new(2);
        let first = budget.place().await.unwrap();
        let second = budget.place().await.unwrap();
        assert_eq!(budget.place().await.err().unwrap().reason, Reason::Budget);

        budget.abandon(7, first);
        budget.abandon(8, second);
        assert_eq!(budget.taken(), 2);
        assert!(budget.place().await.is_err());

        budget.settle(&[7, 8], &[8]);
        assert_eq!(budget.abandoned(), [8]);
        let third = budget.place().await.unwrap();
        drop(third);
        budget.server_gone();
        assert_eq!(budget.taken(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn with_nobody_left_to_ask_places_come_back_in_the_end() {
        let budget = Budget::new(1);
        let place = budget.place().await.unwrap();
        budget.abandon(7, place);
        assert!(budget.place().await.is_err());
        tokio::time::advance(FORGOTTEN_AFTER).await;
        assert!(budget.place().await.is_ok());
    }
}
