//! The lesson pages: what is committed is what is declared, and no section of the
//! course is shown by nothing.
#![cfg(feature = "lab")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pglens::alerts::{Alerts, Links};
use pglens::catalog::Catalog;
use pglens::course::{Course, files};
use pglens::dashboards::{self, Dashboard};
use pglens::lessons::DEFAULT_BASE;

const REGENERATE: &str = "Run: cargo run -- lessons --out docs/lessons";

struct Sources {
    catalog: Catalog,
    alerts: Alerts,
    dashboards: Vec<Dashboard>,
}

impl Sources {
    fn read() -> Self {
        let catalog = Catalog::builtin().unwrap_or_else(|problems| panic!("{problems:?}"));
        let alerts = Alerts::builtin().unwrap_or_else(|problems| panic!("{problems:?}"));
        let dashboards = dashboards::all(&catalog, &alerts, &Links::default())
            .unwrap_or_else(|problem| panic!("{problem}"));
        Self { catalog, alerts, dashboards }
    }

    fn course(&self) -> Course<'_> {
        Course { catalog: &self.catalog, alerts: &self.alerts, dashboards: &self.dashboards }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lessons")
}

#[test]
fn what_is_committed_is_what_is_declared() {
    let sources = Sources::read();
    let mut made = BTreeSet::new();
    for file in files(&sources.course(), DEFAULT_BASE) {
        let committed = std::fs::read_to_string(folder().join(&file.name)).unwrap_or_default();
        assert!(committed == file.text, "{} is old. {REGENERATE}", file.name);
        made.insert(file.name);
    }
    for entry in folder().read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(made.contains(&name), "docs/lessons/{name} has no source");
    }
}

#[test]
fn every_section_is_shown_by_something() {
    let sources = Sources::read();
    for (_, sections) in sources.course().pages() {
        for shown in sections {
            let lesson = &shown.lesson;
            for (name, metric) in &shown.metrics {
                assert!(metric.is_some(), "{lesson}: nobody declares {name}");
            }
            for name in &shown.section.alerts {
                assert!(sources.alerts.alert(name).is_some(), "{lesson}: there is no {name}");
            }
            assert!(shown.is_covered(), "{lesson}: nothing draws it, watches it or makes it");
        }
    }
}

#[test]
fn what_is_said_of_a_section_is_a_sentence_and_code_comes_with_its_reason() {
    for page in pglens::lessons::pages() {
        for section in &page.sections {
            let lesson = format!("{}#{}", page.name, section.anchor);
            assert!(section.asks.ends_with('.'), "{lesson}: {}", section.asks);
            let code = section.sql.is_some() || section.promql.is_some();
            assert!(!code || section.correction.is_some(), "{lesson}: why is the code needed?");
        }
    }
}
