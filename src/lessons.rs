//! The course behind the panels: the one table of its lessons.
//!
//! Collectors, panels, alerts, runbooks and the lab name a lesson as
//! `<page>#<section>`; a name that is not in `lessons.toml` is an error. What they
//! say of a mechanism is a page of another module, as `<module>/<page>`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Where the course stands; an instructor may serve a copy elsewhere.
pub const DEFAULT_BASE: &str =
    "https://shivam2003-dev.github.io/gcp_cert_exam/courses/postgres-advanced";

const MODULE: &str = "module-07-monitoring";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    title: String,
    /// Anchor to heading.
    sections: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Table {
    /// Pages of other modules, with their titles.
    mechanisms: BTreeMap<String, String>,
    #[serde(flatten)]
    pages: BTreeMap<String, Page>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("lessons.toml")).expect("lessons.toml is checked by a test")
});

/// The heading of a section, or `None` if the course has no such lesson.
pub fn section(lesson: &str) -> Option<&'static str> {
    let (page, anchor) = lesson.split_once('#')?;
    TABLE.pages.get(page)?.sections.get(anchor).map(String::as_str)
}

/// What a lesson is called: its page and its section.
pub fn title(lesson: &str) -> String {
    let page = lesson.split_once('#').and_then(|(page, _)| TABLE.pages.get(page));
    match (page, section(lesson)) {
        (Some(page), Some(section)) => format!("{}: {section}", page.title),
        _ => lesson.to_owned(),
    }
}

/// The address of a lesson below `base`.
pub fn address(base: &str, lesson: &str) -> String {
    format!("{base}/{MODULE}/{lesson}")
}

/// The title of a page of another module, or `None` if there is none.
pub fn mechanism(page: &str) -> Option<&'static str> {
    TABLE.mechanisms.get(page).map(String::as_str)
}

/// The address of a page of another module below `base`.
pub fn mechanism_address(base: &str, page: &str) -> String {
    format!("{base}/{page}")
}

/// Every lesson, as `page#anchor` with the titles of page and section.
pub fn all() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    TABLE.pages.iter().flat_map(|(name, page)| {
        page.sections.iter().map(move |(anchor, heading)| {
            (format!("{name}#{anchor}"), page.title.as_str(), heading.as_str())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses_and_a_lesson_has_an_address() {
        assert_eq!(section("key-metrics#cache-hit-ratio"), Some("Cache Hit Ratio"));
        assert_eq!(section("key-metrics#nonsense"), None);
        assert_eq!(section("key-metrics"), None);
        assert_eq!(title("key-metrics#connections"), "Key Metrics: Connections");
        assert_eq!(address("https://x", "a#b"), "https://x/module-07-monitoring/a#b");
        assert!(all().count() > 40);
        assert_eq!(mechanism("module-03-transactions/deadlocks"), Some("Deadlocks"));
        assert_eq!(mechanism("module-03-transactions/luck"), None);
    }
}
