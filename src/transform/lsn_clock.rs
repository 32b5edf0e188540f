//! Lag in seconds, for anything that has a position in the WAL.
//!
//! PostgreSQL says how many bytes a standby or a slot is behind, and seldom how
//! long. But whoever notes where the WAL stood at each poll can say when it
//! passed a given position, and that age is the lag: right for a standby that
//! went away, for a slot that nobody reads and for an idle primary (0), where
//! PostgreSQL's own lag columns are NULL, frozen or gone.
//!
//! It does not know what happened before its first note. A position older than
//! that gets a lower bound, and is told so.

mod lags;

use std::collections::VecDeque;
use std::time::Duration;

/// Notes closer together than this are merged: no poll is meant to be faster.
const GRAIN: Duration = Duration::from_secs(1);

/// How far back the notes reach: a slot left behind over the holidays counts
/// right for a week, and is at least a week behind from then on.
const HORIZON: Duration = Duration::from_secs(7 * 24 * 3600);

/// Older notes stand further apart, by at most this part of their age. It keeps
/// every lag within 2 % and the notes of a week within [`MOST`].
const PRECISION: u32 = 64;

/// Thinning starts here, at 48 kB a clock.
const MOST: usize = 2048;

#[derive(Clone, Copy, Debug)]
struct Note {
    at: Duration,
    position: f64,
}

/// How long ago the WAL passed a position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    pub seconds: f64,
    /// The WAL had passed the position before the first note was taken.
    pub lower_bound: bool,
}

/// Remembers when the WAL stood where. Notes rise in time and never fall in position.
#[derive(Debug, Default)]
pub struct LsnClock {
    notes: VecDeque<Note>,
}

impl LsnClock {
    /// Notes that the WAL ends at `position` now.
    pub fn note(&mut self, at: Duration, position: f64) {
        // The WAL went back: a crash lost its end, or a standby follows another
        // timeline. What lay above never happened.
        while self.notes.back().is_some_and(|last| last.position > position || last.at >= at) {
            self.notes.pop_back();
        }
        if let Some(last) = self.notes.len().checked_sub(1).filter(|&last| last > 0) {
            let before = self.notes[last - 1];
            // Of a standstill only the first and the last moment matter.
            let standstill = before.position == position;
            if standstill || at - before.at < GRAIN {
                self.notes.pop_back();
            }
        }
        self.notes.push_back(Note { at, position });

        // The oldest note stays until the next one is old as well: after a long
        // standstill it alone knows when that began.
        while self.notes.get(1).is_some_and(|second| second.at + HORIZON < at) {
            self.notes.pop_front();
        }
        if self.notes.len() >= MOST {
            self.thin(at);
        }
    }

    /// Drops a note where its neighbours still stand close enough for their age.
    fn thin(&mut self, now: Duration) {
        let mut kept: VecDeque<Note> = VecDeque::with_capacity(MOST);
        for &next in &self.notes {
            if let Some(before) = kept.len().checked_sub(2).map(|index| kept[index])
                && next.at - before.at <= (now - next.at) / PRECISION
            {
                kept.pop_back();
            }
            kept.push_back(next);
        }
        self.notes = kept;
    }

