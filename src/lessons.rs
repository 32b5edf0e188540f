//! The course behind the panels: the one table of its lessons.
//!
//! Collectors, panels, alerts, runbooks and the lab name a lesson as
//! `<page>#<section>`; a name that is not in `lessons.toml` is an error. What they
//! say of a mechanism is a page of another module, as `<module>/<page>`. What of
//! ours shows a section is put together in [`crate::course`].

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// Where the course stands; an instructor may serve a copy elsewhere.
pub const DEFAULT_BASE: &str =
    "https://shivam2003-dev.github.io/gcp_cert_exam/courses/postgres-advanced";

const MODULE: &str = "module-07-monitoring";

/// A page of the module.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub name: String,
    pub title: String,
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub anchor: String,
    pub heading: String,
    /// What a reader is to see, in one sentence.
    pub asks: String,
    /// The metrics that show it first.
    pub metrics: Vec<String>,
    /// Alerts that belong to another section and show this one as well.
    #[serde(default)]
    pub alerts: Vec<String>,
    /// Why the section's own text does not run, or tells something else.
    pub correction: Option<String>,
    /// What does.
    pub sql: Option<String>,
    pub promql: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Pages of other modules, with their titles.
    mechanisms: BTreeMap<String, String>,
    page: Vec<Page>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("lessons.toml")).expect("lessons.toml is checked by a test")
});

/// The pages in the course's order.
pub fn pages() -> &'static [Page] {
    &TABLE.page
}

fn find(lesson: &str) -> Option<(&'static Page, &'static Section)> {
    let (name, anchor) = lesson.split_once('#')?;
    let page = pages().iter().find(|page| page.name == name)?;
    Some((page, page.sections.iter().find(|section| section.anchor == anchor)?))
}

/// The heading of a section, or `None` if the course has no such lesson.
pub fn section(lesson: &str) -> Option<&'static str> {
    find(lesson).map(|(_, section)| section.heading.as_str())
}

/// What a lesson is called: its page and its section.
pub fn title(lesson: &str) -> String {
    find(lesson).map_or_else(
        || lesson.to_owned(),
        |(page, section)| format!("{}: {}", page.title, section.heading),
    )
}

/// The address of a lesson, or of a page, below `base`.
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
    pages().iter().flat_map(|page| {
        page.sections.iter().map(move |section| {
            let lesson = format!("{}#{}", page.name, section.anchor);
            (lesson, page.title.as_str(), section.heading.as_str())
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
