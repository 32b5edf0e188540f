//! An index that failed to build and is still written to.

use crate::lab::{Error, Move, Result, Scenario, Stage};

pub const SCENARIO: Scenario = Scenario {
    name: "invalid-index",
    lessons: &["pg-stat-views#pg_stat_user_indexes", "pg-stat-views#check-index-usage"],
    happens: "CREATE UNIQUE INDEX CONCURRENTLY meets a duplicate and fails. What it built so \
              far stays: no query uses it, and every write maintains it.",
    look_at: "The invalid index, with its size.",
    healing: "DROP INDEX; then the duplicate is removed and the index is built again.",
    moves: &[
        Move::appears("pg_index_invalid_bytes"),
        Move::reaches("pg_database_index_problems", 1.0).with(&[("problem", "invalid")]),
    ],
    alerts: &["PostgresIndexInvalid"],
    break_it: |stage| Box::pin(break_it(stage)),
    heal: |stage| Box::pin(heal(stage)),
    ..Scenario::DEFAULT
};

async fn break_it(stage: &mut Stage) -> Result<()> {
    stage
        .primary
        .execute("create table customer (mail text); insert into customer values ('a@b'), ('a@b')")
        .await?;
    let build = "create unique index concurrently customer_mail on customer (mail)";
    match stage.primary.execute(build).await {
        Err(Error::Sql(sqlx::Error::Database(_))) => Ok(()),
        other => other,
    }
}

async fn heal(stage: &mut Stage) -> Result<()> {
    stage.primary.execute("drop index customer_mail").await
}
