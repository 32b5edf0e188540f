//! The same thing has the same colour on every page. Grafana's own palette begins with
//! green, whatever is first: an error would look well.

use serde_json::{Value, json};

/// Values of a label that series are named by.
const BY_LABEL: [(&str, &[(&str, &str)]); 4] = [
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
    ("reason", &[("time", "green"), ("wal", "red"), ("requested", "orange")]),
];

/// What authors call a series.
const BY_LEGEND: [(&str, &str); 16] = [
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
];

/// The colours of what a legend may name.
pub fn overrides(legend: &str) -> Vec<Value> {
    let label = legend.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    let of_label =
        BY_LABEL.iter().filter(|(of, _)| Some(*of) == label).flat_map(|(_, named)| *named);
    let of_legend = BY_LEGEND.iter().filter(|(name, _)| *name == legend);
    let fixed = |(name, color): &(&str, &str)| {
        json!({
            "matcher": { "id": "byName", "options": name },
            "properties": [{ "id": "color", "value": { "mode": "fixed", "fixedColor": color } }],
        })
    };
    of_label.chain(of_legend).map(fixed).collect()
}
