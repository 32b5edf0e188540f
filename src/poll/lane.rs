//! One lane: takes the next task, polls it, and tells the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;
use super::link::Link;
use super::pace::jittered;
use super::rounds::Rounds;
use super::run::{Memory, Polled, poll};
use super::schedule::Schedule;
use super::{Signals, Watched};
use crate::catalog::{Collector, Scope};
use crate::expose::Series;
use crate::store::{Database, Poll};
use crate::target::Failure;

/// How often databases are looked for that came or went.
const DATABASES_AGE: Duration = Duration::from_secs(60);

/// A collector, by its position in the catalogue, on one database.
type Key = (usize, Database);

pub struct Lane {
    watched: Arc<Watched>,
    live: bool,
    series: Series,
    link: Link,
    backoff: Backoff,
    schedule: Schedule,
    memories: HashMap<Key, Memory>,
    failing: HashSet<Key>,
    databases: HashSet<Database>,
    databases_due: Instant,
    started: Instant,
}

impl Lane {
    pub fn live(watched: Arc<Watched>) -> Self {
        Self::new(watched, true)
    }

    pub fn work(watched: Arc<Watched>) -> Self {
        Self::new(watched, false)
    }

    fn new(watched: Arc<Watched>, live: bool) -> Self {
        let now = Instant::now();
        let mut lane = Self {
            live,
            series: watched.store.series(watched.id),
            link: Link::new(watched.clone(), live),
            backoff: Backoff::default(),
            schedule: Schedule::default(),
            memories: HashMap::new(),
            failing: HashSet::new(),
            databases: HashSet::new(),
            databases_due: now,
            started: now,
            watched,
        };
        lane.add_tasks(Scope::Server, &["".into()], now);
        lane
    }

    /// Schedules the lane's collectors of one scope in these databases.
    fn add_tasks(&mut self, scope: Scope, databases: &[Database], due: Instant) {
        let watched = self.watched.clone();
        for (index, collector) in watched.collectors() {
            if collector.scope != scope || watched.is_live(collector) != self.live {
                continue;
            }
            if let Some(skip) = watched.unwanted(collector) {
                watched.store.skip(watched.id, index, &"".into(), skip);
                continue;
            }
            for database in databases {
                watched.store.expect(watched.id, index, database);
                self.schedule.add(index, database.clone(), due);
            }
        }
    }

    pub async fn run(mut self, signals: Signals) {
        let mut rounds = Rounds::new(signals, &self.watched.name, self.longest_poll());
        while rounds.go_on() {
            if rounds.asked_again() {
                self.link.forget_facts();
                self.schedule.try_again(Instant::now());
            }
            let due = self.next_due();
            self.link.idle_for(due.saturating_duration_since(Instant::now())).await;
            if rounds.reaches(due).await
                && let Err(pause) = self.step().await
            {
                rounds.rest(pause).await;
            }
        }
        self.link.close().await;
        rounds.end();
    }

    /// How long a statement of this lane may take.
    fn longest_poll(&self) -> Duration {
        let watched = &self.watched;
        let collectors = watched.catalog().collectors().iter();
        let own = collectors.filter(|collector| watched.is_live(collector) == self.live);
        own.map(|collector| watched.timeout(collector)).max().unwrap_or_default()
    }

    fn next_due(&self) -> Instant {
        let tasks = self.schedule.tasks().iter().map(|task| task.due);
        let databases = (!self.live).then_some(self.databases_due);
        tasks.chain(databases).min().unwrap_or_else(|| Instant::now() + DATABASES_AGE)
    }

    /// One poll, or a look at the databases. The error is a pause, after a
    /// connection could not be had.
    async fn step(&mut self) -> Result<(), Duration> {
        let now = Instant::now();
        if !self.live && self.databases_due <= now {
            return self.look_for_databases().await;
        }
        let here = |database: &str| self.link.serves(database);
        let Some(position) = self.schedule.next(now, |task| here(&task.database)) else {
            return Ok(());
        };
        let task = self.schedule.task(position);
        let key = (task.collector, task.database.clone());
        if let Err(failure) = self.link.connect(&key.1).await {
            return self.no_session(&key.1, &failure);
        }
        self.connected();
        self.poll(position, key).await;
        Ok(())
    }

    fn connected(&mut self) {
        self.backoff.succeeded();
        if self.link.took_over() {
            self.memories.clear();
        }
    }

