//! One lane: takes the next task, sees to a session where it belongs, polls,
//! and tells the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::backoff::Backoff;
use super::budget::Place;
use super::pace::jittered;
use super::run::{Polled, poll};
use super::schedule::{Schedule, Task};
use super::{Signals, Watched};
use crate::catalog::{Collector, Scope};
use crate::expose::Series;
use crate::store::{Database, Poll};
use crate::target::{Failure, Reason, Session};
use crate::transform::Transform;

/// Extensions, grants and settings may come while a connection stands.
const FACTS_AGE: Duration = Duration::from_secs(300);

/// A backend's caches only grow; a new one now and then keeps the server's memory.
const SESSION_AGE: Duration = Duration::from_secs(3600);

/// How often databases are looked for that came or went.
const DATABASES_AGE: Duration = Duration::from_secs(60);

/// An idle session would make `DROP DATABASE` fail, so it does not stay in a
/// database longer than this without work. The server's own is the live lane's.
const IDLE_IN_DATABASE: Duration = Duration::from_secs(1);

pub struct Lane {
    watched: Arc<Watched>,
    live: bool,
    series: Series,
    schedule: Schedule,
    held: Option<Held>,
    backoff: Backoff,
    databases: HashSet<Database>,
    databases_asked: Option<Instant>,
    transforms: HashMap<(usize, Database), Box<dyn Transform>>,
    failing: HashSet<(usize, Database)>,
    system_identifier: Option<String>,
    refresh_facts: bool,
    started: Instant,
}

/// An open session with its place in the budget.
struct Held {
    session: Session,
    place: Place,
    opened: Instant,
    /// In the database that the user configured, where server-wide work is done.
    in_main: bool,
}

impl Held {
    fn serves(&self, task: &Task) -> bool {
        if task.database.is_empty() {
            self.in_main
        } else {
            self.session.facts().database == *task.database
        }
    }
}

impl Lane {
    pub fn live(watched: Arc<Watched>) -> Self {
        Self::new(watched, true)
    }

    pub fn work(watched: Arc<Watched>) -> Self {
        Self::new(watched, false)
    }

    fn new(watched: Arc<Watched>, live: bool) -> Self {
        let series = watched.store.series(watched.id);
        let now = Instant::now();
        let mut schedule = Schedule::default();
        for (position, collector) in watched.catalog().collectors().iter().enumerate() {
            if collector.is_polled()
                && collector.scope == Scope::Server
                && watched.is_live(collector) == live
            {
                if watched.is_enabled(collector) {
                    schedule.add(position, "".into(), now);
                } else {
                    let skip = crate::target::Skip::Disabled;
                    watched.store.skip(watched.id, position, &"".into(), skip);
                }
            }
        }
        Self {
            watched,
            live,
            series,
            schedule,
            held: None,
            backoff: Backoff::default(),
            databases: HashSet::new(),
            databases_asked: None,
            transforms: HashMap::new(),
            failing: HashSet::new(),
            system_identifier: None,
            refresh_facts: false,
            started: now,
        }
    }

