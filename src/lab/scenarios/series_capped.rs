//! More objects than pglens may tell about.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "series-capped",
    lessons: &["prometheus#metrics-endpoint"],
    happens: "Somebody creates a few hundred roles with an expiring password. The \
              collector's cap of rows is reached, and what is beyond it is counted, not \
              shown.",
    look_at: "Rows dropped, by collector.",
    healing: "The roles are dropped.",
    moves: &[Move::grows_by("pglens_collector_dropped_total", 50.0)],
    alerts: &["PostgresExporterCardinalityCapped"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const MANY: &str = "do $$ begin
    for n in 1..600 loop
        execute format('create role r%s login connection limit 5', n);
    end loop;
end $$";
const NONE: &str = "do $$ begin
    for n in 1..600 loop
        execute format('drop role r%s', n);
    end loop;
end $$";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute(MANY).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute(NONE).await
}
