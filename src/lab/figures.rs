//! The figures of an incident: before it, at worst, and now.

use std::time::{Duration, Instant};

use super::scenario::{Move, To};

/// A counter stands still when it grows in this time by no more than a part of what
/// the fault was: watching a server is work for it too.
const STILL: Duration = Duration::from_secs(3);
const STILL_SHARE: f64 = 0.1;

/// Reads the series of a metric, each with its labels.
pub type Samples<'a> = &'a (dyn Fn(&str) -> Vec<(String, f64)> + Sync);

/// One of a scenario's moves, observed.
pub struct Figure {
    pub subject: &'static Move,
    pub before: Option<f64>,
    pub worst: Option<f64>,
    pub now: Option<f64>,
    /// Since when it is where the fault drives it.
    pub holds_since: Option<Instant>,
    /// Whether the last look found another value than the one before.
    pub moved: bool,
    /// A counter stood still when it was last judged, which was then, at this value.
    still: bool,
    judged: (Instant, Option<f64>),
}

/// All moves of a scenario.
pub struct Figures(pub Vec<Figure>);

impl Figures {
    /// What they are before the fault; nothing while one that is to vanish has not
    /// been seen yet.
    pub fn before(moves: &'static [Move], samples: Samples<'_>) -> Option<Self> {
        let figures = moves.iter().map(|subject| {
            let before = subject.figure(&samples(subject.metric));
            if before.is_none() && subject.to == To::Absent {
                return None;
            }
            Some(Figure {
                subject,
                before,
                worst: before,
                now: before,
                holds_since: None,
                moved: true,
                still: false,
                judged: (Instant::now(), before),
            })
        });
        figures.collect::<Option<_>>().map(Self)
    }

    /// Looks again.
    pub fn look(&mut self, samples: Samples<'_>) {
        for figure in &mut self.0 {
            figure.look(figure.subject.figure(&samples(figure.subject.metric)));
        }
    }

    /// Every metric is where the fault drives it.
    pub fn shown(&self) -> bool {
        self.0.iter().all(|figure| figure.holds_since.is_some())
    }

    /// Every metric is back, or a counter stands still.
    pub fn healed(&self) -> bool {
        self.0.iter().all(|figure| match figure.subject.to {
            To::Grown(_) => figure.still,
            // A server that is down has neither its fault nor its health.
            To::AtMost(_) => {
                figure.holds_since.is_none() && (figure.now.is_some() || figure.before.is_none())
            }
            _ => figure.holds_since.is_none(),
        })
    }
}

impl Figure {
    fn look(&mut self, now: Option<f64>) {
        self.moved = self.now != now;
        self.now = now;
        self.worst = match self.subject.to {
            To::Absent => self.worst.and(now),
            To::AtMost(_) => now.into_iter().chain(self.worst).reduce(f64::min),
            _ => now.into_iter().chain(self.worst).reduce(f64::max),
        };
        let holds = match (self.subject.to, now) {
            (To::AtLeast(value), Some(now)) => now >= value,
            (To::AtMost(value), Some(now)) => now <= value,
            // A series that the fault made, a label's first, has grown from nothing.
            (To::Grown(by), Some(now)) => now >= self.before.unwrap_or(0.0) + by,
            (To::Present, now) => now.is_some(),
            (To::Absent, now) => now.is_none(),
            (_, None) => false,
        };
        if let (To::Grown(by), Some(value)) = (self.subject.to, now)
            && self.judged.0.elapsed() >= STILL
        {
            self.still = value - self.judged.1.unwrap_or(0.0) < by * STILL_SHARE;
            self.judged = (Instant::now(), now);
        }
        self.holds_since = match holds {
            true => self.holds_since.or_else(|| Some(Instant::now())),
            false => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static MOVES: [Move; 2] = [Move::reaches("up", 3.0), Move::vanishes("gone")];

    fn both(up: f64, gone: Option<f64>) -> impl Fn(&str) -> Vec<(String, f64)> + Sync {
        move |metric| match metric {
            "up" => vec![(String::new(), up)],
            _ => gone.map(|value| (String::new(), value)).into_iter().collect(),
        }
    }

    #[test]
    fn an_incident_is_shown_when_all_moved_and_healed_when_none_is_there() {
        assert!(Figures::before(&MOVES, &both(1.0, None)).is_none());
        let mut figures = Figures::before(&MOVES, &both(1.0, Some(1.0))).unwrap();
        figures.look(&both(1.0, Some(1.0)));
        assert!(figures.0.iter().all(|figure| !figure.moved));
        figures.look(&both(4.0, Some(1.0)));
        assert!(figures.0[0].moved && !figures.0[1].moved);
        assert!(!figures.shown() && !figures.healed());
        figures.look(&both(3.0, None));
        assert!(figures.shown());
        figures.look(&both(2.0, Some(1.0)));
        assert!(figures.healed());
        let worst: Vec<_> = figures.0.iter().map(|figure| figure.worst).collect();
        assert_eq!(worst, [Some(4.0), None]);
    }
}
