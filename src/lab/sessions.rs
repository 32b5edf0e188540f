//! The sessions that hold an incident up: idle, waiting, or at work.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::SOON;
use super::session::APPLICATION;
use super::{Result, Stage};

/// How long a session may take to end before it is dropped.
const SHORTLY: Duration = Duration::from_secs(5);

/// Transactions that each leave a dead row behind, which vacuum removes if it may.
const TRAFFIC: &str = "do $$ begin
    for round in 1..500 loop
        update traffic set n = n + 1;
        commit;
    end loop;
end $$";

/// All of them; they are dropped with it.
#[derive(Default)]
pub(super) struct Sessions {
    idle: Vec<PgConnection>,
    working: JoinSet<()>,
    stopping: watch::Sender<bool>,
}

impl Stage {
    /// Opens a session that runs this and stays, doing nothing.
    pub async fn hold(&mut self, client: PgConnectOptions, sql: &str) -> Result<()> {
        let mut session = client.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut session).await?;
        self.sessions.idle.push(session);
        Ok(())
    }

    /// Opens a session that runs this, however long it takes.
    pub async fn run(&mut self, client: PgConnectOptions, sql: &'static str) -> Result<()> {
        let mut session = client.connect().await?;
        self.sessions.working.spawn(async move {
            said(sqlx::raw_sql(sql).execute(&mut session).await.map(drop));
            said(session.close().await);
        });
        Ok(())
    }

    /// Runs this again and again, with a pause between, whether it succeeds or not.
    pub fn repeat(&mut self, client: PgConnectOptions, pause: Duration, sql: &'static str) {
        let stopping = self.sessions.stopping.subscribe();
        self.sessions.working.spawn(async move {
            while !*stopping.borrow() {
                match client.connect().await {
                    Ok(session) => said(work(session, pause, sql, &stopping).await),
                    Err(error) => said(Err(error)),
                }
                sleep(pause).await;
            }
        });
    }

    /// Waits until as many sessions as this wait for a lock.
    pub async fn waiting(&self, sessions: usize) -> Result<()> {
        let waiting = format!(
            "select count(*) >= {sessions} from pg_stat_activity where wait_event_type = 'Lock'"
        );
        self.primary.wait_for(&waiting, SOON).await
    }

    /// Opens as many connections, one after the other, and gives none back.
    pub fn leak(&mut self, client: PgConnectOptions, sessions: usize, pause: Duration) {
        let mut stopping = self.sessions.stopping.subscribe();
        self.sessions.working.spawn(async move {
            let mut leaked = Vec::new();
            while leaked.len() < sessions && !*stopping.borrow() {
                match client.connect().await {
                    Ok(session) => leaked.push(session),
                    Err(error) => said(Err(error)),
                }
                sleep(pause).await;
            }
            // An error says that the stage is gone, which ends this as well.
            let _ = stopping.wait_for(|stopping| *stopping).await;
            for session in leaked {
                said(session.close().await);
            }
        });
    }

    /// Connects, asks one question and leaves, again and again.
    pub fn churn(&mut self, client: PgConnectOptions, pause: Duration) {
        let stopping = self.sessions.stopping.subscribe();
        self.sessions.working.spawn(async move {
            while !*stopping.borrow() {
                said(visit(&client).await);
                sleep(pause).await;
            }
        });
    }

    /// Many short transactions that leave dead rows behind.
    pub async fn write_traffic(&mut self) -> Result<()> {
        self.primary.execute("create table traffic as select 1 as n").await?;
        self.repeat(self.client(), Duration::from_millis(50), TRAFFIC);
        Ok(())
    }

    /// Removes those, as soon as nobody holds them any more.
    pub async fn vacuum_traffic(&mut self) -> Result<()> {
        let clean = "select n_dead_tup < 100 from pg_stat_user_tables where relname = 'traffic'";
        self.repeat(self.client(), Duration::from_millis(300), "vacuum traffic");
        self.primary.wait_for(clean, SOON).await?;
        self.end_sessions().await
    }

    /// Ends what the incident opened as clients do, so that no session counts as
    /// lost: first those that hold, then those that work or wait.
    pub(super) async fn end_sessions(&mut self) -> Result<()> {
        self.sessions.stopping.send_replace(true);
        for session in self.sessions.idle.drain(..) {
            // A server that is down or frozen has lost the session anyway.
            if let Ok(closed) = timeout(SHORTLY, session.close()).await {
                said(closed);
            }
        }
        for server in self.servers() {
            if let Ok(Err(error)) = timeout(SHORTLY, server.execute(&cancel())).await {
                tracing::debug!(%error, "the server cannot be asked to end sessions");
            }
        }
        let ended = async { while self.sessions.working.join_next().await.is_some() {} };
        if timeout(SHORTLY, ended).await.is_err() {
            self.sessions.working.shutdown().await;
        }
        self.sessions.stopping.send_replace(false);
        Ok(())
    }
}

async fn visit(client: &PgConnectOptions) -> sqlx::Result<()> {
    let mut session = client.connect().await?;
    sqlx::raw_sql("select 1").execute(&mut session).await?;
    session.close().await
}

async fn work(
    mut session: PgConnection,
    pause: Duration,
    sql: &'static str,
    stopping: &watch::Receiver<bool>,
) -> sqlx::Result<()> {
    while !*stopping.borrow() {
        match sqlx::raw_sql(sql).execute(&mut session).await {
            // Refused statements are what some incidents are made of.
            Ok(_) | Err(sqlx::Error::Database(_)) => {}
            Err(broken) => return Err(broken),
        }
        sleep(pause).await;
    }
    session.close().await
}

fn cancel() -> String {
    format!(
        "select pg_cancel_backend(pid) from pg_stat_activity
          where application_name = '{APPLICATION}' and pid <> pg_backend_pid()"
    )
}

/// That a session of an incident fails is no news but for who looks for it.
fn said(ended: sqlx::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a session of the incident ended");
    }
}
