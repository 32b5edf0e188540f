//! The ways out of a panel: to its lesson, to its alert's runbook, and to the page
//! one level down.

use serde_json::{Value, json};

use super::source::{Page, Panel};
use super::vocabulary::SERVER;
use crate::alerts::{Alert, Links};
use crate::lessons;

/// Every page of ours, in Grafana's list of tags.
pub const TAG: &str = "pglens";

/// Pages that are a step away from everywhere; the others are in a menu.
const SIGNPOSTS: [(&str, &str); 4] = [
    ("pg-fleet", "Fleet"),
    ("pg-cluster", "Cluster"),
    ("pg-instance", "Instance"),
    ("pg-troubleshooting", "Troubleshooting"),
];

/// At the top of a page.
pub fn of_page(uid: &str) -> Vec<Value> {
    let link = |title: &str, kind: &str, url: String, tags: &[&str]| {
        json!({
            "title": title, "type": kind, "icon": "dashboard", "tooltip": "", "url": url,
            "tags": tags, "asDropdown": kind == "dashboards", "targetBlank": false,
            "includeVars": true, "keepTime": true,
        })
    };
    SIGNPOSTS
        .iter()
        .filter(|(to, _)| *to != uid)
        .map(|(to, title)| link(title, "link", format!("/d/{to}"), &[]))
        .chain([link("All dashboards", "dashboards", String::new(), &[TAG])])
        .collect()
}

/// In the corner of a panel.
pub fn of_panel(panel: &Panel, watched_by: &[&Alert], to: &Links) -> Vec<Value> {
    let link = |title: String, url: String| {
        json!({
            "title": title, "url": url, "targetBlank": true, "type": "link", "icon": "info",
            "tooltip": "", "tags": [], "asDropdown": false, "includeVars": false, "keepTime": false,
        })
    };
    let lesson = link(
        format!("Lesson: {}", lessons::title(&panel.lesson)),
        lessons::address(&to.lessons, &panel.lesson),
    );
    let mechanism = watched_by.iter().find_map(|alert| alert.mechanism.as_deref()).map(|page| {
        let title = lessons::mechanism(page).unwrap_or(page);
        link(format!("How it works: {title}"), lessons::mechanism_address(&to.lessons, page))
    });
    let runbooks = watched_by.iter().map(|alert| {
        let name = &alert.name;
        link(format!("Runbook: {name}"), format!("{}/{name}.md", to.runbooks))
    });
    std::iter::once(lesson).chain(mechanism).chain(runbooks).collect()
}

/// The address of another page, looking at the same: `label` says where a choice is
/// to be had from what was clicked on, everything else is chosen as it is here.
pub fn drill_down(
    from: &Page,
    to: &str,
    pages: &[Page],
    label: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let to = pages
        .iter()
        .find(|page| page.uid == to)
        .ok_or_else(|| format!("opens \"{to}\", which is no page"))?;
    let mut url = format!("/d/{}?${{datasource:queryparam}}", to.uid);
    for name in SERVER.into_iter().chain(to.filters.iter().map(String::as_str)) {
        // A pooler is another target than the server behind it.
        let other = from.software != to.software && ["instance", "target"].contains(&name);
        let here = SERVER.contains(&name) || from.filters.iter().any(|filter| filter == name);
        match label(name) {
            Some(value) => url.push_str(&format!("&var-{name}={value}")),
            None if here && !other => url.push_str(&format!("&${{{name}:queryparam}}")),
            None => {}
        }
    }
    url.push_str("&${__url_time_range}");
    Ok(url)
}
