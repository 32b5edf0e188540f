//! What is due when, on one lane. Pure: it is told the time and asks nobody.

use std::time::Duration;

use tokio::time::Instant;

use super::pace::Pace;
use crate::store::Database;

/// One collector on one database of the lane's server.
#[derive(Debug)]
pub struct Task {
    /// Position in the catalogue.
    pub collector: usize,
    /// Empty for what is polled once a server.
    pub database: Database,
    pub due: Instant,
    pub pace: Pace,
    /// It failed, or what it needs was not there, when it was last tried.
    pub in_vain: bool,
}

#[derive(Debug, Default)]
pub struct Schedule {
    tasks: Vec<Task>,
}

impl Schedule {
    /// Adds a task that is due at `due`, unless it is there already.
    pub fn add(&mut self, collector: usize, database: Database, due: Instant) {
        let known = |task: &Task| task.collector == collector && task.database == database;
        if !self.tasks.iter().any(known) {
            self.tasks.push(Task {
                collector,
                database,
                due,
                pace: Pace::default(),
                in_vain: false,
            });
        }
    }

    pub fn remove_database(&mut self, database: &str) {
        self.tasks.retain(|task| &*task.database != database);
    }

    pub fn task(&mut self, position: usize) -> &mut Task {
        &mut self.tasks[position]
    }

    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The next task. Of those that are due, one in the database where we are
    /// already goes first: entering another costs a connection.
    pub fn next(&self, now: Instant, is_here: impl Fn(&Task) -> bool) -> Option<usize> {
        let due = |task: &Task| task.due <= now;
        self.tasks
            .iter()
            .enumerate()
            .min_by_key(|(_, task)| (!due(task), due(task) && !is_here(task), task.due))
            .map(|(position, _)| position)
    }

    /// Makes due what was tried in vain.
    pub fn try_again(&mut self, now: Instant) {
        for task in self.tasks.iter_mut().filter(|task| task.in_vain) {
            task.due = now;
        }
    }

    /// Puts a task off.
    pub fn put_off(&mut self, position: usize, now: Instant, by: Duration) {
        self.tasks[position].due = now + by;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_goes_first_but_a_due_one_here_before_a_due_one_elsewhere() {
        let now = Instant::now();
        let second = Duration::from_secs(1);
        let mut schedule = Schedule::default();
        schedule.add(0, "a".into(), now + second);
        schedule.add(1, "b".into(), now + second * 2);
        schedule.add(2, "a".into(), now + second * 3);
        schedule.add(2, "a".into(), now);
        assert_eq!(schedule.tasks().len(), 3);

        let next = |schedule: &Schedule, now, here: &str| {
            schedule.next(now, |task| *task.database == *here)
        };
        assert_eq!(next(&schedule, now, "b"), Some(0), "nothing is due: wait for the first");
        let later = now + second * 2;
        assert_eq!(next(&schedule, later, "b"), Some(1));
        assert_eq!(next(&schedule, later, "c"), Some(0));

        schedule.task(1).in_vain = true;
        schedule.try_again(now);
        assert_eq!(schedule.next(now, |_| false), Some(1), "what was in vain is due");
        schedule.remove_database("a");
        assert_eq!(next(&schedule, later, ""), Some(0));
        assert_eq!(schedule.tasks().len(), 1);
    }
}
