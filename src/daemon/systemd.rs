//! What systemd is told, where it started us: that we serve, that the lanes get
//! on, that we stop. Started by anything else, all of this does nothing.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

use crate::progress::Progress;

/// The addresses are listened on.
pub fn ready() {
    tell(NotifyState::Ready);
}

/// Connections are being closed, which may take as long as a statement does.
pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// Ticks for as long as every lane gets on. Without a tick systemd ends the
/// process after `WatchdogSec` and starts it anew, and logs that it did.
pub async fn watchdog(progress: Progress) {
    let limit = sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero());
    if let Some(limit) = limit {
        tick(limit / 3, progress, || tell(NotifyState::Watchdog)).await;
    }
}

async fn tick(every: Duration, progress: Progress, tell: impl Fn()) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = false;
    loop {
        ticks.tick().await;
        match progress.late() {
            None => {
                told = false;
                tell();
            }
            Some(server) if !told => {
                told = true;
                tracing::error!(
                    server,
                    "polling hangs, so the watchdog gets no ticks; this is a defect"
                );
            }
            Some(_) => {}
        }
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd cannot be told how we are");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use tokio::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn ticks_stop_while_a_lane_hangs() {
        let progress = Progress::default();
        let pulse = progress.pulse("one");
        let count = Arc::new(AtomicU32::new(0));
        let counter = count.clone();
        let tell = move || {
            counter.fetch_add(1, Ordering::Relaxed);
        };
        tokio::spawn(tick(Duration::from_secs(20), progress, tell));
        let ticks = || count.swap(0, Ordering::Relaxed);

        for _ in 0..10 {
            pulse.within(Duration::from_secs(10));
            sleep(Duration::from_secs(60)).await;
            assert!((2..=4).contains(&ticks()));
        }
        sleep(Duration::from_secs(60)).await;
        ticks();
        sleep(Duration::from_secs(600)).await;
        assert_eq!(ticks(), 0, "it hangs");
        pulse.within(Duration::ZERO);
        sleep(Duration::from_secs(30)).await;
        assert!(ticks() > 0, "it gets on");
    }
}
