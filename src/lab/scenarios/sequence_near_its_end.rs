//! The primary key runs out of numbers.

use crate::lab::{Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "sequence-near-its-end",
    lessons: &["intro#why-this-matters"],
    happens: "A table was made with an int key, years ago. Its sequence is at 97 % of what \
              fits.",
    look_at: "The used share of the sequence. At 1 every INSERT fails.",
    healing: "The key becomes a bigint.",
    moves: &[Move::reaches("pg_sequence_used_ratio", 0.96)],
    alerts: &["PostgresSequenceNearExhaustion", "PostgresSequenceNearExhaustionCritical"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("create table ticket (id serial primary key)").await?;
    stage.primary.execute("select setval('ticket_id_seq', 2083059138)").await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage
        .primary
        .execute("alter sequence ticket_id_seq as bigint; alter table ticket alter id type bigint")
        .await
}
