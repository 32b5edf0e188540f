//! Every collector polled once, in order, on one connection at a time: for
//! `pglens once` and `pglens doctor`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Watched;
use super::console::ConsoleLane;
use super::run::{Memory, Polled, poll};
use crate::catalog::{Scope, Software};
use crate::store::{Database, Poll};
use crate::target::{Facts, Failure, Session};

/// Polls a server once, through all its databases. The facts of each database
/// are returned, for remedies to be written.
pub async fn once(watched: &Arc<Watched>) -> Result<BTreeMap<Database, Facts>, Failure> {
    if watched.wishes.software == Software::PgBouncer {
        ConsoleLane::new(watched.clone()).once().await?;
        return Ok(BTreeMap::new());
    }
    let store = &watched.store;
    let began = tokio::time::Instant::now();
    let mut session = match watched.endpoint.choose(&watched.requirements).await {
        Ok(connected) => connected.session,
        Err(failure) => {
            store.disconnected(watched.id, &failure);
            return Err(failure);
        }
    };
    store.connected(watched.id, session.facts(), began.elapsed());
    store.connections(watched.id, 1);

    let mut facts = BTreeMap::new();
    let names = session.databases().await?;
    facts.insert(Database::from(""), session.facts().clone());
    session = poll_all(watched, session, &"".into()).await?;
    for name in names {
        if !watched.wishes.databases.includes(&name) {
            continue;
        }
        if session.facts().database != name {
            session.close().await;
            session = watched.endpoint.open(Some(&name), &watched.requirements).await?.session;
        }
        let database = Database::from(name);
        facts.insert(database.clone(), session.facts().clone());
        session = poll_all(watched, session, &database).await?;
    }
    session.close().await;
    Ok(facts)
}

/// Polls the collectors of one scope; a connection that broke is replaced.
async fn poll_all(
    watched: &Watched,
    mut session: Session,
    database: &Database,
) -> Result<Session, Failure> {
    let scope = if database.is_empty() { Scope::Server } else { Scope::Database };
    let (store, series) = (&watched.store, watched.store.series(watched.id));
    for (index, collector) in watched.collectors().filter(|(_, one)| one.scope == scope) {
        if let Some(skip) = watched.unwanted(collector) {
            store.skip(watched.id, index, database, skip);
            continue;
        }
        let mut memory = Memory::default();
        let at = Duration::ZERO;
        match poll(watched, collector, &mut session, &mut memory, &series, at).await {
            Ok(Polled::Skipped(skip)) => store.skip(watched.id, index, database, skip),
            Ok(Polled::Done { rows, encoded, rows_beyond_cap, folded, took, interval }) => {
                let interval = watched.interval(collector, interval);
                let poll = Poll {
                    rows: &rows,
                    encoded,
                    rows_beyond_cap,
                    folded,
                    duration: took,
                    interval,
                };
                if let Err(failure) = store.publish(watched.id, index, database, poll) {
                    store.fail(watched.id, index, database, &failure, interval);
                }
            }
            Err(failure) => {
                let interval = watched.interval(collector, None);
                store.fail(watched.id, index, database, &failure, interval);
                if failure.reason.ends_connection() {
                    let name = (!database.is_empty()).then_some(&**database);
                    session = watched.endpoint.open(name, &watched.requirements).await?.session;
                }
            }
        }
    }
    Ok(session)
}
