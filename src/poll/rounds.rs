//! A lane's rounds: it waits for what is due, unless it is paused or has to end, and
//! tells the watchdog how long it will not be heard of.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::Signals;
use crate::progress::Pulse;

pub(super) struct Rounds {
    signals: Signals,
    pulse: Pulse,
    /// How long a poll may take.
    longest: Duration,
    again: bool,
}

impl Rounds {
    pub fn new(signals: Signals, name: &str, longest: Duration) -> Self {
        let pulse = signals.progress.pulse(name);
        Self { signals, pulse, longest, again: false }
    }

    pub fn go_on(&self) -> bool {
        !*self.signals.shutdown.borrow()
    }

    /// Whether what did not work is to be tried at once, told once.
    pub fn asked_again(&mut self) -> bool {
        std::mem::take(&mut self.again)
    }

    /// Waits for a poll that is due then. False when there is none to make now: what
    /// is due has to be looked up again.
    pub async fn reaches(&mut self, due: Instant) -> bool {
        self.pulse.within(due.saturating_duration_since(Instant::now()));
        tokio::select! {
            () = sleep_until(due) => {}
            Ok(()) = self.signals.again.changed() => {
                self.again = true;
                return false;
            }
            _ = self.signals.shutdown.changed() => return false,
        }
        if *self.signals.paused.borrow_and_update() {
            self.pulse.whenever();
            tokio::select! {
                _ = self.signals.paused.changed() => {}
                _ = self.signals.shutdown.changed() => {}
            }
            return false;
        }
        self.pulse.within(self.longest);
        true
    }

    /// Waits after a connection that could not be had.
    pub async fn rest(&mut self, pause: Duration) {
        self.pulse.within(pause);
        tokio::select! {
            () = sleep(pause) => {}
            Ok(()) = self.signals.again.changed() => self.again = true,
            _ = self.signals.shutdown.changed() => {}
        }
    }

    pub fn end(self) {
        self.pulse.end();
    }
}
