//! The page of alerts: a panel for each, made from the rules themselves, so that
//! what is drawn is what is compared, and the line is where it fires.

use super::layout::Width;
use super::source::{Limit, Panel, Row};
use super::vocabulary::Vocabulary;
use crate::alerts::{Alert, Alerts, Area, Severity, Unit};

/// The page that they are put under.
pub const UID: &str = "pg-alerts";

/// Labels by which the series of one server differ.
const PARTS: [&str; 16] = [
    "datname",
    "schemaname",
    "relname",
    "indexrelname",
    "slot_name",
    "application_name",
    "subname",
    "sequencename",
    "queryid",
    "holder",
    "setting",
    "collector",
    "because",
    "name",
    "database",
    "user",
];

/// A row for each area, shut: what is shut asks nothing.
pub fn rows(alerts: &Alerts, vocabulary: &Vocabulary) -> Vec<Row> {
    let row = |area: &Area| Row {
        title: area.title.clone(),
        collapsed: true,
        panels: area.alerts.iter().map(|alert| panel(alert, alerts, vocabulary)).collect(),
    };
    alerts.areas.iter().map(row).collect()
}

fn panel(alert: &Alert, alerts: &Alerts, vocabulary: &Vocabulary) -> Panel {
    let mut panel = Panel {
        title: alert.name.clone(),
        tells: format!("{}. {}", alert.summary, alert.impact),
        normal: format!("Below its line. No alert: {}", alert.false_alarm),
        lesson: alert.lesson.clone(),
        alerts: vec![alert.name.clone()],
        width: Width::Third,
        floating: true,
        to_limit: true,
        empty: Some("Shown while it fires, or could.".into()),
        opens: Some(alert.dashboard.clone()),
        ..Panel::default()
    };
    let Some(compared) = Comparison::read(&alert.expr) else {
        panel.normal =
            format!("Nothing is drawn while it does not fire. No alert: {}", alert.false_alarm);
        panel.queries = vec![(legend(&alert.expr, vocabulary), alert.expr.clone())];
        return panel;
    };
    panel.queries = vec![(legend(compared.value, vocabulary), compared.value.to_owned())];
    let limit = match compared.limit.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
        Some(name) => {
            panel.display.unit = alerts.thresholds.get(name).and_then(|known| unit(known.unit));
            Some(Limit::Named(name.to_owned()))
        }
        None => compared.limit.parse().ok().map(Limit::Value),
    };
    match limit {
        Some(limit) if alert.severity == Severity::Critical => panel.display.critical = Some(limit),
        Some(limit) => panel.display.warning = Some(limit),
        // A limit that others make is joined to the server by their labels.
        None if compared.limit.starts_with("on ") => {}
        // Compared with something that moves: draw that, too.
        None => {
            panel.limits = vec![(format!("limit {}", panel.queries[0].0), compared.limit.into())]
        }
    }
    panel.display.below = compared.below;
    panel.display.unit = panel.display.unit.or_else(|| measured_in(compared.value));
    panel
}

/// The first comparison of a rule.
struct Comparison<'a> {
    value: &'a str,
    limit: &'a str,
    below: bool,
}

impl<'a> Comparison<'a> {
    fn read(expr: &'a str) -> Option<Self> {
        let mut depth = 0_i32;
        let mut quoted = false;
        for (at, c) in expr.char_indices() {
            match c {
                '"' => quoted = !quoted,
                _ if quoted => {}
                '(' | '{' | '[' => depth += 1,
                ')' | '}' | ']' => depth -= 1,
                '<' | '>' | '=' | '!' if depth == 0 => {
                    let (value, rest) = expr.split_at(at);
                    let limit = rest.trim_start_matches(['<', '>', '=', '!']);
                    // What holds at the same time is a floor, and not drawn.
                    let end = [" and ", "\nand ", " or ", "\nor ", " unless ", "\nunless "]
                        .iter()
                        .filter_map(|word| limit.find(word))
                        .min()
                        .unwrap_or(limit.len());
                    return Some(Self {
                        value: value.trim(),
                        limit: limit[..end].trim(),
                        below: c == '<',
                    });
                }
                _ => {}
            }
        }
        None
    }
}

/// The server, and what the metrics are of within it.
fn legend(expr: &str, vocabulary: &Vocabulary) -> String {
    let words: Vec<_> =
        expr.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').collect();
    let has = |label: &&&str| {
        words.iter().any(|word| {
            word == *label
                || vocabulary
                    .get(word)
                    .is_some_and(|known| known.labels.iter().any(|own| own == *label))
        })
    };
    // A rule about a whole cluster knows no single server, and one about nothing knows none.
    let of = match expr {
        expr if expr.contains("by (job, cluster)") => "{{job}} {{cluster}}",
        expr if expr.starts_with("absent(") => return "absent".into(),
        _ => "{{server}}",
    };
    let parts = PARTS.iter().filter(has).map(|label| format!(" {{{{{label}}}}}"));
    format!("{of}{}", parts.collect::<String>())
}

fn unit(unit: Unit) -> Option<String> {
    let name = match unit {
        Unit::Ratio => "percentunit",
        Unit::Age | Unit::Seconds | Unit::Horizon => "s",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "Bps",
        Unit::PerSecond => "ops",
        Unit::Transactions | Unit::Multixacts | Unit::Rows | Unit::Count | Unit::Times => {
            return None;
        }
    };
    Some(name.into())
}

/// Where the limit has no unit of its own, the metric's name has one.
fn measured_in(expr: &str) -> Option<String> {
    let unit = match (expr.contains("_bytes"), expr.contains("rate")) {
        _ if expr.contains('/') => return None,
        (true, true) => "Bps",
        (true, false) => "bytes",
        (false, _) => return None,
    };
    Some(unit.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compared_is_told_from_where_and_from_floors() {
        let read = |expr| {
            Comparison::read(expr)
                .map(|compared: Comparison<'_>| (compared.value, compared.limit, compared.below))
        };
        assert_eq!(read("pg_x{a=\">\"} > {high}"), Some(("pg_x{a=\">\"}", "{high}", false)));
        assert_eq!(
            read("sum by ({server}) (rate(pg_x[5m])) < 1\nand pg_y > {floor}"),
            Some(("sum by ({server}) (rate(pg_x[5m]))", "1", true))
        );
        assert_eq!(read("absent(pg_up == 1)"), None);
    }
}
