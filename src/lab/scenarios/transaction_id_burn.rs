//! Transaction ids are used up faster than they are freed.

use std::time::Duration;

use crate::lab::{Move, Result, Scenario, Servers, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "transaction-id-burn",
    lessons: &["pg-stat-views#find-tables-needing-vacuum"],
    happens: "The age grows by ten million a second, as the lab tells the catalog: the \
              shape of years of work without a freeze, in seconds.",
    look_at: "The age and its slope: at this pace the server will refuse to write soon.",
    healing: "VACUUM FREEZE of any table lets the server look at the real ages and correct \
              the catalog.",
    servers: Servers {
        settings: &[("autovacuum_freeze_max_age", "2000000000"), ("allow_system_table_mods", "on")],
        ..Servers::DEFAULT
    },
    moves: &[Move::reaches("pg_database_frozenxid_age", 0.6e9)],
    alerts: &["PostgresXidWraparoundPredicted"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

const OLD: &str = "update pg_database
     set datfrozenxid = ((datfrozenxid::text::bigint - 510000000 + 4294967296) % 4294967296)::text::xid
   where datname = 'postgres'";
/// Stops short of the age at which it is no longer a prediction.
const OLDER: &str = "update pg_database
     set datfrozenxid = ((datfrozenxid::text::bigint - 10000000 + 4294967296) % 4294967296)::text::xid
   where datname = 'postgres' and age(datfrozenxid) < 950000000";
const FREEZE: &str = "vacuum (freeze) pg_catalog.pg_am";

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage.primary.execute(OLD).await?;
    stage.repeat(stage.client(), Duration::from_secs(1), OLDER);
    Ok(())
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute(FREEZE).await
}
