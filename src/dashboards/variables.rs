//! What can be chosen at the top of a page, each choice narrowing the next.

use serde_json::{Value, json};

use super::source::{Page, Scope};
use super::vocabulary::SERVER;
use crate::catalog::Software;

/// A variable's label for people, and a metric that has its values where not every
/// server has.
const KNOWN: [(&str, &str, Option<&str>); 9] = [
    ("job", "Job", None),
    ("cluster", "Cluster", None),
    ("instance", "Instance", None),
    ("target", "Target", None),
    ("datname", "Database", Some("pg_stat_database_numbackends")),
    ("schemaname", "Schema", Some("pg_stat_user_tables_n_live_tup")),
    ("relname", "Table", Some("pg_stat_user_tables_n_live_tup")),
    ("indexrelname", "Index", Some("pg_stat_user_indexes_idx_scan_total")),
    ("queryid", "Statement", Some("pg_stat_statements_calls_total")),
];

/// The data source, then each variable out of what those before it leave.
pub fn list(page: &Page) -> Result<Vec<Value>, String> {
    let filters = page.filters.iter().map(String::as_str);
    let names: Vec<_> = SERVER.into_iter().chain(filters).collect();
    let up = match page.software {
        Software::PostgreSql => "pg_up",
        Software::PgBouncer => "pgbouncer_up",
    };
    let mut list = vec![json!({
        "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
        "current": { "selected": false, "text": "default", "value": "default" },
        "hide": 0, "includeAll": false, "multi": false, "refresh": 1, "regex": "",
    })];
    for (position, name) in names.iter().enumerate() {
        let &(_, label, metric) = KNOWN
            .iter()
            .find(|(known, ..)| known == name)
            .ok_or_else(|| format!("no variable is called {name}"))?;
        let metric = metric.unwrap_or(up);
        let before: Vec<_> =
            names[..position].iter().map(|name| format!("{name}=~\"${name}\"")).collect();
        let selector = match before.is_empty() {
            true => metric.to_owned(),
            false => format!("{metric}{{{}}}", before.join(",")),
        };
        let query = format!("label_values({selector}, {name})");
        let several =
            page.scope == Scope::Servers || !["instance", "target", "queryid"].contains(name);
        let mut variable = json!({
            "name": name, "label": label, "type": "query",
            "datasource": { "type": "prometheus", "uid": "${datasource}" },
            "query": { "query": query, "refId": format!("variable-{name}") },
            // Read again when the time changes: servers come and go.
            "refresh": 2, "sort": 1, "regex": "", "hide": 0,
            "multi": several, "includeAll": several,
        });
        if several {
            variable["allValue"] = all_of(name).into();
            variable["current"] = json!({ "selected": true, "text": "All", "value": "$__all" });
        }
        list.push(variable);
    }
    Ok(list)
}

/// Everything: servers always have a job and an instance, all else may be absent.
fn all_of(name: &str) -> &'static str {
    match name {
        "job" | "instance" => ".+",
        _ => ".*",
    }
}
