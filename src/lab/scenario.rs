//! What an incident of the lessons is: data, and two functions.

use std::fmt;

use futures_util::future::BoxFuture;

use super::{Result, Stage};

/// Breaking or healing; a file of `scenarios/` gives it as
/// `|stage| Box::pin(break_it(stage))`.
pub type Act = for<'a> fn(&'a mut Stage) -> BoxFuture<'a, Result<()>>;

/// One file of `scenarios/`.
pub struct Scenario {
    pub name: &'static str,
    /// The lesson that it belongs to, then those that it shows as well.
    pub lessons: &'static [&'static str],
    /// What happens, to the person who watches.
    pub happens: &'static str,
    /// What the metrics then tell.
    pub look_at: &'static str,
    /// What ends it.
    pub healing: &'static str,
    pub servers: Servers,
    pub exporter: Exporter,
    /// What the fault does to the metrics; healed, they are back.
    pub moves: &'static [Move],
    /// The alerts that fire, and no others.
    pub alerts: &'static [&'static str],
    pub break_it: Act,
    /// What is to be done beyond ending the sessions that the fault opened.
    pub heal: Act,
}

impl Scenario {
    /// What a scenario has unless it says otherwise.
    pub const DEFAULT: Self = Self {
        name: "",
        lessons: &[],
        happens: "",
        look_at: "",
        healing: "Its sessions end.",
        servers: Servers::DEFAULT,
        exporter: Exporter::DEFAULT,
        moves: &[],
        alerts: &[],
        break_it: nothing,
        heal: nothing,
    };

    /// Breaks the servers. What holds the incident up stays on the stage.
    pub async fn break_it(&self, stage: &mut Stage) -> Result<()> {
        (self.break_it)(stage).await
    }

    pub async fn heal(&self, stage: &mut Stage) -> Result<()> {
        stage.end_sessions().await?;
        (self.heal)(stage).await
    }
}

fn nothing(_: &mut Stage) -> BoxFuture<'_, Result<()>> {
    Box::pin(async { Ok(()) })
}

/// The servers that an incident needs: a primary, and perhaps its replica and a pooler.
pub struct Servers {
    /// Lines of postgresql.conf, for both.
    pub settings: &'static [(&'static str, &'static str)],
    /// Further arguments of initdb.
    pub initdb: &'static [&'static str],
    /// Created in the database `postgres`.
    pub extensions: &'static [&'static str],
    pub replica: Option<Replica>,
    /// Where a PgBouncer stands before the primary: further settings of its
    /// `[pgbouncer]` section.
    pub pooler: Option<&'static [(&'static str, &'static str)]>,
    /// The first major version that can show this, where it is not all.
    pub since: u16,
}

impl Servers {
    /// A primary alone.
    pub const DEFAULT: Self = Self {
        settings: &[],
        initdb: &[],
        extensions: &[],
        replica: None,
        pooler: None,
        since: 13,
    };
}

pub struct Replica {
    /// Lines of postgresql.conf that only the replica has.
    pub settings: &'static [(&'static str, &'static str)],
    /// Whether it reaches the primary through a [`Network`](super::Network) that can fail.
    pub network: bool,
}

impl Replica {
    pub const DEFAULT: Self = Self { settings: &[], network: false };
}

/// How the servers are watched, where the exporter itself is the lesson.
pub struct Exporter {
    pub part: Part,
    /// Whether it reaches the primary through a [`Network`](super::Network) that can fail.
    pub network: bool,
    /// Whether it asks the primary for its standbys.
    pub finds_standbys: bool,
}

/// What the exporter itself has to do with the incident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// It watches.
    Watches,
    /// It ends, and is started again to heal it.
    Ends,
    /// It is paused, and resumed to heal it.
    Pauses,
    /// It is told to reload, so that it sees at once what was healed.
    Reloads,
}

impl Exporter {
    pub const DEFAULT: Self = Self { part: Part::Watches, network: false, finds_standbys: false };
}

/// A metric that a fault moves, and where to.
pub struct Move {
    pub metric: &'static str,
    labels: &'static [(&'static str, &'static str)],
    pub to: To,
}

/// Where a metric goes while the fault lasts. When it is healed this is no
/// longer so, and a counter that grew stands still.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum To {
    /// The largest of its series is this or more.
    AtLeast(f64),
    /// The smallest of its series is this or less.
    AtMost(f64),
    /// The sum of its series has grown by this.
    Grown(f64),
    /// It has a series.
    Present,
    /// It has none, where it had one.
    Absent,
}

impl Move {
    const fn new(metric: &'static str, to: To) -> Self {
        Self { metric, labels: &[], to }
    }

    pub const fn reaches(metric: &'static str, value: f64) -> Self {
        Self::new(metric, To::AtLeast(value))
    }

    pub const fn falls_to(metric: &'static str, value: f64) -> Self {
        Self::new(metric, To::AtMost(value))
    }

    pub const fn grows_by(metric: &'static str, value: f64) -> Self {
        Self::new(metric, To::Grown(value))
    }

    pub const fn appears(metric: &'static str) -> Self {
        Self::new(metric, To::Present)
    }

    pub const fn vanishes(metric: &'static str) -> Self {
        Self::new(metric, To::Absent)
    }

    /// Only of series with these labels; `("target", "replica")` is one server.
    pub const fn with(mut self, labels: &'static [(&'static str, &'static str)]) -> Self {
        self.labels = labels;
        self
    }

    /// The one number that the move is about, of all series of the metric, each
    /// with its labels as the exposition writes them.
    pub fn figure(&self, samples: &[(String, f64)]) -> Option<f64> {
        let wanted: Vec<_> =
            self.labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let values = samples
            .iter()
            .filter(|(labels, _)| wanted.iter().all(|label| labels.contains(label.as_str())))
            .map(|(_, value)| *value);
        values.reduce(match self.to {
            To::AtMost(_) => f64::min,
            To::Grown(_) => |sum, value| sum + value,
            To::AtLeast(_) | To::Present | To::Absent => f64::max,
        })
    }
}

/// The metric with its labels, as PromQL selects it.
impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        let labels: Vec<_> =
            self.labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        write!(f, "{{{}}}", labels.join(", "))
    }
}

impl fmt::Display for To {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(value) => write!(f, "reaches {value}"),
            Self::AtMost(value) => write!(f, "falls to {value}"),
            Self::Grown(value) => write!(f, "grows by {value}"),
            Self::Present => f.write_str("appears"),
            Self::Absent => f.write_str("vanishes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_of_the_series_that_are_meant() {
        let samples = [
            ("{target=\"primary\",datname=\"a\"}".to_owned(), 1.0),
            ("{target=\"replica\",datname=\"a\"}".to_owned(), 5.0),
            ("{target=\"primary\",datname=\"b\"}".to_owned(), 3.0),
        ];
        assert_eq!(Move::reaches("m", 1.0).figure(&samples), Some(5.0));
        assert_eq!(Move::falls_to("m", 1.0).figure(&samples), Some(1.0));
        let primary = Move::grows_by("m", 1.0).with(&[("target", "primary")]);
        assert_eq!(primary.figure(&samples), Some(4.0));
        assert_eq!(primary.to_string(), "m{target=\"primary\"}");
        assert_eq!(Move::appears("m").with(&[("target", "other")]).figure(&samples), None);
    }
}
