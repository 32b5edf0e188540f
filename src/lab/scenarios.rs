//! Incidents of the lessons, made on throwaway servers: one file each.
//!
//! A scenario says what it breaks, which metrics must move and to where, which
//! lesson it belongs to, and how it is healed. `pglens lab` runs it for a person,
//! the tests run the same code.

mod blocking_chain;
mod idle_in_transaction;
mod replica_lag;

use futures_util::future::BoxFuture;
use sqlx::PgConnection;
use tokio::task::JoinSet;

use super::{Cluster, Result};

/// The servers that a scenario breaks.
#[derive(Debug)]
pub struct Stage {
    pub primary: Cluster,
    pub replica: Cluster,
}

impl Stage {
    /// A primary and its replica, with the role that watches them.
    pub async fn build(major: Option<u16>) -> Result<Self> {
        let builder = match major {
            Some(major) => Cluster::builder().major(major),
            None => Cluster::builder(),
        };
        let primary = builder.start().await?;
        primary.create_monitor().await?;
        let replica = primary.replica("replica").await?;
        Ok(Self { primary, replica })
    }
}

/// What holds the incident up; it goes when this is dropped.
#[derive(Default)]
pub struct Broken {
    /// Sessions that hold something.
    sessions: Vec<PgConnection>,
    /// Sessions that wait or work.
    tasks: JoinSet<()>,
}

pub struct Scenario {
    pub name: &'static str,
    pub lesson: &'static str,
    /// What happens, to the person who watches.
    pub happens: &'static str,
    /// What the metrics then tell.
    pub look_at: &'static str,
    /// Metrics and the value that the largest of their series reaches. When the
    /// incident is healed all are below again.
    pub moves: &'static [(&'static str, f64)],
    break_it: fn(&Stage) -> BoxFuture<'_, Result<Broken>>,
    heal: fn(&Stage) -> BoxFuture<'_, Result<()>>,
}

impl Scenario {
    pub async fn break_it(&self, stage: &Stage) -> Result<Broken> {
        (self.break_it)(stage).await
    }

    /// Ends what was broken.
    pub async fn heal(&self, stage: &Stage, mut broken: Broken) -> Result<()> {
        broken.sessions.clear();
        broken.tasks.shutdown().await;
        (self.heal)(stage).await
    }
}

/// All of them, in the order of the course.
pub const ALL: [&Scenario; 3] =
    [&idle_in_transaction::SCENARIO, &blocking_chain::SCENARIO, &replica_lag::SCENARIO];

/// Longer than a throwaway server needs for anything.
const SOON: std::time::Duration = std::time::Duration::from_secs(60);

/// Nothing beyond ending the sessions.
fn nothing(_: &Stage) -> BoxFuture<'_, Result<()>> {
    Box::pin(async { Ok(()) })
}
