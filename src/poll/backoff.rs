//! How long to wait until the next attempt to connect.

use std::time::Duration;

use crate::target::Reason;

const FIRST: Duration = Duration::from_millis(500);

/// A server that is restarted is back within seconds, and must be seen at once.
const LONGEST: Duration = Duration::from_secs(5);

/// A refused password may lock the role out, so it is tried seldom.
const LONGEST_REFUSED: Duration = Duration::from_secs(120);

#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// The pause after a failure: doubling, bounded, and never the same for two of us.
    pub fn failed(&mut self, reason: Reason) -> Duration {
        let (first, longest) = if reason.is_refused_credential() {
            (LONGEST, LONGEST_REFUSED)
        } else {
            (FIRST, LONGEST)
        };
        let pause = (first * 2_u32.pow(self.failures.min(16))).min(longest);
        self.failures = self.failures.saturating_add(1);
        pause.mul_f64(0.75 + 0.25 * fastrand::f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_bound_and_refused_credentials_wait_longer() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..20).map(|_| backoff.failed(Reason::Refused)).collect();
        assert!(pauses[0] <= FIRST);
        assert!(pauses.iter().all(|pause| *pause <= LONGEST));
        assert!(pauses[19] >= LONGEST.mul_f64(0.75));

        backoff.succeeded();
        let pauses: Vec<_> = (0..20).map(|_| backoff.failed(Reason::Authentication)).collect();
        assert!(pauses[0] >= LONGEST.mul_f64(0.75));
        assert!(pauses[19] >= LONGEST_REFUSED.mul_f64(0.75));
    }
}
