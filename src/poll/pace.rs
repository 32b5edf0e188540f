//! How long to wait until the next poll of one collector.

use std::time::Duration;

use crate::target::Reason;

/// A collector may use one hundredth of the time.
const DUTY: u32 = 100;

/// A collector that fails again and again is asked this seldom at the end.
const SLOWEST: Duration = Duration::from_secs(600);

/// The share of the newest poll in the running average of what one costs: a
/// single hiccup must not slow a collector down, several in a row must.
const NEWEST: f64 = 0.3;

#[derive(Debug, Default)]
pub struct Pace {
    cost: Option<Duration>,
    failures: u32,
    lasting: bool,
}

impl Pace {
    pub fn succeeded(&mut self, took: Duration) {
        self.pay(took);
        self.failures = 0;
        self.lasting = false;
    }

    pub fn failed(&mut self, reason: Reason, took: Duration) {
        // A statement that ran into its timeout kept the server busy as long. One
        // that got no answer tells nothing about what it costs.
        if reason == Reason::StatementTimeout {
            self.pay(took);
        }
        self.failures = self.failures.saturating_add(1);
        self.lasting = reason.is_lasting();
    }

    fn pay(&mut self, took: Duration) {
        self.cost = Some(match self.cost {
            None => took,
            Some(cost) => cost.mul_f64(1.0 - NEWEST) + took.mul_f64(NEWEST),
        });
    }

    /// The interval in force for a collector whose own is `base`.
    pub fn interval(&self, base: Duration) -> Duration {
        let affordable = self.cost.map_or(base, |cost| base.max(cost * DUTY));
        match self.failures {
            0 | 1 if !self.lasting => affordable,
            _ if self.lasting => affordable.max(SLOWEST),
            failures => {
                let doubled = affordable * 2_u32.pow((failures - 1).min(10));
                doubled.min(affordable.max(SLOWEST))
            }
        }
    }
}

/// Spreads polls: a tenth more or less, so that servers and collectors that
/// started together do not stay together.
pub fn jittered(interval: Duration) -> Duration {
    interval.mul_f64(0.95 + 0.1 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_secs(10);

    #[test]
    fn a_cheap_poll_keeps_its_interval_and_a_dear_one_stretches_it() {
        let mut pace = Pace::default();
        pace.succeeded(Duration::from_millis(20));
        assert_eq!(pace.interval(BASE), BASE);
        for _ in 0..50 {
            pace.succeeded(Duration::from_millis(300));
        }
        let stretched = pace.interval(BASE);
        assert!((29.0..31.0).contains(&stretched.as_secs_f64()), "{stretched:?}");
    }

    #[test]
    fn one_hiccup_does_not_stretch() {
        let mut pace = Pace::default();
        pace.succeeded(Duration::from_millis(10));
        pace.succeeded(Duration::from_millis(250));
        assert_eq!(pace.interval(BASE), BASE);
    }

    #[test]
    fn failures_double_the_interval_up_to_a_bound_and_a_success_ends_it() {
        let mut pace = Pace::default();
        let after = |pace: &mut Pace| {
            pace.failed(Reason::LockTimeout, Duration::from_millis(200));
            pace.interval(BASE).as_secs()
        };
        assert_eq!([after(&mut pace), after(&mut pace), after(&mut pace)], [10, 20, 40]);
        for _ in 0..100 {
            after(&mut pace);
        }
        assert_eq!(pace.interval(BASE), SLOWEST);
        pace.succeeded(Duration::from_millis(1));
        assert_eq!(pace.interval(BASE), BASE);
    }

    #[test]
    fn what_somebody_has_to_mend_is_asked_seldom_at_once() {
        let mut pace = Pace::default();
        pace.failed(Reason::Permission, Duration::from_millis(1));
        assert_eq!(pace.interval(BASE), SLOWEST);
    }

    #[test]
    fn a_statement_that_times_out_has_cost_its_time() {
        let mut pace = Pace::default();
        pace.failed(Reason::StatementTimeout, Duration::from_secs(1));
        assert_eq!(pace.interval(BASE), Duration::from_secs(100));
    }
}
