//! The dashboards without a server: the files are what the pages make, and hold
//! what Grafana, its linter and the catalogue ask of them.

#[path = "dashboards/closure.rs"]
mod closure;
#[path = "dashboards/linter.rs"]
mod linter;
#[path = "dashboards/mistakes.rs"]
mod mistakes;
#[path = "dashboards/pages.rs"]
mod pages;
#[path = "dashboards/schema.rs"]
mod schema;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pages::{made, panels};
use pglens::dashboards::markdown;

const REGENERATE: &str =
    "Run: cargo run -- dashboards --out dashboards && cargo run -- dashboards > docs/dashboards.md";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    root().join("dashboards")
}

#[test]
fn the_files_are_what_the_pages_make_now() {
    let made = made();
    for dashboard in &made {
        let path = folder().join(format!("{}.json", dashboard.uid));
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == dashboard.text(), "{} is old.\n{REGENERATE}", path.display());
    }
    let reference = std::fs::read_to_string(root().join("docs/dashboards.md")).unwrap_or_default();
    assert!(reference == markdown(&made), "docs/dashboards.md is old.\n{REGENERATE}");
    let files: BTreeSet<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let pages: BTreeSet<_> =
        made.iter().map(|dashboard| format!("{}.json", dashboard.uid)).collect();
    assert_eq!(files, pages, "files without a page, or pages without a file");
}

#[test]
fn ids_are_unique_and_nothing_overlaps() {
    for dashboard in made() {
        let mut ids = BTreeSet::new();
        let mut taken = BTreeSet::new();
        for panel in panels(&dashboard.json) {
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{}: {panel:#}", dashboard.uid);
        }
        for panel in dashboard.json["panels"].as_array().unwrap() {
            let side = |name: &str| panel["gridPos"][name].as_u64().unwrap();
            for x in side("x")..side("x") + side("w") {
                assert!(x < 24, "{}: {} is too wide", dashboard.uid, panel["title"]);
                for y in side("y")..side("y") + side("h") {
                    assert!(taken.insert((x, y)), "{}: {}", dashboard.uid, panel["title"]);
                }
            }
        }
    }
}
