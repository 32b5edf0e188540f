//! The same thing has the same colour on every page. Grafana's own palette begins with
//! green, whatever is first: an error would look well. So green is said of what is good,
//! and what is neither good nor bad begins with blue.

use serde_json::{Value, json};

/// Values of a label that series are named by.
const BY_LABEL: [(&str, &[(&str, &str)]); 5] = [
    (
        "wait_event_type",
        &[
            ("CPU", "green"),
            ("IO", "blue"),
            ("Lock", "red"),
            ("LWLock", "orange"),
            ("IPC", "yellow"),
            ("Client", "purple"),
        ],
    ),
    (
        "state",
        &[
            ("active", "green"),
            ("idle", "gray"),
            ("idle in transaction", "orange"),
            ("idle in transaction (aborted)", "red"),
        ],
    ),
    ("severity", &[("ERROR", "orange"), ("FATAL", "red"), ("PANIC", "purple")]),
    (
        "sqlstate_class",
        &[
            ("08", "light-blue"),
            ("22", "light-purple"),
            ("23", "blue"),
            ("28", "purple"),
            ("40", "orange"),
            ("42", "yellow"),
            ("53", "red"),
            ("57", "dark-yellow"),
            ("58", "semi-dark-red"),
            ("XX", "dark-red"),
        ],
    ),
    ("reason", &[("time", "green"), ("wal", "red"), ("requested", "orange")]),
];

/// What authors call a series.
const BY_LEGEND: [(&str, &str); 22] = [
    ("by time", "green"),
    ("requested", "orange"),
    ("commits", "green"),
    ("rollbacks", "orange"),
    ("rolled back", "orange"),
    ("archived", "green"),
    ("failed", "red"),
    ("deadlocks", "red"),
    ("lock waits", "orange"),
    ("cancelled", "orange"),
    ("cancelled by replay", "orange"),
    ("crashes", "red"),
    ("recoveries", "orange"),
    ("client lost", "yellow"),
    ("fatal error", "red"),
    ("terminated", "orange"),
    ("waiting", "orange"),
    ("sessions waiting", "orange"),
    ("longest wait", "orange"),
    ("idle in transaction", "orange"),
    ("dead rows", "orange"),
    ("bloat", "purple"),
];

/// What is neither, in the order in which authors name it.
const NEUTRAL: [&str; 6] =
    ["blue", "yellow", "purple", "light-blue", "dark-yellow", "light-purple"];

/// A graph's colours, where nothing else is said. One line alone is neither good nor bad.
pub fn of_graph(named: bool) -> Value {
    match named {
        true => json!({ "mode": "palette-classic" }),
        false => json!({ "mode": "fixed", "fixedColor": NEUTRAL[0] }),
    }
}

/// The colours of what legends may name.
pub fn of_series(queries: &[(String, String)]) -> Vec<Value> {
    let mut neutral = NEUTRAL.iter();
    let mut overrides = Vec::new();
    for (legend, _) in queries {
        if legend.contains("{{") {
            let label = legend.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
            let known = BY_LABEL.iter().filter(|(of, _)| Some(*of) == label);
            overrides.extend(
                known.flat_map(|(_, named)| *named).map(|(name, color)| fixed(name, color)),
            );
        } else if let Some((_, color)) = BY_LEGEND.iter().find(|(name, _)| name == legend) {
            overrides.push(fixed(legend, color));
        } else {
            overrides.extend(neutral.next().map(|color| fixed(legend, color)));
        }
    }
    overrides
}

fn fixed(name: &str, color: &str) -> Value {
    json!({
        "matcher": { "id": "byName", "options": name },
        "properties": [{ "id": "color", "value": { "mode": "fixed", "fixedColor": color } }],
    })
}
