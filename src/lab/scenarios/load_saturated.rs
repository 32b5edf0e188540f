//! More sessions at work than there are processors.

use std::num::NonZero;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "load-saturated",
    lessons: &[
        "troubleshooting#issue-1-high-cpu-usage",
        "troubleshooting#3-check-system-resources",
    ],
    happens: "Many sessions are active at the same time, for longer than a moment.",
    look_at: "Seconds of active time a second, which is the average number of active \
              sessions: far more than this machine has processors.",
    servers: Servers { since: 14, ..Servers::DEFAULT },
    moves: &[
        Move::grows_by("pg_stat_database_active_time_seconds_total", 60.0),
        Move::reaches("pg_connections_by_state", 12.0).with(&[("state", "active")]),
    ],
    alerts: &["PostgresLoadSaturated"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

/// A statement that reads no table is not counted before the session ends.
const SLEEP: &str = "select count(*) from pg_am, pg_sleep(0.1)";

/// A primary has this many slots to give; a machine with more processors than that can
/// use is not saturated here.
const MOST: usize = 80;

async fn break_it(stage: &mut Stage) -> Result<()> {
    let processors = available_parallelism().map_or(1, NonZero::get);
    // They sleep: the lesson is in the sessions, and the machine stays usable.
    for _ in 0..(4 * processors).clamp(18, MOST) {
        stage.repeat(stage.client(), Duration::from_millis(1), SLEEP);
    }
    Ok(())
}
