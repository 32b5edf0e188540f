//! The graph of who waits for whom, made of one snapshot of the contended
//! locks. Its edges are those of `pg_blocking_pids()`, which would lock the
//! whole lock table once for every waiter.

use std::collections::{BTreeMap, BTreeSet};

use super::lock::{Lock, Mode, Owner};

/// A queue on one lock has edges by the square of its length: this is 450
/// sessions after one row, and a few megabytes.
const MAX_EDGES: usize = 100_000;

/// Somebody who holds or waits for a contended lock: a session with its
/// parallel workers, or a prepared transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub owner: Owner,
    pub datname: Option<Box<str>>,
    pub kind: Box<str>,
    pub transaction_seconds: Option<f64>,
    pub waits: bool,
}

/// Who waits for whom. Sessions are named by their place in `sessions`.
#[derive(Clone, Debug)]
pub struct Tree {
    pub sessions: Vec<Session>,
    /// For each session those that it waits for, directly.
    pub blockers: Vec<BTreeSet<usize>>,
    /// For each session those that wait for it, directly.
    pub victims: Vec<Vec<usize>>,
}

impl Tree {
    /// `None` when there are too many edges to be worth drawing.
    pub fn new(locks: &[Lock]) -> Option<Self> {
        let mut sessions: Vec<Session> = Vec::new();
        let mut places: BTreeMap<&Owner, usize> = BTreeMap::new();
        let mut tags: BTreeMap<&str, Vec<(usize, &Lock)>> = BTreeMap::new();
        for lock in locks {
            let place = *places.entry(&lock.owner).or_insert_with(|| {
                sessions.push(Session {
                    owner: lock.owner.clone(),
                    datname: lock.datname.clone(),
                    kind: lock.kind.clone(),
                    transaction_seconds: lock.transaction_seconds,
                    waits: false,
                });
                sessions.len() - 1
            });
            sessions[place].waits |= !lock.granted;
            tags.entry(&lock.tag).or_default().push((place, lock));
        }

        let mut blockers = vec![BTreeSet::new(); sessions.len()];
        let mut room = MAX_EDGES;
        for locks in tags.values() {
            add_edges(locks, &mut blockers, &mut room)?;
        }

        let mut victims = vec![Vec::new(); sessions.len()];
        for (waiter, blockers) in blockers.iter().enumerate() {
            for &blocker in blockers {
                victims[blocker].push(waiter);
            }
        }
        Some(Self { sessions, blockers, victims })
    }

    /// Those that block somebody and wait for nobody: where to look first.
    pub fn roots(&self) -> impl Iterator<Item = usize> {
        (0..self.sessions.len())
            .filter(|&place| !self.sessions[place].waits && !self.victims[place].is_empty())
    }

    /// How many wait for this session, directly or through others.
    pub fn victims_of(&self, session: usize) -> usize {
        let mut seen = BTreeSet::from([session]);
        let mut open = vec![session];
        while let Some(place) = open.pop() {
            open.extend(self.victims[place].iter().filter(|&&victim| seen.insert(victim)));
        }
        seen.len() - 1
    }

    /// The longest way from a waiter down to somebody who runs, in steps.
    ///
    /// A session's level is known once the levels of all its blockers are. In
    /// a deadlock that the server has not broken yet nobody is first, so the
    /// circle is opened at one of its members.
    pub fn depth(&self) -> usize {
        let mut level: Vec<usize> = self.sessions.iter().map(|s| usize::from(s.waits)).collect();
        let mut pending: Vec<usize> = self.blockers.iter().map(BTreeSet::len).collect();
        let mut done: Vec<bool> = pending.iter().map(|&pending| pending == 0).collect();
        let mut ready: Vec<usize> = (0..done.len()).filter(|&place| done[place]).collect();
        for first in 0..done.len() {
            while let Some(place) = ready.pop() {
                for &victim in self.victims[place].iter().filter(|&&victim| !done[victim]) {
                    level[victim] = level[victim].max(level[place] + 1);
                    pending[victim] -= 1;
                }
                ready.extend(self.victims[place].iter().filter(|&&victim| {
                    pending[victim] == 0 && !std::mem::replace(&mut done[victim], true)
                }));
            }
            if !std::mem::replace(&mut done[first], true) {
                ready.push(first);
            }
        }
        level.into_iter().max().unwrap_or(0)
    }
}

/// Adds whom each waiter on one lock waits for: those who hold it in a mode
/// that conflicts with what the waiter asks for, and those before it in the
/// queue who ask for such a mode. `None` when there is no room for more.
fn add_edges(
    locks: &[(usize, &Lock)],
    blockers: &mut [BTreeSet<usize>],
    room: &mut usize,
) -> Option<()> {
    let mut held: BTreeMap<usize, u8> = BTreeMap::new();
    for (session, lock) in locks.iter().filter(|(_, lock)| lock.granted) {
        *held.entry(*session).or_default() |= lock.mode.bit();
    }
    let queue = queue(locks, &held);
    for (place, &(waiter, wanted)) in queue.iter().enumerate() {
        let hard = held.iter().filter(|(_, modes)| wanted.conflicts() & **modes != 0);
        let soft = queue[..place].iter().filter(|(_, ahead)| wanted.conflicts() & ahead.bit() != 0);
        for blocker in hard.map(|(&session, _)| session).chain(soft.map(|&(session, _)| session)) {
            if blocker != waiter && blockers[waiter].insert(blocker) {
                *room = room.checked_sub(1)?;
            }
        }
    }
    Some(())
}

/// The order in which the server will serve the waiters: first come, first
/// served, except that whoever holds what an earlier waiter waits for steps in
/// before that waiter. (What the deadlock check reorders later is not visible.)
fn queue(locks: &[(usize, &Lock)], held: &BTreeMap<usize, u8>) -> Vec<(usize, Mode)> {
    let mut waiters: Vec<&(usize, &Lock)> =
        locks.iter().filter(|(_, lock)| !lock.granted).collect();
    waiters.sort_by(|(_, a), (_, b)| {
        let age = |lock: &Lock| {
            [lock.wait_seconds, lock.statement_seconds].map(Option::unwrap_or_default)
        };
        let (a, b) = (age(a), age(b));
        b[0].total_cmp(&a[0]).then(b[1].total_cmp(&a[1]))
    });
    let mut queue: Vec<(usize, Mode)> = Vec::with_capacity(waiters.len());
    for &&(session, lock) in &waiters {
        let mine = held.get(&session).copied().unwrap_or(0);
        let place = queue
            .iter()
            .position(|&(other, wanted)| other != session && wanted.conflicts() & mine != 0)
            .unwrap_or(queue.len());
        queue.insert(place, (session, lock.mode));
    }
    queue
}