    /// The lag of `position` at the latest note; `None` before the first one.
    pub fn lag(&self, position: f64) -> Option<Lag> {
        let newest = self.notes.back()?;
        if position >= newest.position {
            return Some(Lag { seconds: 0.0, lower_bound: false });
        }
        let index = self.notes.partition_point(|note| note.position <= position);
        let passed = self.notes[index];
        let since = (newest.at - passed.at).as_secs_f64();
        Some(match index.checked_sub(1).map(|index| self.notes[index]) {
            // Between two notes the WAL is taken to have grown evenly.
            Some(before) => {
                let share = (passed.position - position) / (passed.position - before.position);
                let seconds = since + (passed.at - before.at).as_secs_f64() * share;
                Lag { seconds, lower_bound: false }
            }
            None => Lag { seconds: since, lower_bound: true },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn clock(notes: &[(u64, f64)]) -> LsnClock {
        let mut clock = LsnClock::default();
        for &(at, position) in notes {
            clock.note(seconds(at), position);
        }
        clock
    }

    fn exact(seconds: f64) -> Option<Lag> {
        Some(Lag { seconds, lower_bound: false })
    }

    #[test]
    fn whoever_has_everything_has_no_lag() {
        let clock = clock(&[(0, 100.0), (5, 200.0), (10, 200.0)]);
        assert_eq!(clock.lag(200.0), exact(0.0));
        assert_eq!(clock.lag(250.0), exact(0.0));
        assert_eq!(LsnClock::default().lag(1.0), None);
    }

    #[test]
    fn lag_counts_from_when_the_wal_passed_the_position() {
        let clock = clock(&[(0, 100.0), (5, 200.0), (10, 300.0)]);
        assert_eq!(clock.lag(250.0), exact(2.5));
        assert_eq!(clock.lag(100.0), exact(10.0));
        assert_eq!(clock.lag(99.0), Some(Lag { seconds: 10.0, lower_bound: true }));
    }

    #[test]
    fn a_standstill_is_two_notes_however_long() {
        let mut clock = clock(&[(0, 100.0), (5, 200.0)]);
        let month = 30 * 24 * 3600;
        for at in (10..month).step_by(600) {
            clock.note(seconds(at), 200.0);
        }
        clock.note(seconds(month), 200.0);
        assert!(clock.notes.len() <= 3);
        assert_eq!(clock.lag(150.0).map(|lag| lag.seconds.round()), Some((month - 5) as f64));
    }

    #[test]
    fn what_lay_above_is_forgotten_when_the_wal_goes_back() {
        let mut clock = clock(&[(0, 100.0), (5, 200.0), (10, 300.0)]);
        clock.note(seconds(15), 150.0);
        assert_eq!(clock.lag(150.0), exact(0.0));
        assert_eq!(clock.lag(100.0), exact(15.0));
        clock.note(seconds(20), 250.0);
        assert_eq!(clock.lag(200.0), exact(2.5));
        clock.note(seconds(25), 10.0);
        assert_eq!(clock.lag(10.0), exact(0.0));
    }

    /// Polls some seconds apart, each with the WAL written since, mostly none.
    fn polls() -> impl Strategy<Value = Vec<(f64, f64)>> {
        let gap = prop_oneof![Just(5.0), 0.1..60.0];
        let growth = prop_oneof![Just(0.0), 1.0..1e6, 1.0..1e10];
        prop::collection::vec((gap, growth), 1..400)
    }

    /// A clock, and the true (time, position) pairs that it has seen.
    fn run(polls: &[(f64, f64)]) -> (LsnClock, Vec<(f64, f64)>) {
        let mut clock = LsnClock::default();
        let (mut at, mut position) = (1e5, 1e9);
        let mut history = Vec::new();
        for (gap, growth) in polls {
            at += gap;
            position += growth;
            clock.note(Duration::from_secs_f64(at), position);
            history.push((at, position));
        }
        (clock, history)
    }

    proptest! {
        #[test]
        fn lag_is_zero_exactly_when_caught_up(polls in polls(), share in 0.0..1.2) {
            let (clock, history) = run(&polls);
            let newest = history[history.len() - 1].1;
            let position = newest * share;
            let lag = clock.lag(position).unwrap();
            prop_assert!(lag.seconds >= 0.0);
            if position >= newest {
                prop_assert_eq!(lag.seconds, 0.0);
            } else {
                prop_assert!(lag.seconds > 0.0 || lag.lower_bound);
            }
        }

        #[test]
        fn who_is_further_lags_less(polls in polls(), one in 0.0..1.0, other in 0.0..1.0) {
            let (clock, history) = run(&polls);
            let (first, newest) = (history[0].1, history[history.len() - 1].1);
            let position = |share: f64| first + (newest - first) * share;
            let (behind, ahead) = (position(f64::min(one, other)), position(f64::max(one, other)));
            prop_assert!(
                clock.lag(behind).unwrap().seconds >= clock.lag(ahead).unwrap().seconds
            );
        }

        /// The truth lies between the two polls around the position, so no
        /// interpolation can be off by more than the gap between them.
        #[test]
        fn the_error_stays_within_the_gap(polls in polls(), share in 0.0..1.0) {
            let (clock, history) = run(&polls);
            let (first, newest) = (history[0], history[history.len() - 1]);
            let position = first.1 + (newest.1 - first.1) * share;
            prop_assume!(position < newest.1);
            let lag = clock.lag(position).unwrap();
            prop_assert!(!lag.lower_bound);
            let passed = history.iter().find(|(_, noted)| *noted > position).unwrap().0;
            let before = history.iter().rev().find(|(_, noted)| *noted <= position).unwrap().0;
            // Notes merged within the grain blur either end by as much.
            let slack = GRAIN.as_secs_f64() + 1e-6;
            prop_assert!(lag.seconds >= newest.0 - passed - slack, "{lag:?} {passed} {newest:?}");
            prop_assert!(lag.seconds <= newest.0 - before + slack, "{lag:?} {before} {newest:?}");
        }

        #[test]
        fn going_back_never_breaks_the_order(
            positions in prop::collection::vec(0.0..1e3, 1..200), asked in 0.0..1e3,
        ) {
            let mut clock = LsnClock::default();
            for (at, position) in positions.iter().enumerate() {
                clock.note(seconds(at as u64 * 5), *position);
            }
            let lag = clock.lag(asked).unwrap();
            prop_assert!(lag.seconds >= 0.0);
            prop_assert!(lag.seconds <= positions.len() as f64 * 5.0);
            let in_order = clock.notes.iter().is_sorted_by(|one, next| {
                one.at < next.at && one.position <= next.position
            });
            prop_assert!(in_order);
        }
    }

    #[test]
    fn weeks_of_busy_polls_stay_small_and_precise() {
        for gap in [0.2, 1.0, 5.0] {
            let mut clock = LsnClock::default();
            let (mut at, mut most) = (0.0, 0);
            while at < 9.0 * 24.0 * 3600.0 {
                at += gap;
                // A rate that changes a hundredfold from hour to hour.
                let hour = (at / 3600.0) as u64;
                let position = hour as f64 * 1e9 + at % 3600.0 * (1.0 + (hour % 7) as f64 * 17.0);
                clock.note(Duration::from_secs_f64(at), position);
                most = most.max(clock.notes.len());
            }
            assert!(most <= MOST, "{most} notes at a gap of {gap} s");
            for age in [10.0, 600.0, 4000.0, 90_000.0, 500_000.0] {
                let then: f64 = at - age;
                let hour = (then / 3600.0) as u64;
                let position = hour as f64 * 1e9 + then % 3600.0 * (1.0 + (hour % 7) as f64 * 17.0);
                let lag = clock.lag(position).unwrap();
                let error = (lag.seconds - age).abs();
                assert!(error <= (gap + 2.0).max(age / 32.0), "{lag:?} for {age} at {gap}");
            }
            let old = clock.lag(0.0).unwrap();
            assert!(old.lower_bound && old.seconds >= HORIZON.as_secs_f64(), "{old:?}");
        }
    }
}
