//! A database that has not been frozen for most of the transaction ids.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "transaction-id-age",
    lessons: &["pg-stat-views#find-tables-needing-vacuum"],
    happens: "Nobody froze this database for 1.7 thousand million transactions. Burning so \
              many takes days, so the lab writes the age into the catalog instead, where the \
              server itself reads it; everything that follows is the server's own doing.",
    look_at: "The age of the oldest unfrozen transaction id, and how many are left until the \
              server refuses to write.",
    healing: "VACUUM FREEZE of any table lets the server look at the real ages and correct \
              the catalog.",
    servers: Servers {
        settings: &[("autovacuum_freeze_max_age", "2000000000"), ("allow_system_table_mods", "on")],
        ..Servers::DEFAULT
    },
    moves: &[
        Move::reaches("pg_database_frozenxid_age", 1.65e9),
        Move::falls_to("pg_database_wraparound_remaining_transactions", 0.5e9),
    ],
    alerts: &["PostgresXidWraparoundWarning", "PostgresXidWraparoundCritical"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const OLD: &str = "update pg_database
     set datfrozenxid = ((datfrozenxid::text::bigint - 1700000000 + 4294967296) % 4294967296)::text::xid
   where datname = 'postgres'";
const FREEZE: &str = "vacuum (freeze) pg_catalog.pg_am";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute(OLD).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute(FREEZE).await
}
