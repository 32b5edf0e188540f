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

mod annotations;
mod expression;
mod layout;
mod links;
mod page;
mod panel;
mod reference;
mod source;
mod table;
mod variables;
mod vocabulary;

use serde_json::Value;

use crate::catalog::Catalog;
use crate::lessons;

pub use crate::alerts::DEFAULT_RUNBOOKS;
pub use reference::markdown;
pub use vocabulary::{Known, Vocabulary};

/// What is said about a page that cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("{page}.toml: {what}")]
pub struct Problem {
    pub page: String,
    pub what: String,
}

/// Where the links of panels lead.
pub struct Addresses {
    /// The course.
    pub lessons: String,
    /// One Markdown file for each alert.
    pub runbooks: String,
}

impl Default for Addresses {
    fn default() -> Self {
        Self { lessons: lessons::DEFAULT_BASE.into(), runbooks: DEFAULT_RUNBOOKS.into() }
    }
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
pub fn all(catalog: &Catalog, addresses: &Addresses) -> Result<Vec<Dashboard>, Problem> {
    let sources = source::read()?;
    let maker = page::Maker { vocabulary: &Vocabulary::new(catalog), addresses, sources: &sources };
    sources.iter().map(|source| maker.dashboard(source)).collect()
}
