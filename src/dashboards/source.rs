//! A page as its author writes it.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::Problem;
use super::layout::{Height, Width};
use crate::catalog::Software;

static PAGES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/dashboards");

/// One dashboard.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The file's name, and the address in Grafana.
    #[serde(skip)]
    pub uid: String,
    pub title: String,
    /// One sentence: which question the page answers.
    pub about: String,
    /// Its place in the order of reading.
    pub level: u8,
    /// How many servers are looked at.
    pub scope: Scope,
    /// What they are.
    #[serde(default)]
    pub software: Software,
    /// What can be chosen beside the server, for example `datname`.
    #[serde(default)]
    pub filters: Vec<String>,
    /// How far back it looks when opened.
    #[serde(default = "an_hour")]
    pub range: String,
    /// Events to be seen from the start, beside those that every page shows.
    #[serde(default)]
    pub events: Vec<String>,
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// As many as are chosen: every query tells them apart.
    Servers,
    /// One: its figures need no name beside them.
    Server,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub title: String,
    /// Shut until somebody wants it; what is shut asks nothing.
    #[serde(default)]
    pub collapsed: bool,
    #[serde(rename = "panel")]
    pub panels: Vec<Panel>,
}

#[derive(Default, Deserialize)]
pub struct Panel {
    pub title: String,
    #[serde(default)]
    pub kind: Kind,
    /// What is seen here, and what it means.
    pub tells: String,
    /// What it looks like when all is well.
    pub normal: String,
    /// `page#section` of the course.
    pub lesson: String,
    /// The incident of the lab that moves it, where no alert of its limits says so.
    pub lab: Option<String>,
    /// Alerts that watch the same, beside those that compare with its limits.
    #[serde(default)]
    pub alerts: Vec<String>,
    pub width: Width,
    pub height: Option<Height>,

    /// PromQL without the selectors of servers and filters. `{server}` stands for the
    /// labels that tell servers apart, `{name}` for a threshold.
    pub query: Option<String>,
    /// Several of them with their legends; `{{server}}` names the server.
    #[serde(default)]
    pub queries: Vec<(String, String)>,
    /// Likewise, of what the others may reach: drawn as dashed lines.
    #[serde(default)]
    pub limits: Vec<(String, String)>,
    /// What a series is called instead of its legend, where that says little.
    #[serde(default)]
    pub names: Vec<(String, String)>,
    /// When there is something to see, for what is often empty. It has to be true of a
    /// server that is down as well, so it says nothing of now.
    pub empty: Option<String>,
    /// The columns of a table.
    #[serde(default, rename = "column")]
    pub columns: Vec<Column>,
    /// The column that a table is sorted by, largest first.
    pub sort: Option<String>,
    /// Markdown, for a panel of text.
    pub text: Option<String>,

    #[serde(flatten)]
    pub display: Display,
    pub max: Option<f64>,
    /// Where figures fall below zero, or zero says nothing.
    #[serde(default)]
    pub floating: bool,
    /// The axis reaches the limit, however far from it the figures are.
    #[serde(default)]
    pub to_limit: bool,
    #[serde(default)]
    pub stacked: bool,
    /// Events rather than a level.
    #[serde(default)]
    pub bars: bool,
    /// The page that a click leads to.
    pub opens: Option<String>,
    /// Keys that nobody knows; there must be none.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, toml::Value>,
}

/// How a figure is written and coloured, of a panel or a column.
#[derive(Clone, Default, Deserialize)]
pub struct Display {
    pub unit: Option<String>,
    pub decimals: Option<u8>,
    pub warning: Option<Limit>,
    pub critical: Option<Limit>,
    /// Small is bad, and the limits are lower ones.
    #[serde(default)]
    pub below: bool,
    /// What a value is called, and its colour.
    #[serde(default)]
    pub values: Vec<(f64, String, String)>,
}

/// Where a colour changes.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Limit {
    /// That of an alert, by its name in `src/alerts/thresholds.toml`.
    Named(String),
    /// For what no alert compares with.
    Value(f64),
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    #[default]
    Timeseries,
    Stat,
    Table,
    Bargauge,
    StateTimeline,
    Text,
}

/// One column: a label of the rows, or a query that brings a figure for each.
#[derive(Default, Deserialize)]
pub struct Column {
    pub title: String,
    pub label: Option<String>,
    pub query: Option<String>,
    /// A bar instead of a number.
    #[serde(default)]
    pub bar: bool,
    pub opens: Option<String>,
    #[serde(flatten)]
    pub display: Display,
    #[serde(flatten)]
    pub unknown: BTreeMap<String, toml::Value>,
}

fn an_hour() -> String {
    "now-1h".into()
}

/// All pages that are files.
pub fn read() -> Result<Vec<Page>, Problem> {
    let files =
        PAGES.files().filter(|file| file.path().extension().is_some_and(|ext| ext == "toml"));
    files
        .map(|file| {
            let uid = file.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let Some(text) = file.contents_utf8() else {
                return Err(Problem { page: uid, what: "is not UTF-8".to_owned() });
            };
            match toml::from_str::<Page>(text) {
                Err(error) => Err(Problem { page: uid, what: error.to_string() }),
                Ok(page) => match unknown_key(&page) {
                    Some(what) => Err(Problem { page: uid, what }),
                    None => Ok(Page { uid, ..page }),
                },
            }
        })
        .collect()
}

/// serde cannot refuse unknown keys where a struct is flattened into another.
fn unknown_key(page: &Page) -> Option<String> {
    page.rows.iter().flat_map(|row| &row.panels).find_map(|panel| {
        let of_columns = panel.columns.iter().flat_map(|column| column.unknown.keys());
        let key = panel.unknown.keys().chain(of_columns).next()?;
        Some(format!("panel \"{}\": unknown key \"{key}\"", panel.title))
    })
}
