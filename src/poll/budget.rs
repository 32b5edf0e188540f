//! The connections that a server may see of us, those included that hang.
//!
//! A connection whose deadline passed is closed here, but its backend lives on
//! until it notices, and a stopped one does not. It keeps its place in the
//! budget until the server says that it is gone.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
    connections: usize,
    places: Arc<Semaphore>,
    taken: Arc<AtomicUsize>,
    /// Whether the urgent lane has its place. While it has none, the last one is its.
    urgent_has: Arc<AtomicBool>,
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
    /// Told when an urgent place is given up.
    urgent_has: Option<Arc<AtomicBool>>,
}

impl Place {
    fn leave_urgent(&mut self) {
        if let Some(urgent_has) = self.urgent_has.take() {
            urgent_has.store(false, Ordering::Relaxed);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave_urgent();
        self.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Budget {
    pub fn new(connections: usize) -> Self {
        Self {
            connections,
            places: Arc::new(Semaphore::new(connections)),
            taken: Arc::default(),
            urgent_has: Arc::default(),
            abandoned: Mutex::default(),
        }
    }

    /// A place for a connection; an urgent one is what `pg_up` stands on, and may
    /// not find the last place taken by work that can wait.
    pub async fn place(&self, urgent: bool) -> Result<Place, Failure> {
        self.forget_old();
        let keep_one = !urgent && self.connections > 2 && !self.urgent_has.load(Ordering::Relaxed);
        let wanted = if keep_one { 2 } else { 1 };
        let permit = timeout(WAIT, self.places.clone().acquire_many_owned(wanted)).await;
        let Ok(Ok(mut permit)) = permit else {
            return Err(Failure::new(
                Reason::Budget,
                "every connection of the budget is taken, by backends that do not answer",
            ));
        };
        if keep_one {
            drop(permit.split(1));
        }
        self.taken.fetch_add(1, Ordering::Relaxed);
        let urgent_has = urgent.then(|| self.urgent_has.clone());
        if urgent {
            self.urgent_has.store(true, Ordering::Relaxed);
        }
        Ok(Place { _permit: permit, taken: self.taken.clone(), urgent_has })
    }

    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub fn abandon(&self, backend_pid: i32, mut place: Place) {
        place.leave_urgent();
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
        let first = budget.place(true).await.unwrap();
        let second = budget.place(true).await.unwrap();
        assert_eq!(budget.place(true).await.err().unwrap().reason, Reason::Budget);

        budget.abandon(7, first);
        budget.abandon(8, second);
        assert_eq!(budget.taken(), 2);
        assert!(budget.place(true).await.is_err());

        budget.settle(&[7, 8], &[8]);
        assert_eq!(budget.abandoned(), [8]);
        let third = budget.place(true).await.unwrap();
        drop(third);
        budget.server_gone();
        assert_eq!(budget.taken(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_place_is_the_urgent_lanes_while_it_has_none() {
        let budget = Budget::new(3);
        let urgent = budget.place(true).await.unwrap();
        let work = budget.place(false).await.unwrap();
        budget.abandon(7, urgent);
        budget.abandon(8, work);
        assert!(budget.place(false).await.is_err(), "one is left, and the urgent lane has none");
        let urgent = budget.place(true).await.unwrap();
        budget.settle(&[8], &[]);
        assert!(budget.place(false).await.is_ok(), "the urgent lane has its place");
        drop(urgent);
        assert!(budget.place(false).await.is_ok(), "two are left");
    }

    #[tokio::test(start_paused = true)]
    async fn with_nobody_left_to_ask_places_come_back_in_the_end() {
        let budget = Budget::new(1);
        let place = budget.place(true).await.unwrap();
        budget.abandon(7, place);
        assert!(budget.place(true).await.is_err());
        tokio::time::advance(FORGOTTEN_AFTER).await;
        assert!(budget.place(true).await.is_ok());
    }
}
