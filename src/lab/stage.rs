//! The servers of one incident, and the sessions that hold it up.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::scenario::{Scenario, Servers};
use super::session::APPLICATION;
use super::{Cluster, Error, Network, Result};

/// How long a session may take to end before it is dropped.
const SHORTLY: Duration = Duration::from_secs(5);

/// Longer than a throwaway server needs for anything.
pub(super) const SOON: Duration = Duration::from_secs(60);

/// The database of every scenario that does not need several.
const DATABASE: &str = "postgres";

pub struct Stage {
    // In the order in which they go: nobody misses what it depends on.
    held: Vec<PgConnection>,
    working: JoinSet<()>,
    stopping: watch::Sender<bool>,
    replica: Option<Cluster>,
    network: Option<Network>,
    pub primary: Cluster,
}

impl Stage {
    /// Builds what the scenario needs, and says what it is at.
    pub async fn build(
        scenario: &Scenario,
        major: Option<u16>,
        say: &(dyn Fn(String) + Sync),
    ) -> Result<Self> {
        let Servers { settings, initdb, extensions, replica, since } = &scenario.servers;
        let mut builder = Cluster::builder().logged();
        for (name, value) in *settings {
            builder = builder.setting(name, value);
        }
        for argument in *initdb {
            builder = builder.initdb(argument);
        }
        if let Some(major) = major {
            if major < *since {
                return Err(Error::NotBefore { scenario: scenario.name, since: *since });
            }
            builder = builder.major(major);
        }
        let primary = builder.start().await?;
        say(format!("PostgreSQL {} runs on port {}.", primary.major(), primary.port()));
        if primary.major() < *since {
            return Err(Error::NotBefore { scenario: scenario.name, since: *since });
        }
        primary.create_monitor().await?;
        primary.create_extensions(DATABASE, extensions).await?;
        let mut stage = Self {
            held: Vec::new(),
            working: JoinSet::new(),
            stopping: watch::Sender::new(false),
            replica: None,
            network: None,
            primary,
        };
        if let Some(replica) = replica {
            stage.add_replica(replica.settings, replica.network).await?;
            say(format!("Its replica follows it on port {}.", stage.replica()?.port()));
        }
        Ok(stage)
    }

    async fn add_replica(&mut self, settings: &[(&str, &str)], network: bool) -> Result<()> {
        let mut settings = settings.to_vec();
        let detour;
        if network {
            let network = Network::start(self.primary.port()).await?;
            detour = format!(
                "host=127.0.0.1 port={} user=postgres application_name=replica",
                network.port()
            );
            settings.push(("primary_conninfo", &detour));
            self.network = Some(network);
        }
        let replica = self.primary.replica_with("replica", &settings).await?;
        self.replica = Some(replica);
        self.replica_caught_up().await
    }

    /// Waits until the replica has all that the primary has written.
    pub async fn replica_caught_up(&self) -> Result<()> {
        let replica = self.replica.as_ref().ok_or(Error::NotOnStage("replica"))?;
        replica.catch_up(&self.primary, SOON).await
    }

    /// The replica of a scenario that has one.
    pub fn replica(&mut self) -> Result<&mut Cluster> {
        self.replica.as_mut().ok_or(Error::NotOnStage("replica"))
    }

    /// What is between the replica and its primary, where that can fail.
    pub fn network(&self) -> Result<&Network> {
        self.network.as_ref().ok_or(Error::NotOnStage("network"))
    }

    pub fn servers(&self) -> impl Iterator<Item = &Cluster> {
        [&self.primary].into_iter().chain(&self.replica)
    }

    /// Name and DSN of each server, for the role that watches them.
    pub fn targets(&self) -> Vec<(String, String)> {
        let target = |server: &Cluster| (server.name().into(), server.dsn_as("pglens", DATABASE));
        self.servers().map(target).collect()
    }

    /// A superuser's session on the primary, still to be opened.
    pub fn client(&self) -> PgConnectOptions {
        self.primary.client()
    }

    /// Opens a session that runs this and stays, doing nothing.
    pub async fn hold(&mut self, client: PgConnectOptions, sql: &str) -> Result<()> {
        let mut session = client.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut session).await?;
        self.held.push(session);
        Ok(())
    }

    /// Opens a session that runs this, however long it takes.
    pub async fn run(&mut self, client: PgConnectOptions, sql: &'static str) -> Result<()> {
        let mut session = client.connect().await?;
        self.working.spawn(async move {
            said(sqlx::raw_sql(sql).execute(&mut session).await.map(drop));
            said(session.close().await);
        });
        Ok(())
    }

    /// Runs this again and again, with a pause between, whether it succeeds or not.
    pub fn repeat(&mut self, client: PgConnectOptions, pause: Duration, sql: &'static str) {
        let stopping = self.stopping.subscribe();
        self.working.spawn(async move {
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

    /// Ends what the incident opened as clients do, so that no session counts as
    /// lost: first those that hold, then those that work or wait.
    pub(super) async fn end_sessions(&mut self) -> Result<()> {
        self.stopping.send_replace(true);
        for session in self.held.drain(..) {
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
        let ended = async { while self.working.join_next().await.is_some() {} };
        if timeout(SHORTLY, ended).await.is_err() {
            self.working.shutdown().await;
        }
        self.stopping.send_replace(false);
        Ok(())
    }
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
