//! Talking SQL to a cluster of the lab.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Decode, PgConnection, Postgres, Type};
use tokio::time;

use super::postmaster::LIMIT;
use super::{Cluster, Result, Target};
use crate::catalog::Software;

/// The collector's role as our documentation says to create it.
const MONITOR: &str = include_str!("../../deploy/role.sql");

/// A lab may watch one server many times over.
const UNLIMITED: &str = "alter role pglens connection limit -1";

/// What our sessions are called, so that those of an incident can be found.
pub(super) const APPLICATION: &str = "lab";

impl Cluster {
    /// Where a superuser connects.
    pub fn dsn(&self, database: &str) -> String {
        self.dsn_as("postgres", database)
    }

    pub fn dsn_as(&self, role: &str, database: &str) -> String {
        format!("postgresql://{role}@127.0.0.1:{}/{database}", self.port())
    }

    /// What is watched of it, from this database.
    pub fn target(&self, database: &str) -> Target {
        self.target_at(self.dsn_as("pglens", database))
    }

    /// The same, by another way.
    pub(super) fn target_at(&self, dsn: String) -> Target {
        Target { name: self.name().into(), dsn, software: Software::PostgreSql }
    }

    /// A superuser's session in the database `postgres`, still to be opened.
    pub fn client(&self) -> PgConnectOptions {
        options(self.port(), "postgres", "postgres")
    }

    pub async fn connect(&self, database: &str) -> Result<PgConnection> {
        self.connect_as("postgres", database).await
    }

    pub async fn connect_as(&self, role: &str, database: &str) -> Result<PgConnection> {
        Ok(options(self.port(), role, database).connect().await?)
    }

    /// Runs one or more statements in the database `postgres`.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        self.execute_in("postgres", sql).await
    }

    pub async fn execute_in(&self, database: &str, sql: &str) -> Result<()> {
        let mut connection = self.connect(database).await?;
        let executed = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
        // A connection that is only dropped is a lost client to the server.
        connection.close().await?;
        executed?;
        Ok(())
    }

    /// The one value that a query in the database `postgres` returns.
    pub async fn value<T>(&self, sql: &str) -> Result<T>
    where
        T: for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin,
    {
        let mut connection = self.connect("postgres").await?;
        let value = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await;
        connection.close().await?;
        Ok(value?)
    }

    /// Waits until a query in the database `postgres` returns true.
    pub async fn wait_for(&self, sql: &str, limit: Duration) -> Result<()> {
        let begun = Instant::now();
        let mut connection = self.connect("postgres").await?;
        loop {
            let fulfilled: Option<bool> =
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await?;
            if fulfilled == Some(true) {
                return Ok(connection.close().await?);
            }
            if begun.elapsed() > limit {
                return Err(self.late(&format!("fulfil \"{sql}\""), limit));
            }
            time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until this standby has replayed all that the primary has written.
    pub async fn catch_up(&self, primary: &Cluster, limit: Duration) -> Result<()> {
        let written: String = primary.value("select pg_current_wal_lsn()::text").await?;
        let sql = format!("select pg_last_wal_replay_lsn() >= '{written}'");
        self.wait_for(&sql, limit).await
    }

    /// Makes a standby a primary, and waits until it is one.
    pub async fn promote(&self) -> Result<()> {
        if self.value("select pg_promote()").await? {
            return Ok(());
        }
        Err(self.late("end recovery", LIMIT))
    }

    /// Creates the role `pglens`, a member of pg_monitor, for every database
    /// that is created from now on, and for `postgres`.
    pub async fn create_monitor(&self) -> Result<()> {
        self.execute_in("template1", MONITOR).await?;
        self.execute(MONITOR).await?;
        self.execute(UNLIMITED).await
    }

    pub async fn create_extensions(&self, database: &str, names: &[&str]) -> Result<()> {
        let sql: String =
            names.iter().map(|name| format!("create extension if not exists {name};")).collect();
        self.execute_in(database, &sql).await
    }
}

/// Not parsed from a DSN, for that would let PG* variables and a passfile in.
pub(super) fn options(port: u16, role: &str, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(role)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
        .application_name(APPLICATION)
        // Some repeat a BEGIN; the warnings would be printed among our own lines.
        .options([("client_min_messages", "error")])
        // It waits for locks on purpose; that is no news for our log.
        .disable_statement_logging()
}
