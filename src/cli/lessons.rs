//! `pglens lessons`: the course's pages with what shows each section.

use std::path::PathBuf;

use super::builtin;
use crate::alerts::Links;
use crate::catalog::Catalog;
use crate::course::{Course, files};
use crate::dashboards;

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[derive(clap::Args)]
pub struct Arguments {
    /// Write one page for each of the course's into this directory instead of
    /// printing them.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the course's lessons stand.
    #[arg(long, value_name = "BASE", default_value = crate::lessons::DEFAULT_BASE)]
    lessons_url: String,
}

pub fn lessons(catalog: &Catalog, arguments: Arguments) -> Result<(), Failed> {
    let alerts = builtin::alerts()?;
    let dashboards = dashboards::all(catalog, &alerts, &Links::default())?;
    let course = Course { catalog, alerts: &alerts, dashboards: &dashboards };
    let files = files(&course, arguments.lessons_url.trim_end_matches('/'));
    let Some(out) = arguments.out else {
        for file in files {
            print!("{}", file.text);
        }
        return Ok(());
    };
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    for file in files {
        let path = out.join(file.name);
        std::fs::write(&path, file.text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}
