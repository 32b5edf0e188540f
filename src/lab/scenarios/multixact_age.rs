//! A database whose multixacts run out.

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "multixact-age",
    lessons: &["pg-stat-views#find-tables-needing-vacuum"],
    happens: "Foreign keys and row locks used up 1.7 thousand million multixact ids without \
              a freeze. Burning so many takes days, so the lab writes the age into the \
              catalog, where the server itself reads it.",
    look_at: "The age of the oldest multixact id, which runs out independently of \
              transaction ids.",
    healing: "VACUUM FREEZE of any table lets the server look at the real ages and correct \
              the catalog.",
    servers: Servers {
        settings: &[
            ("autovacuum_multixact_freeze_max_age", "2000000000"),
            ("allow_system_table_mods", "on"),
        ],
        ..Servers::DEFAULT
    },
    moves: &[
        Move::reaches("pg_database_minmxid_age", 1.65e9),
        Move::falls_to("pg_database_wraparound_remaining_multixacts", 0.5e9),
    ],
    alerts: &["PostgresMultixactWraparound", "PostgresMultixactWraparoundCritical"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const OLD: &str = "update pg_database
     set datminmxid = ((datminmxid::text::bigint - 1700000000 + 4294967296) % 4294967296)::text::xid
   where datname = 'postgres'";
const FREEZE: &str = "vacuum (freeze) pg_catalog.pg_am";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute(OLD).await
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute(FREEZE).await
}
