//! PgBouncer's admin console: it looks like a server and understands SHOW alone,
//! in the simple protocol, whose answers are all text.

use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, PgConnection, Row, ValueRef};

use super::failure::{Failure, Reason};
use super::plan::Skip;
use super::session::{Answer, CONNECT_DEADLINE, GRACE, login, within};
use crate::catalog::Collector;
use crate::rows::{Rows, Value};

/// An open connection to the console.
pub struct Console {
    connection: PgConnection,
    version: String,
}

impl Console {
    /// Connects, and makes sure that PgBouncer itself answers and not a server
    /// behind it.
    pub async fn open(options: &PgConnectOptions) -> Result<Self, Failure> {
        let open = async {
            // It refuses startup parameters that it does not know.
            let options = options.clone().disable_statement_logging().extra_float_digits(None);
            let mut connection = PgConnection::connect_with(&options).await?;
            let version =
                version(&mut connection).await.map_err(|failure| match failure.reason {
                    Reason::Server | Reason::Undefined | Reason::Result => Failure::new(
                        Reason::Configuration,
                        "this is not PgBouncer's console: connect to its database pgbouncer"
                            .to_owned(),
                    ),
                    _ => failure,
                })?;
            Ok(Self { connection, version })
        };
        login(open).await
    }

    /// As it calls itself, such as `PgBouncer 1.18.0`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Why this PgBouncer cannot answer a collector.
    pub fn lacks(&self, collector: &Collector) -> Option<Skip> {
        let minor = minor(&self.version)?;
        (minor < collector.since).then_some(Skip::PgBouncer { minor, since: collector.since })
    }

    /// One answer, of which at most `max_rows` rows are kept.
    pub async fn show(
        &mut self,
        command: &str,
        limit: Duration,
        max_rows: usize,
    ) -> Result<Answer, Failure> {
        within(limit + GRACE, show(&mut self.connection, command, max_rows)).await
    }

    pub async fn close(self) {
        let closed = tokio::time::timeout(CONNECT_DEADLINE, self.connection.close()).await;
        if let Ok(Err(error)) = closed {
            tracing::debug!(%error, "closing a connection");
        }
    }
}

async fn version(connection: &mut PgConnection) -> Result<String, Failure> {
    let Answer { rows, .. } = show(connection, "show version", 1).await?;
    let version = rows.iter().next().and_then(|row| row.text(0).map(str::to_owned));
    let none = || Failure::new(Reason::Result, "show version says nothing".to_owned());
    version.filter(|version| version.starts_with("PgBouncer")).ok_or_else(none)
}

fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("PgBouncer 1.")?.split('.').next()?.parse().ok()
}

async fn show(
    connection: &mut PgConnection,
    command: &str,
    max_rows: usize,
) -> Result<Answer, Failure> {
    let mut answer = sqlx::raw_sql(AssertSqlSafe(command)).fetch(connection);
    let mut rows: Option<Rows> = None;
    let mut rows_beyond_cap = 0;
    while let Some(row) = answer.try_next().await? {
        let rows =
            rows.get_or_insert_with(|| Rows::new(row.columns().iter().map(|column| column.name())));
        if rows.len() == max_rows {
            rows_beyond_cap += 1;
            continue;
        }
        let cells: Vec<Value> =
            (0..row.len()).map(|column| cell(&row, column)).collect::<Result<_, _>>()?;
        rows.push(cells);
    }
    Ok(Answer { rows: rows.unwrap_or_else(|| Rows::new([""; 0])), rows_beyond_cap })
}

fn cell(row: &sqlx::postgres::PgRow, column: usize) -> Result<Value, Failure> {
    let raw = row.try_get_raw(column)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
    Ok(Value::Text(String::from_utf8_lossy(bytes).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_by_its_second_part() {
        assert_eq!(minor("PgBouncer 1.18.0"), Some(18));
        assert_eq!(minor("PgBouncer 1.27dev"), None);
    }
}
