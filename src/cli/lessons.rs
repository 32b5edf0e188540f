//! `pglens lessons`: the course's pages with what shows each section.

use std::path::PathBuf;

use crate::alerts::{Alerts, Links};
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
    let alerts = Alerts::builtin().map_err(|problems| {
        let said: Vec<_> = problems.iter().map(|problem| format!("alerts: {problem}")).collect();
        said.join("\n")
    })?;
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
