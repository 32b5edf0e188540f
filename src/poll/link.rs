//! One lane's connection: in which database it is, when it is renewed, and what
//! becomes of it when the server does not answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Watched;
use super::budget::Place;
use crate::target::{Connected, Failure, Reason, Session};

/// Extensions, grants and settings may come while a connection stands.
const FACTS_AGE: Duration = Duration::from_secs(300);

/// A backend's caches only grow; a new one now and then keeps the server's memory.
const SESSION_AGE: Duration = Duration::from_secs(3600);

/// An idle session would make `DROP DATABASE` fail, so it does not stay in a
/// database longer than this without work. The server's own is the live lane's.
const IDLE_IN_DATABASE: Duration = Duration::from_secs(1);

pub struct Link {
    watched: Arc<Watched>,
    /// Whether this connection stands for the server being up.
    live: bool,
    held: Option<Held>,
    refresh_facts: bool,
    system_identifier: Option<String>,
    other_cluster: bool,
}

/// An open session with its place in the budget.
struct Held {
    connected: Connected,
    place: Place,
    opened: Instant,
    /// In the database that the user configured, where server-wide work is done.
    in_main: bool,
}

impl Link {
    pub fn new(watched: Arc<Watched>, live: bool) -> Self {
        Self {
            watched,
            live,
            held: None,
            refresh_facts: false,
            system_identifier: None,
            other_cluster: false,
        }
    }

    /// Whether work in `database`, "" being the configured one, needs no new connection.
    pub fn serves(&self, database: &str) -> bool {
        self.held.as_ref().is_some_and(|held| match database {
            "" => held.in_main,
            name => held.connected.session.facts().database == name,
        })
    }

    /// The session, where one is open.
    pub fn session(&mut self) -> Option<&mut Session> {
        self.held.as_mut().map(|held| &mut held.connected.session)
    }

    /// Sees to an open session in `database` whose facts are not too old.
    pub async fn connect(&mut self, database: &str) -> Result<(), Failure> {
        let fits = self.serves(database);
        let chosen = self.watched.endpoint.chosen();
        let good = |held: &Held| {
            let connected = &held.connected;
            let young = held.opened.elapsed() < SESSION_AGE;
            young && connected.host == chosen && connected.is_wanted()
        };
        if !fits || !self.held.as_ref().is_some_and(good) {
            self.close().await;
            return self.open(database).await;
        }
        let Some(held) = &mut self.held else { return Ok(()) };
        if self.refresh_facts || held.connected.session.facts_age() > FACTS_AGE {
            let refreshed = held.connected.session.refresh(&self.watched.requirements).await;
            if let Err(failure) = refreshed {
                self.failed(&failure);
                return Err(failure);
            }
            self.refresh_facts = false;
        }
        Ok(())
    }

    async fn open(&mut self, database: &str) -> Result<(), Failure> {
        let watched = self.watched.clone();
        let place = watched.budget.place(self.live).await?;
        let began = Instant::now();
        let in_main = database.is_empty();
        let connecting = async {
            let requirements = &watched.requirements;
            match self.live {
                true => watched.endpoint.choose(requirements).await,
                false => watched.endpoint.open((!in_main).then_some(database), requirements).await,
            }
        };
        let connected = match connecting.await {
            Ok(connected) => connected,
            Err(failure) => {
                if failure.reason == Reason::Refused {
                    watched.budget.server_gone();
                }
                return Err(failure);
            }
        };
        let facts = connected.session.facts();
        self.other_cluster |=
            self.system_identifier.is_some() && self.system_identifier != facts.system_identifier;
        self.system_identifier.clone_from(&facts.system_identifier);
        self.refresh_facts = false;
        if self.live {
            watched.store.connected(watched.id, facts, began.elapsed());
            tracing::info!(server = %watched.name, version = facts.version_num,
                standby = facts.in_recovery, "connected");
        }
        self.held = Some(Held { connected, place, opened: Instant::now(), in_main });
        self.count();
        Ok(())
    }

    /// Whether another cluster answered since this was asked last.
    pub fn took_over(&mut self) -> bool {
        std::mem::take(&mut self.other_cluster)
    }

    /// A statement failed: the session is dropped if that ends it, and asked for
    /// its facts again if they may have changed.
    pub fn failed(&mut self, failure: &Failure) {
        self.refresh_facts |= failure.reason.is_lasting();
        if let Some(held) = self.held.take_if(|_| failure.reason.ends_connection()) {
            let Held { connected: Connected { session, .. }, place, .. } = held;
            // A server that hung up has no backend left; one that is silent may.
            if failure.reason == Reason::Deadline {
                self.watched.budget.abandon(session.facts().backend_pid, place);
            }
            self.count();
        }
    }

    /// Has the session asked for its facts before its next work.
    pub fn forget_facts(&mut self) {
        self.refresh_facts = true;
    }

    /// Ends what earlier sessions left behind, of either lane, from one that works.
    pub async fn clear_abandoned(&mut self) {
        let asked = self.watched.budget.abandoned();
        let Some(held) = self.held.as_mut().filter(|_| !asked.is_empty()) else { return };
        match held.connected.session.terminate(&asked).await {
            Ok(remaining) => {
                self.watched.budget.settle(&asked, &remaining);
                self.count();
            }
            Err(failure) => self.failed(&failure),
        }
    }

    /// Leaves a database in which there is nothing to do for so long.
    pub async fn idle_for(&mut self, idle: Duration) {
        if idle > IDLE_IN_DATABASE && self.held.as_ref().is_some_and(|held| !held.in_main) {
            self.close().await;
        }
    }

    pub async fn close(&mut self) {
        if let Some(held) = self.held.take() {
            held.connected.session.close().await;
            drop(held.place);
            self.count();
        }
    }

    fn count(&self) {
        self.watched.store.connections(self.watched.id, self.watched.budget.taken());
    }
}
