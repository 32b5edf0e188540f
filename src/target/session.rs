//! One connection, set up so that it cannot hurt: the only module that opens
//! one or sends a statement.
//!
//! Every statement is bounded on the server (`statement_timeout`, `lock_timeout`)
//! and again here by a deadline behind it. Dropping a future of sqlx does not
//! stop the statement on the server, so a session whose deadline passed is
//! useless: its owner drops it, which closes the socket.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgConnectOptions, PgRow, PgValueFormat};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr,
    Statement, TypeInfo, ValueRef,
};
use tokio::time::{Instant, timeout};

use super::facts::{self, Facts};
use super::failure::{Failure, Reason};
use crate::catalog::{Requirement, Variant, with_schemas};
use crate::rows::{Rows, Value};

/// How long a server may take for the TCP handshake, TLS, login and facts together.
pub(super) const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

/// What the network and a busy client may add to a statement's own timeout
/// before we stop believing that the server will ever answer.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// The same for a statement that asks next to nothing. Generous, because giving a
/// connection up costs a busy server more than waiting for it does.
const PRELUDE: Duration = Duration::from_secs(3);

/// What every session of ours is bound by. `lock_timeout` because the worst an
/// exporter can do is to queue behind DDL and be queued behind; `search_path`
/// because a user may have written a `public.count()`; the planner's switches
/// because statistics queries are small and neither compilation nor workers pay.
///
/// They are startup parameters and not SET: behind a transaction pooler a SET
/// would stay on a connection that an application gets next, while a pooler
/// refuses startup parameters that it does not know, or drops them, which
/// [`Session::open`] notices.
const BOUNDS: [(&str, &str); 8] = [
    ("statement_timeout", "5s"),
    ("lock_timeout", "200ms"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("default_transaction_read_only", "on"),
    ("search_path", "pg_catalog"),
    ("client_min_messages", "error"),
    ("max_parallel_workers_per_gather", "0"),
    ("jit", "off"),
];

/// An open connection and what is known about the server behind it.
pub struct Session {
    connection: PgConnection,
    facts: Facts,
    facts_asked: Instant,
}

/// What one poll brought.
#[derive(Debug)]
pub struct Answer {
    pub rows: Rows,
    /// Rows beyond the collector's cap, dropped and counted.
    pub rows_beyond_cap: u64,
}

impl Session {
    /// Connects and asks for facts, within one deadline.
    pub async fn open(
        options: &PgConnectOptions,
        requirements: &[Requirement],
    ) -> Result<Self, Failure> {
        let open = async {
            let options = options
                .clone()
                .disable_statement_logging()
                // PgBouncer refuses startup parameters that it does not know, and
                // numbers come as binary, so this one is of no use to us.
                .extra_float_digits(None)
                .options(BOUNDS);
            let mut connection = PgConnection::connect_with(&options).await?;
            verify(&mut connection).await?;
            let facts = facts::probe(&mut connection, requirements.iter()).await?;
            Ok(Self { connection, facts, facts_asked: Instant::now() })
        };
        login(open).await
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// How old the facts are, recovery state apart.
    pub fn facts_age(&self) -> Duration {
        self.facts_asked.elapsed()
    }

    /// Asks for all facts again, for an extension or a grant that came meanwhile.
    pub async fn refresh(&mut self, requirements: &[Requirement]) -> Result<(), Failure> {
        self.facts = within(CONNECT_DEADLINE, async {
            facts::probe(&mut self.connection, requirements.iter()).await
        })
        .await?;
        self.facts_asked = Instant::now();
        Ok(())
    }

    /// Bounds the next statement on the server and learns, in the same round
    /// trip, whether the server is a standby at this moment, and whether we are in
    /// all roles that are required. Out of one of them most views fail no query:
    /// they have the same rows with nothing in them, which would count as zeros.
    pub async fn prepare(
        &mut self,
        limit: Duration,
        requires: &[Requirement],
    ) -> Result<bool, Failure> {
        let roles = requires.iter().filter_map(|requirement| match requirement {
            Requirement::Role(role) => Some(role.as_str()),
            _ => None,
        });
        let prelude = async {
            sqlx::query_as::<_, (bool, bool, String)>(
                "select pg_is_in_recovery(), \
                 (select coalesce(bool_and(pg_has_role(role::name, 'usage')), true) \
                 from unnest($2::text[]) as role), \
                 set_config('statement_timeout', $1, false)",
            )
            .bind(format!("{}ms", limit.as_millis()))
            .bind(roles.collect::<Vec<_>>())
            .fetch_one(&mut self.connection)
            .await
            .map_err(Failure::from)
        };
        let (in_recovery, in_roles, _) = within(PRELUDE, prelude).await?;
        self.facts.in_recovery = in_recovery;
        Ok(in_roles)
    }

    /// Runs one variant and keeps at most `max_rows` rows.
    pub async fn query(
        &mut self,
        variant: &Variant,
        limit: Duration,
        max_rows: usize,
    ) -> Result<Answer, Failure> {
        let sql: Arc<str> = with_schemas(&variant.sql, |extension| {
            self.facts.extensions.get(extension).map(|extension| extension.schema.as_str())
        })
        .into();
        within(limit + GRACE, fetch(&mut self.connection, sql, max_rows)).await
    }

    /// Runs a query that was written for the search path of an ordinary session,
    /// and puts ours back behind it: what we ask ourselves is never looked up in
    /// schemas that others can write to.
    pub async fn query_in_schemas(
        &mut self,
        variant: &Variant,
        limit: Duration,
        max_rows: usize,
    ) -> Result<Answer, Failure> {
        self.search("pg_catalog, \"$user\", public").await?;
        let sql = variant.sql.as_str().into();
        let answer = within(limit + GRACE, fetch(&mut self.connection, sql, max_rows)).await;
        if !matches!(&answer, Err(failure) if failure.reason.ends_connection()) {
            self.search("pg_catalog").await?;
        }
        answer
    }

    async fn search(&mut self, path: &str) -> Result<(), Failure> {
        within(PRELUDE, async {
            sqlx::query("select set_config('search_path', $1, false)")
                .bind(path)
                .execute(&mut self.connection)
                .await
                .map_err(Failure::from)
        })
        .await
        .map(drop)
    }

    /// Some bytes of a file of the server, fewer where it ends; `None` if there is no
    /// such file. Bounded like the collector's own query, which came before.
    pub async fn read_file(
        &mut self,
        path: &str,
        offset: u64,
        length: usize,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let bytes = async {
            sqlx::query_scalar("select pg_read_binary_file($1, $2, $3, true)")
                .bind(path)
                .bind(i64::try_from(offset).unwrap_or(i64::MAX))
                .bind(i64::try_from(length).unwrap_or(i64::MAX))
                .fetch_one(&mut self.connection)
                .await
                .map_err(Failure::from)
        };
        within(CONNECT_DEADLINE, bytes).await
    }

    /// Databases that let us in, largest statistics aside: in the order of their age.
    pub async fn databases(&mut self) -> Result<Vec<String>, Failure> {
        let names = async {
            sqlx::query_scalar(
                "select datname::text from pg_catalog.pg_database \
                 where datallowconn and not datistemplate \
                 and has_database_privilege(oid, 'connect') order by oid",
            )
            .fetch_all(&mut self.connection)
            .await
            .map_err(Failure::from)
        };
        within(CONNECT_DEADLINE, names).await
    }

    /// Ends backends of ours that were abandoned and says which of them remain.
    pub async fn terminate(&mut self, pids: &[i32]) -> Result<Vec<i32>, Failure> {
        let remaining = async {
            sqlx::query_scalar(
                "select pid from pg_catalog.pg_stat_activity \
                 where pid = any($1) and usename = current_user \
                 and (pg_terminate_backend(pid) or true)",
            )
            .bind(pids)
            .fetch_all(&mut self.connection)
            .await
            .map_err(Failure::from)
        };
        within(CONNECT_DEADLINE, remaining).await
    }

    /// Says goodbye to a server that listens; one that does not is not waited for.
    pub async fn close(self) {
        if let Ok(Err(error)) = timeout(GRACE, self.connection.close()).await {
            tracing::debug!(%error, "closing a connection");
        }
    }
}

/// A session that is not bound as it should be is not used.
///
/// Asked as a simple query, because a transaction pooler may hand us a connection on
/// which another client prepared a statement of the same name as sqlx would: its
/// error would then stand where the reason belongs.
async fn verify(connection: &mut PgConnection) -> Result<(), Failure> {
    use sqlx::Row;

    let bounds = BOUNDS.map(|(name, value)| format!("('{name}', '{value}')")).join(", ");
    let sql = format!(
        "select string_agg(b.name, ', ') from (values {bounds}) as b(name, value) \
         where current_setting(b.name) is distinct from b.value"
    );
    let row = connection.fetch_one(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    let unbound: Option<String> = row.try_get(0)?;
    match unbound {
        None => Ok(()),
        Some(names) => Err(Failure::new(
            Reason::Configuration,
            format!(
                "startup parameters did not reach the server ({names}): \
                 a pooler stands between, connect to the server itself"
            ),
        )),
    }
}

/// What a connection may take until it can be used.
pub(super) async fn login<T>(open: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout(CONNECT_DEADLINE, open).await.unwrap_or_else(|_| {
        let text = format!("no login within {} s", CONNECT_DEADLINE.as_secs());
        Err(Failure::new(Reason::Unreachable, text))
    })
}

pub(super) async fn within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timeout(limit, answer).await.unwrap_or_else(|_| {
        Err(Failure::new(
            Reason::Deadline,
            format!("no answer within {:.1} s, connection abandoned", limit.as_secs_f64()),
        ))
    })
}

async fn fetch(
    connection: &mut PgConnection,
    sql: Arc<str>,
    max_rows: usize,
) -> Result<Answer, Failure> {
    // Prepared once a connection, so parsing and planning are paid once; and the
    // columns are known even when there is no row.
    let statement = connection.prepare(AssertSqlSafe(sql).into_sql_str()).await?;
    let mut rows = Rows::new(statement.columns().iter().map(|column| column.name()));
    let mut rows_beyond_cap = 0;
    let mut stream = statement.query().fetch(connection);
    while let Some(row) = stream.try_next().await? {
        if rows.len() < max_rows {
            rows.push(decode(&row)?);
        } else {
            rows_beyond_cap += 1;
        }
    }
    Ok(Answer { rows, rows_beyond_cap })
}

fn decode(row: &PgRow) -> Result<Vec<Value>, Failure> {
    (0..sqlx::Row::len(row)).map(|column| decode_cell(row, column)).collect()
}

/// One cell by the type that the server names. Text is taken as bytes, because
/// a database in SQL_ASCII may hold what is not UTF-8 and must not cost us the row.
fn decode_cell(row: &PgRow, column: usize) -> Result<Value, Failure> {
    use sqlx::Row;

    let raw = row.try_get_raw(column)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let type_info = raw.type_info().into_owned();
    let value = match type_info.name() {
        "FLOAT8" => Value::Number(row.try_get(column)?),
        "INT8" => Value::Number(row.try_get::<i64, _>(column)? as f64),
        "INT4" => Value::Number(f64::from(row.try_get::<i32, _>(column)?)),
        "BOOL" => Value::Number(if row.try_get(column)? { 1.0 } else { 0.0 }),
        "TEXT" | "NAME" | "VARCHAR" if raw.format() == PgValueFormat::Binary => {
            let bytes = raw.as_bytes().map_err(sqlx::Error::Decode)?;
            Value::Text(String::from_utf8_lossy(bytes).into())
        }
        other => {
            let name = row.column(column).name().to_owned();
            return Err(Failure::new(
                Reason::Result,
                format!("column \"{name}\" is {other}: cast it to float8 or text"),
            ));
        }
    };
    Ok(value)
}
