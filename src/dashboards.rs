//! Grafana's dashboards, made from data.
//!
//! A page is one `<uid>.toml` in `src/dashboards/`: rows of panels, each with what it
//! tells, what is normal, its lesson and its queries. What every page has in common
//! is made here and nowhere written down: variables, the selectors of servers,
//! layout, links, annotations, and a step that suits the interval of the metrics
//! that are read. `dashboards/<uid>.json` is the result, and a test compares it.
//!
//! A server is the labels `job`, `cluster`, `instance` and `target` together. One
//! exporter for one server has no `target`, and a fleet without names for its
//! clusters no `cluster`; the selectors hold for what is absent, too.

mod alerts_page;
mod annotations;
mod colors;
mod expression;
mod layout;
mod links;
mod options;
mod page;
mod panel;
mod reference;
mod source;
mod table;
mod variables;
mod vocabulary;

use serde_json::Value;

use crate::alerts::{Alerts, Links};
use crate::catalog::Catalog;

pub use reference::markdown;
pub use vocabulary::{Known, PROCESS, Vocabulary};

/// What is said about a page that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("{page}.toml: {what}")]
pub struct Problem {
    pub page: String,
    pub what: String,
}

/// One dashboard, ready to be written.
pub struct Dashboard {
    pub uid: String,
    pub title: String,
    pub about: String,
    pub panels: Vec<Shown>,
    pub json: Value,
}

impl Dashboard {
    /// What the file holds.
    pub fn text(&self) -> String {
        format!("{:#}\n", self.json)
    }
}

/// What a panel shows, for the reference and for tests.
pub struct Shown {
    pub title: String,
    /// `page#section` of the course.
    pub lesson: String,
    pub metrics: Vec<String>,
}

/// Every dashboard, by level.
///
/// # Errors
/// What is wrong in the pages' files; a test would have seen it.
pub fn all(catalog: &Catalog, alerts: &Alerts, links: &Links) -> Result<Vec<Dashboard>, Problem> {
    let vocabulary = &Vocabulary::new(catalog, alerts);
    let mut sources = source::read()?;
    for page in sources.iter_mut().filter(|page| page.uid == alerts_page::UID) {
        page.rows.extend(alerts_page::rows(alerts, vocabulary));
    }
    sources.sort_by(|a, b| (a.level, &a.uid).cmp(&(b.level, &b.uid)));
    let maker = page::Maker { vocabulary, alerts, links, sources: &sources };
    sources.iter().map(|source| maker.dashboard(source)).collect()
}
