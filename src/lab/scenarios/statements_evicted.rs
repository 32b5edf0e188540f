//! More kinds of statements than pg_stat_statements keeps.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "statements-evicted",
    lessons: &["pg-stat-views#pg_stat_statements"],
    happens: "An application writes its values into the statements' text in a way that makes \
              each another kind. pg_stat_statements has room for 100 and throws out the \
              rarest, again and again.",
    look_at: "Evictions. What was thrown out is missing in every list of slow statements.",
    servers: Servers {
        settings: &[
            ("shared_preload_libraries", "pg_stat_statements"),
            ("pg_stat_statements.max", "100"),
            ("pg_stat_statements.track", "all"),
        ],
        extensions: &["pg_stat_statements"],
        since: 14,
        ..Servers::DEFAULT
    },
    moves: &[Move::grows_by("pg_stat_statements_evictions_total", 2.0)],
    alerts: &["PostgresStatementsEvicting"],
    break_it: |stage| Box::pin(break_it(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.repeat(stage.client(), Duration::from_millis(200), KINDS);
    Ok(())
}

/// The number of columns makes the kind.
const KINDS: &str = "do $$ begin
    for n in 1..200 loop
        execute 'select 1' || repeat(', 1', n);
    end loop;
end $$";