    pub async fn run(mut self, mut signals: Signals) {
        while !*signals.shutdown.borrow() {
            let next = self.next_due();
            if next > Instant::now() {
                self.leave_database(next).await;
            }
            tokio::select! {
                () = sleep_until(next) => {}
                _ = signals.shutdown.changed() => continue,
            }
            if *signals.paused.borrow_and_update() {
                tokio::select! {
                    _ = signals.paused.changed() => {}
                    _ = signals.shutdown.changed() => {}
                }
                continue;
            }
            if let Some(pause) = self.step().await {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    _ = signals.shutdown.changed() => {}
                }
            }
        }
        self.close().await;
    }

    fn next_due(&self) -> Instant {
        let task = self.schedule.tasks().iter().map(|task| task.due).min();
        let databases = (!self.live)
            .then(|| self.databases_asked.map_or(self.started, |asked| asked + DATABASES_AGE));
        let nothing = Instant::now() + DATABASES_AGE;
        task.into_iter().chain(databases).min().unwrap_or(nothing)
    }

    /// One poll, or a look at the databases. Returns a pause after a connection
    /// could not be had.
    async fn step(&mut self) -> Option<Duration> {
        let now = Instant::now();
        let asked_lately = |asked: Instant| now.duration_since(asked) < DATABASES_AGE;
        if !self.live && !self.databases_asked.is_some_and(asked_lately) {
            return self.look_for_databases().await;
        }
        let held = self.held.as_ref();
        let position =
            self.schedule.next(now, |task| held.is_some_and(|held| held.serves(task)))?;
        let (collector, database) = {
            let task = self.schedule.task(position);
            (task.collector, task.database.clone())
        };
        match self.session_in(&database).await {
            Ok(()) => {
                self.poll(position, collector, database).await;
                None
            }
            Err(failure) => self.no_session(&database, &failure),
        }
    }

    async fn poll(&mut self, position: usize, index: usize, database: Database) {
        let Some(mut held) = self.held.take() else { return };
        let watched = self.watched.clone();
        let collector = &watched.catalog().collectors()[index];
        let key = (index, database);
        let mut transform = self.transforms.remove(&key);
        let began = Instant::now();
        let at = began.duration_since(self.started);
        let outcome =
            poll(&watched, collector, &mut held.session, &mut transform, &self.series, at).await;
        if let Some(transform) = transform {
            self.transforms.insert(key.clone(), transform);
        }
        match outcome {
            Ok(polled) => {
                self.held = Some(held);
                self.finished(position, collector, key, polled);
                self.clear_abandoned().await;
            }
            Err(failure) => {
                if failure.reason.ends_connection() {
                    self.abandon(held, &failure);
                } else {
                    self.held = Some(held);
                }
                self.failed(position, collector, key, &failure, began.elapsed());
            }
        }
    }

    fn finished(
        &mut self,
        position: usize,
        collector: &Collector,
        key: (usize, Database),
        polled: Polled,
    ) {
        let watched = &self.watched;
        let task = self.schedule.task(position);
        let (index, database) = &key;
        let interval = match polled {
            Polled::Skipped(skip) => {
                watched.store.skip(watched.id, *index, database, skip);
                watched.interval(collector, None)
            }
            Polled::Done { rows, encoded, rows_beyond_cap, took, interval } => {
                task.pace.succeeded(took);
                let interval = task.pace.interval(watched.interval(collector, interval));
                watched.store.publish(
                    watched.id,
                    *index,
                    database,
                    Poll { rows: &rows, encoded, rows_beyond_cap, duration: took, interval },
                );
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
        key: (usize, Database),
        failure: &Failure,
        took: Duration,
    ) {
        let watched = &self.watched;
        let task = self.schedule.task(position);
        task.pace.failed(failure.reason, took);
        let interval = task.pace.interval(watched.interval(collector, None));
        watched.store.fail(watched.id, key.0, &key.1, failure, interval);
        self.schedule.put_off(position, Instant::now(), jittered(interval));
        self.refresh_facts |= failure.reason.is_lasting();
        if self.failing.insert(key.clone()) {
            tracing::warn!(server = %watched.name, collector = %collector.name,
                database = %key.1, reason = failure.reason.as_str(), %failure,
                "collector failed; further failures are counted, not logged");
        }
    }

    /// Sees to an open session in a database, the configured one for "".
    async fn session_in(&mut self, database: &Database) -> Result<(), Failure> {
        if let Some(mut held) = self.held.take() {
            let fits = if database.is_empty() {
                held.in_main
            } else {
                held.session.facts().database == **database
            };
            if fits && held.opened.elapsed() < SESSION_AGE {
                if self.refresh_facts || held.session.facts_age() > FACTS_AGE {
                    match held.session.refresh(&self.watched.requirements).await {
                        Ok(()) => self.refresh_facts = false,
                        Err(failure) if failure.reason.ends_connection() => {
                            self.abandon(held, &failure);
                            return Err(failure);
                        }
                        Err(failure) => {
                            self.held = Some(held);
                            return Err(failure);
                        }
                    }
                }
                self.held = Some(held);
                return Ok(());
            }
            held.session.close().await;
        }
        self.open(database).await
    }

    async fn open(&mut self, database: &Database) -> Result<(), Failure> {
        let watched = self.watched.clone();
        let place = watched.budget.place().await?;
        let began = Instant::now();
        let name = (!database.is_empty()).then_some(&**database);
        let options = watched.endpoint.options(name)?;
        let opened = Session::open(&options, &watched.requirements).await;
        let session = match opened {
            Ok(session) => session,
            Err(failure) => {
                if failure.reason == Reason::Refused {
                    watched.budget.server_gone();
                }
                return Err(failure);
            }
        };
        let facts = session.facts();
        if self.system_identifier.is_some() && self.system_identifier != facts.system_identifier {
            self.transforms.clear();
        }
        self.system_identifier.clone_from(&facts.system_identifier);
        if self.live {
            watched.store.connected(watched.id, facts, began.elapsed());
            tracing::info!(server = %watched.name, version = facts.version_num,
                standby = facts.in_recovery, "connected");
        }
        self.backoff.succeeded();
        self.refresh_facts = false;
        let in_main = database.is_empty();
        self.held = Some(Held { session, place, opened: Instant::now(), in_main });
        watched.store.connections(watched.id, watched.budget.taken());
        Ok(())
    }

    /// Whatever is due there fails with the connection, and says so.
    fn no_session(&mut self, database: &Database, failure: &Failure) -> Option<Duration> {
        let watched = self.watched.clone();
        let now = Instant::now();
        let server_wide = database.is_empty();
        if self.live {
            watched.store.disconnected(watched.id, failure);
        }
        for position in 0..self.schedule.tasks().len() {
            let task = self.schedule.task(position);
            if task.due > now || (!server_wide && task.database != *database) {
                continue;
            }
            let collector = &watched.catalog().collectors()[task.collector];
            let interval = watched.interval(collector, None);
            let (index, database) = (task.collector, task.database.clone());
            watched.store.fail(watched.id, index, &database, failure, interval);
            // One database may be closed to us while the server is well; it is
            // asked again at its own pace. A server is asked again soon.
            if !server_wide {
                self.schedule.put_off(position, now, jittered(interval));
            }
        }
        watched.store.connections(watched.id, watched.budget.taken());
        if !server_wide {
            tracing::debug!(server = %watched.name, %database, %failure, "no session");
            return None;
        }
        let pause = self.backoff.failed(failure.reason);
        tracing::debug!(server = %watched.name, %failure, ?pause, "no connection");
        Some(pause)
    }

    fn abandon(&mut self, held: Held, failure: &Failure) {
        let Held { session, place, .. } = held;
        // A server that hung up has no backend left; one that is silent may.
        if failure.reason == Reason::Deadline {
            self.watched.budget.abandon(session.facts().backend_pid, place);
        }
        drop(session);
        self.watched.store.connections(self.watched.id, self.watched.budget.taken());
    }

    /// Ends what earlier sessions left behind, from a session that works.
    async fn clear_abandoned(&mut self) {
        let watched = self.watched.clone();
        let asked = watched.budget.abandoned();
        let Some(held) = self.held.as_mut().filter(|_| self.live && !asked.is_empty()) else {
            return;
        };
        match held.session.terminate(&asked).await {
            Ok(remaining) => {
                watched.budget.settle(&asked, &remaining);
                watched.store.connections(watched.id, watched.budget.taken());
            }
            Err(failure) => tracing::debug!(%failure, "looking for abandoned backends"),
        }
    }

    async fn look_for_databases(&mut self) -> Option<Duration> {
        let main = Database::from("");
        if let Err(failure) = self.session_in(&main).await {
            return self.no_session(&main, &failure);
        }
        let held = self.held.as_mut()?;
        let names = match held.session.databases().await {
            Ok(names) => names,
            Err(failure) => {
                if let Some(held) = self.held.take_if(|_| failure.reason.ends_connection()) {
                    self.abandon(held, &failure);
                }
                return Some(self.backoff.failed(failure.reason));
            }
        };
        let now = Instant::now();
        self.databases_asked = Some(now);
        let names: HashSet<Database> = names
            .into_iter()
            .filter(|name| !self.watched.excluded_databases.contains(name))
            .map(Database::from)
            .collect();
        for gone in self.databases.difference(&names) {
            self.schedule.remove_database(gone);
            self.transforms.retain(|(_, database), _| database != gone);
            self.failing.retain(|(_, database)| database != gone);
            self.watched.store.forget_database(self.watched.id, gone);
        }
        for (index, collector) in self.watched.catalog().collectors().iter().enumerate() {
            if collector.is_polled() && collector.scope == Scope::Database {
                if self.watched.is_enabled(collector) {
                    for database in &names {
                        self.schedule.add(index, database.clone(), now);
                    }
                } else {
                    let skip = crate::target::Skip::Disabled;
                    self.watched.store.skip(self.watched.id, index, &main, skip);
                }
            }
        }
        self.databases = names;
        None
    }

    async fn leave_database(&mut self, next: Instant) {
        let long = next.duration_since(Instant::now()) > IDLE_IN_DATABASE;
        if long && let Some(held) = self.held.take_if(|held| !held.in_main) {
            held.session.close().await;
            drop(held.place);
            self.watched.store.connections(self.watched.id, self.watched.budget.taken());
        }
    }

    async fn close(mut self) {
        if let Some(held) = self.held.take() {
            held.session.close().await;
        }
    }
}
