//! Rules with time compressed, for the proof that a real fault fires them: nobody
//! waits half an hour in a test.
//!
//! `for`, `keep_firing_for`, ranges, subqueries, offsets and the horizons of
//! forecasts are divided. Values stay what they are, but for those that the proof
//! says: ages where it asks for it, and thresholds that it sets by name. What was
//! changed is told, for the table of proofs.

use std::collections::BTreeMap;
use std::time::Duration;

use promql_parser::parser::{Expr, Offset, parse};

use super::{Alerts, Unit};

/// A range has to hold four samples of a scrape each second. From Prometheus 3 on it
/// leaves out the one at its left end.
const SHORTEST_RANGE: Duration = Duration::from_secs(5);
/// A condition has to hold for some polls, or the gap between two of them is one.
const SHORTEST_FOR: Duration = Duration::from_secs(5);
const SHORTEST: Duration = Duration::from_secs(1);

/// How much faster time passes, and which values are not the source's.
#[derive(Clone, Debug)]
pub struct Squeeze {
    factor: u32,
    ages: bool,
    set: BTreeMap<String, f64>,
}

/// A threshold that is not what it is in production.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub threshold: String,
    pub from: f64,
    pub to: f64,
}

/// The rules, to be printed as any others, and what was changed in their values.
#[derive(Clone, Debug)]
pub struct Squeezed {
    pub alerts: Alerts,
    pub changes: Vec<Change>,
}

impl Squeeze {
    /// Time passes this many times faster.
    pub fn by(factor: u32) -> Self {
        Self { factor: factor.max(1), ages: false, set: BTreeMap::new() }
    }

    /// What has lasted for long has so in compressed time.
    pub fn ages(mut self) -> Self {
        self.ages = true;
        self
    }

    /// Another value for one threshold.
    pub fn set(mut self, threshold: &str, value: f64) -> Self {
        self.set.insert(threshold.to_owned(), value);
        self
    }

    pub fn apply(&self, alerts: &Alerts) -> Result<Squeezed, String> {
        let mut squeezed = alerts.clone();
        let changes = self.thresholds(&mut squeezed)?;
        for index in 0..squeezed.recordings.len() {
            let expr = squeezed.expression(&squeezed.recordings[index].expr)?;
            squeezed.recordings[index].expr = self.expression(&expr)?;
        }
        let mut areas = std::mem::take(&mut squeezed.areas);
        for alert in areas.iter_mut().flat_map(|area| &mut area.alerts) {
            alert.expr = self.expression(&squeezed.expression(&alert.expr)?)?;
            alert.holds = self.shorter(alert.holds, SHORTEST_FOR);
            alert.keep_firing_for = self.shorter(alert.keep_firing_for, SHORTEST_FOR);
        }
        squeezed.areas = areas;
        Ok(Squeezed { alerts: squeezed, changes })
    }

    fn thresholds(&self, alerts: &mut Alerts) -> Result<Vec<Change>, String> {
        let mut changes = Vec::new();
        if let Some(name) = self.set.keys().find(|name| !alerts.thresholds.contains_key(*name)) {
            return Err(format!("there is no threshold {name}"));
        }
        for (name, threshold) in &mut alerts.thresholds {
            let divided =
                threshold.unit == Unit::Horizon || self.ages && threshold.unit == Unit::Age;
            let to = match self.set.get(name) {
                Some(value) => *value,
                None if divided => threshold.value / f64::from(self.factor),
                None => continue,
            };
            changes.push(Change { threshold: name.clone(), from: threshold.value, to });
            threshold.value = to;
        }
        Ok(changes)
    }

    fn expression(&self, expr: &str) -> Result<String, String> {
        let mut parsed = parse(expr)?;
        self.squeeze(&mut parsed);
        Ok(parsed.to_string())
    }

    fn squeeze(&self, expr: &mut Expr) {
        match expr {
            Expr::Aggregate(aggregate) => {
                self.squeeze(&mut aggregate.expr);
                if let Some(param) = &mut aggregate.param {
                    self.squeeze(param);
                }
            }
            Expr::Unary(unary) => self.squeeze(&mut unary.expr),
            Expr::Binary(binary) => {
                self.squeeze(&mut binary.lhs);
                self.squeeze(&mut binary.rhs);
            }
            Expr::Paren(paren) => self.squeeze(&mut paren.expr),
            Expr::Subquery(subquery) => {
                self.squeeze(&mut subquery.expr);
                subquery.range = self.shorter(subquery.range, SHORTEST_RANGE);
                subquery.step = subquery.step.map(|step| self.shorter(step, SHORTEST));
                self.offset(&mut subquery.offset);
            }
            Expr::VectorSelector(selector) => self.offset(&mut selector.offset),
            Expr::MatrixSelector(selector) => {
                selector.range = self.shorter(selector.range, SHORTEST_RANGE);
                self.offset(&mut selector.vs.offset);
            }
            Expr::Call(call) => {
                for argument in &mut call.args.args {
                    self.squeeze(argument);
                }
            }
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
        }
    }

    fn offset(&self, offset: &mut Option<Offset>) {
        if let Some(Offset::Pos(back) | Offset::Neg(back)) = offset {
            *back = self.shorter(*back, SHORTEST);
        }
    }

    /// In whole seconds, not below the shortest; none stays none.
    fn shorter(&self, duration: Duration, shortest: Duration) -> Duration {
        if duration.is_zero() {
            return duration;
        }
        let seconds = duration.as_secs().div_ceil(u64::from(self.factor));
        Duration::from_secs(seconds).max(shortest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_faster_and_values_stay() {
        let squeezed = Squeeze::by(60).expression(
            "sum by (job, target) (rate(x{a=~\"b|c\"}[10m] offset 1h)) > 0.2 \
             and on (job) predict_linear(y[6h], 1440) < 0 unless max_over_time(z[1d:5m]) == 1",
        );
        assert_eq!(
            squeezed.unwrap(),
            "sum by (job, target) (rate(x{a=~\"b|c\"}[10s] offset 1m)) > 0.2 \
             and on (job) predict_linear(y[6m], 1440) < 0 unless max_over_time(z[24m:5s]) == 1"
        );
        assert_eq!(Squeeze::by(600).expression("rate(x[10m])").unwrap(), "rate(x[5s])");
    }

    #[test]
    fn every_rule_can_be_squeezed_and_tells_what_was_changed() {
        let alerts = Alerts::builtin().unwrap();
        let squeezed = Squeeze::by(60).ages().set("lock_pile_up", 3.0).apply(&alerts).unwrap();
        let blocked = squeezed.alerts.alert("PostgresBlockedSessions").unwrap();
        assert_eq!(blocked.expr, "pg_blocking_longest_wait_seconds > 1");
        assert_eq!(blocked.holds, SHORTEST_FOR);
        let change = |name: &str| squeezed.changes.iter().find(|c| c.threshold == name).cloned();
        assert_eq!(
            change("lock_pile_up"),
            Some(Change { threshold: "lock_pile_up".into(), from: 10.0, to: 3.0 })
        );
        assert_eq!(change("connections_high"), None);
        assert!(Squeeze::by(60).set("luck", 1.0).apply(&alerts).is_err());
    }
}
