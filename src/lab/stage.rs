//! The servers of one incident, and what can be done to them. Its sessions are in
//! `sessions.rs`.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::scenario::{Scenario, Servers};
use super::sessions::Sessions;
use super::{Cluster, Error, Network, PgBouncer, Result, SOON, Target};
use crate::catalog::Software;
use crate::config::{self, Discover};

/// What `pglens doctor` asks for beyond pg_monitor, so that no collector is left
/// out for want of a privilege.
const GRANTS: &str = "
    grant execute on function pg_catalog.pg_show_all_file_settings() to pglens;
    grant execute on function pg_catalog.pg_hba_file_rules() to pglens;
    alter default privileges grant select on sequences to pglens";

const RELOAD: &str = "select pg_reload_conf()";

/// The database of every scenario that does not need several.
const DATABASE: &str = "postgres";

/// Between two looks for standbys; nobody waits for the next one here.
const LOOK: Duration = Duration::from_secs(1);

/// A server in order: what is wrong with it shall be the incident and nothing else.
const IN_ORDER: [(&str, &str); 1] = [("fsync", "on")];

pub struct Stage {
    // In the order in which they go: nobody misses what it depends on.
    pub(super) sessions: Sessions,
    pooler: Option<PgBouncer>,
    replica: Option<Cluster>,
    network: Option<Network>,
    /// The network is between pglens and the primary, not between the servers.
    watched_from_afar: bool,
    pub primary: Cluster,
}

impl Stage {
    /// Builds what the scenario needs, and says what it is at.
    pub async fn build(
        scenario: &Scenario,
        major: Option<u16>,
        say: &(dyn Fn(String) + Sync),
    ) -> Result<Self> {
        let Servers { settings, initdb, extensions, replica, pooler, since } = &scenario.servers;
        let mut builder = Cluster::builder().logged();
        for (name, value) in IN_ORDER.iter().chain(*settings) {
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
        primary.execute(GRANTS).await?;
        primary.create_extensions(DATABASE, extensions).await?;
        let mut stage = Self {
            sessions: Sessions::default(),
            pooler: None,
            replica: None,
            network: None,
            watched_from_afar: false,
            primary,
        };
        if scenario.exporter.network {
            stage.network = Some(Network::start(stage.primary.port()).await?);
            stage.watched_from_afar = true;
        }
        if let Some(replica) = replica {
            stage.add_replica(replica.settings, replica.network).await?;
            say(format!("Its replica follows it on port {}.", stage.replica()?.port()));
        }
        if let Some(settings) = pooler {
            let pooler = PgBouncer::before(&stage.primary, settings).await?;
            say(format!("PgBouncer stands before it on port {}.", pooler.port()));
            stage.pooler = Some(pooler);
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

    /// What stands before the primary of a scenario that pools connections.
    pub fn pooler(&mut self) -> Result<&mut PgBouncer> {
        self.pooler.as_mut().ok_or(Error::NotOnStage("pooler"))
    }

    /// What is between the replica and its primary, where that can fail.
    pub fn network(&self) -> Result<&Network> {
        self.network.as_ref().ok_or(Error::NotOnStage("network"))
    }

    pub fn servers(&self) -> impl Iterator<Item = &Cluster> {
        [&self.primary].into_iter().chain(&self.replica)
    }

    /// Where to look around, as a superuser.
    pub fn dsns(&self) -> Vec<String> {
        let pooler = self.pooler.iter().flat_map(|pooler| {
            [DATABASE, "pgbouncer"].map(|database| pooler.dsn_as("postgres", database))
        });
        self.servers().map(|server| server.dsn(DATABASE)).chain(pooler).collect()
    }

    pub fn targets(&self) -> Vec<Target> {
        if let (Some(network), true) = (&self.network, self.watched_from_afar) {
            let dsn = format!(
                "postgresql://pglens@127.0.0.1:{}/{DATABASE}?sslmode=disable",
                network.port()
            );
            return vec![self.primary.target_at(dsn)];
        }
        let pooler = self.pooler.iter().map(|pooler| Target {
            name: "pooler".into(),
            dsn: pooler.console(),
            software: Software::PgBouncer,
        });
        self.servers().map(|server| server.target(DATABASE)).chain(pooler).collect()
    }

    /// What finds the replica, where a scenario is about that.
    pub fn discover(&self, scenario: &Scenario, targets: &[config::Target]) -> Vec<Discover> {
        let replica = self.replica.as_ref().filter(|_| scenario.exporter.finds_standbys);
        let primary = targets.iter().find(|target| target.name == self.primary.name());
        let found = replica.zip(primary).map(|(replica, primary)| Discover {
            interval: LOOK,
            ..Discover::standbys_of("standbys", primary, replica.port())
        });
        found.into_iter().collect()
    }

    /// A superuser's session on the primary, still to be opened.
    pub fn client(&self) -> PgConnectOptions {
        self.primary.client()
    }

    /// Changes settings of the primary that take a reload.
    pub async fn set(&self, settings: &[(&str, &str)]) -> Result<()> {
        for (name, value) in settings {
            self.primary.execute(&format!("alter system set {name} = '{value}'")).await?;
        }
        self.reload().await
    }

    /// Takes such changes back.
    pub async fn reset(&self, settings: &[&str]) -> Result<()> {
        for name in settings {
            self.primary.execute(&format!("alter system reset {name}")).await?;
        }
        self.reload().await
    }

    /// Has the primary read its configuration again.
    pub async fn reload(&self) -> Result<()> {
        self.primary.execute(RELOAD).await
    }

    /// Ends the sessions that watch the primary, so that they begin anew.
    pub async fn reconnect_pglens(&self) -> Result<()> {
        let end = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'pglens'";
        self.primary.execute(end).await
    }

    /// Fills as many WAL segments, of 16 MB, without changing any table.
    pub async fn write_wal(&self, segments: usize) -> Result<()> {
        for _ in 0..segments {
            // A switch alone, with nothing written before it, does nothing.
            self.primary.execute("select pg_logical_emit_message(false, 'lab', 'x')").await?;
            self.primary.execute("select pg_switch_wal()").await?;
        }
        Ok(())
    }

    /// Makes the replica one of the primary's again, whatever became of it.
    pub async fn rebuild_replica(&mut self) -> Result<()> {
        let replica = self.replica.as_mut().ok_or(Error::NotOnStage("replica"))?;
        replica.rebuild(&self.primary).await?;
        self.replica_caught_up().await
    }
}
