//! Events, drawn over every graph of a page.

use serde_json::{Value, json};

use super::expression;
use super::vocabulary::{SERVER, Vocabulary};

struct Event {
    name: &'static str,
    /// Looks back over four scrapes, so that none is missed.
    query: &'static str,
    color: &'static str,
    title: &'static str,
    text: &'static str,
    /// Seen on every page without being asked for.
    always: bool,
}

const EVENTS: [Event; 5] = [
    Event {
        name: "Firing alerts",
        query: "ALERTS{alertstate=\"firing\"}",
        color: "red",
        title: "{{alertname}}",
        text: "{{severity}} {{instance}} {{target}} {{datname}}",
        always: true,
    },
    Event {
        name: "Restarts",
        query: "changes(pg_postmaster_start_time_seconds[2m]) > 0",
        color: "purple",
        title: "Restarted",
        text: "{{instance}} {{target}}",
        always: true,
    },
    Event {
        name: "Role changes",
        query: "changes(pg_replication_is_replica[2m]) > 0",
        color: "orange",
        title: "Role changed",
        text: "{{instance}} {{target}}",
        always: true,
    },
    Event {
        name: "Requested checkpoints",
        query: "increase(pg_stat_checkpointer_num_requested_total[2m]) > 0",
        color: "blue",
        title: "Checkpoint requested",
        text: "{{instance}} {{target}}",
        always: false,
    },
    Event {
        name: "Configuration reloads",
        query: "changes(pg_configuration_load_timestamp_seconds[2m]) > 0",
        color: "green",
        title: "Configuration read again",
        text: "{{instance}} {{target}}",
        always: false,
    },
];

/// Grafana's own, and ours for the servers that are chosen.
pub fn list(shown: &[String], vocabulary: &Vocabulary) -> Result<Vec<Value>, String> {
    if let Some(name) = shown.iter().find(|name| EVENTS.iter().all(|event| event.name != **name)) {
        return Err(format!("no event is called \"{name}\""));
    }
    let mut list = vec![json!({
        "name": "Annotations & Alerts", "type": "dashboard", "builtIn": 1, "enable": true,
        "hide": true, "iconColor": "rgba(0, 211, 255, 1)",
        "datasource": { "type": "grafana", "uid": "-- Grafana --" },
    })];
    for event in &EVENTS {
        let query = expression::query(event.query, &SERVER, vocabulary)?;
        list.push(json!({
            "name": event.name, "enable": event.always || shown.iter().any(|name| name == event.name),
            "hide": false, "iconColor": event.color, "expr": query.expr, "step": "60s",
            "titleFormat": event.title, "textFormat": event.text, "tagKeys": "severity",
            "datasource": { "type": "prometheus", "uid": "${datasource}" },
        }));
    }
    Ok(list)
}