    async fn poll(&mut self, position: usize, key: Key) {
        let watched = self.watched.clone();
        let collector = &watched.catalog().collectors()[key.0];
        let Some(session) = self.link.session() else { return };
        let mut memory = self.memories.remove(&key).unwrap_or_default();
        let began = Instant::now();
        let at = began.duration_since(self.started);
        let polled = poll(&watched, collector, session, &mut memory, &self.series, at).await;
        watched.store.role(watched.id, session.facts().in_recovery);
        self.memories.insert(key.clone(), memory);
        match polled {
            Ok(polled) => {
                self.finished(position, collector, key, polled);
                self.link.clear_abandoned().await;
            }
            Err(failure) => {
                self.link.failed(&failure);
                self.failed(position, collector, key, &failure, began.elapsed());
            }
        }
    }

    fn finished(&mut self, position: usize, collector: &Collector, key: Key, polled: Polled) {
        let watched = &self.watched;
        self.schedule.task(position).in_vain = matches!(polled, Polled::Skipped(_));
        let interval = match polled {
            Polled::Skipped(skip) => {
                watched.store.skip(watched.id, key.0, &key.1, skip);
                watched.interval(collector, None)
            }
            Polled::Done { rows, encoded, rows_beyond_cap, folded, took, interval } => {
                let pace = &mut self.schedule.task(position).pace;
                pace.succeeded(took);
                let interval = pace.interval(watched.interval(collector, interval));
                let poll = Poll {
                    rows: &rows,
                    encoded,
                    rows_beyond_cap,
                    folded,
                    duration: took,
                    interval,
                };
                if let Err(failure) = watched.store.publish(watched.id, key.0, &key.1, poll) {
                    return self.failed(position, collector, key, &failure, took);
                }
                interval
            }
        };
        self.schedule.put_off(position, Instant::now(), jittered(interval));
        if self.failing.remove(&key) {
            tracing::info!(server = %watched.name, collector = %collector.name,
                database = %key.1, "collector works again");
        }
    }

    fn failed(
        &mut self,
        position: usize,
        collector: &Collector,
        key: Key,
        failure: &Failure,
        took: Duration,
    ) {
        let watched = &self.watched;
        let task = self.schedule.task(position);
        task.in_vain = true;
        task.pace.failed(failure.reason, took);
        let interval = task.pace.interval(watched.interval(collector, None));
        watched.store.fail(watched.id, key.0, &key.1, failure, interval);
        self.schedule.put_off(position, Instant::now(), jittered(interval));
        if self.failing.insert(key.clone()) {
            tracing::warn!(server = %watched.name, collector = %collector.name,
                database = %key.1, reason = failure.reason.as_str(), %failure,
                "collector failed; further failures are counted, not logged");
        }
    }

    /// Whatever is due there fails with the connection, and says so. A database
    /// may be closed to us while the server is well, and is asked again at its own
    /// pace; a server is asked again after the pause that is returned.
    fn no_session(&mut self, database: &Database, failure: &Failure) -> Result<(), Duration> {
        let watched = self.watched.clone();
        let now = Instant::now();
        let server_wide = database.is_empty();
        if self.live {
            watched.store.disconnected(watched.id, failure);
        }
        tracing::debug!(server = %watched.name, %database, %failure, "no session");
        for position in 0..self.schedule.tasks().len() {
            let task = self.schedule.task(position);
            if task.due > now || (!server_wide && task.database != *database) {
                continue;
            }
            let (index, database) = (task.collector, task.database.clone());
            let interval = watched.interval(&watched.catalog().collectors()[index], None);
            watched.store.fail(watched.id, index, &database, failure, interval);
            if !server_wide {
                self.schedule.task(position).in_vain = true;
                self.schedule.put_off(position, now, jittered(interval));
            }
        }
        if server_wide { Err(self.backoff.failed(failure.reason)) } else { Ok(()) }
    }

    async fn look_for_databases(&mut self) -> Result<(), Duration> {
        let main = Database::from("");
        if let Err(failure) = self.link.connect(&main).await {
            return self.no_session(&main, &failure);
        }
        self.connected();
        let Some(session) = self.link.session() else { return Ok(()) };
        let names = match session.databases().await {
            Ok(names) => names,
            Err(failure) => {
                self.link.failed(&failure);
                return Err(self.backoff.failed(failure.reason));
            }
        };
        let now = Instant::now();
        self.databases_due = now + DATABASES_AGE;
        let found: HashSet<Database> = names
            .into_iter()
            .filter(|name| self.watched.wishes.databases.includes(name))
            .map(Database::from)
            .collect();
        for gone in self.databases.difference(&found) {
            self.schedule.remove_database(gone);
            self.memories.retain(|(_, database), _| database != gone);
            self.failing.retain(|(_, database)| database != gone);
            self.watched.store.forget_database(self.watched.id, gone);
        }
        self.databases = found;
        let all: Vec<_> = self.databases.iter().cloned().collect();
        self.add_tasks(Scope::Database, &all, now);
        Ok(())
    }
}
