//! Whether the lanes get on, for whoever can restart a process that does not.
//!
//! Everything that a lane waits for is bounded, so it knows by when it will be
//! heard of again. One that is late hangs, and one that died is late for ever: both
//! are defects of ours. A server that is down is neither, for to try again is to
//! get on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What a lane may need beyond the time that it named: to close a connection, to
/// open another and to set it up, half a minute when all of it is slow. The other
/// half is for a machine that has no time for us.
const GRACE: Duration = Duration::from_secs(60);

/// All lanes of this process.
#[derive(Clone, Default)]
pub struct Progress(Arc<Mutex<Vec<Arc<Expected>>>>);

/// One lane's word.
struct Expected {
    server: String,
    /// None while nothing is expected of it.
    by: Mutex<Option<Instant>>,
}

impl Progress {
    /// A new lane, of which nothing is expected yet.
    pub fn pulse(&self, server: &str) -> Pulse {
        let expected = Arc::new(Expected { server: server.to_owned(), by: Mutex::default() });
        lock(&self.0).push(expected.clone());
        Pulse { expected, all: self.clone() }
    }

    /// A server of which a lane hangs.
    pub fn late(&self) -> Option<String> {
        let now = Instant::now();
        let lanes = lock(&self.0);
        let late = lanes.iter().find(|lane| lock(&lane.by).is_some_and(|by| by < now));
        late.map(|lane| lane.server.clone())
    }
}

/// How a lane says that it lives. It is not dropped but ended: a lane that panics
/// must go on being missed.
pub struct Pulse {
    expected: Arc<Expected>,
    all: Progress,
}

impl Pulse {
    /// The lane is heard of again within this time.
    pub fn within(&self, limit: Duration) {
        *lock(&self.expected.by) = Some(Instant::now() + limit + GRACE);
    }

    /// The lane waits for somebody who may take as long as they like.
    pub fn whenever(&self) {
        *lock(&self.expected.by) = None;
    }

    pub fn end(self) {
        lock(&self.all.0).retain(|lane| !Arc::ptr_eq(lane, &self.expected));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    #[tokio::test(start_paused = true)]
    async fn a_lane_is_late_when_it_overstays_its_own_word() {
        let progress = Progress::default();
        let (one, other) = (progress.pulse("one"), progress.pulse("other"));
        advance(GRACE * 10).await;
        assert_eq!(progress.late(), None, "neither has begun");

        one.within(Duration::from_secs(10));
        other.within(Duration::from_secs(100));
        advance(GRACE + Duration::from_secs(11)).await;
        assert_eq!(progress.late().as_deref(), Some("one"));
        one.within(Duration::ZERO);
        assert_eq!(progress.late(), None, "it is there again");

        one.whenever();
        other.end();
        advance(GRACE * 10).await;
        assert_eq!(progress.late(), None, "one was told to wait, the other ended");
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_that_panics_is_missed() {
        let progress = Progress::default();
        let pulse = progress.pulse("one");
        let lane = tokio::spawn(async move {
            pulse.within(Duration::ZERO);
            panic!("a defect");
        });
        assert!(lane.await.is_err());
        assert_eq!(progress.late(), None);
        advance(GRACE * 2).await;
        assert_eq!(progress.late().as_deref(), Some("one"));
    }
}
