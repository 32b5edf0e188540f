//! `pglens dashboards`: what Grafana shall show, without a server at hand.

use std::path::PathBuf;

use super::builtin;
use crate::alerts::Links;
use crate::catalog::Catalog;
use crate::dashboards::{all, markdown};

#[derive(clap::Args)]
pub struct Arguments {
    /// Write one JSON file for each dashboard into this directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the course's lessons stand.
    #[arg(long, value_name = "BASE")]
    lessons_url: Option<String>,
    /// Where the runbooks stand.
    #[arg(long, value_name = "BASE")]
    runbooks_url: Option<String>,
}

pub fn dashboards(catalog: &Catalog, arguments: Arguments) -> Result<(), String> {
    let alerts = builtin::alerts()?;
    let default = Links::default();
    let links = Links {
        lessons: arguments.lessons_url.unwrap_or(default.lessons),
        runbooks: arguments.runbooks_url.unwrap_or(default.runbooks),
        dashboards: default.dashboards,
    };
    let dashboards = all(catalog, &alerts, &links).map_err(|problem| problem.to_string())?;
    let Some(directory) = arguments.out else {
        print!("{}", markdown(&dashboards));
        return Ok(());
    };
    std::fs::create_dir_all(&directory)
        .map_err(|error| format!("{}: {error}", directory.display()))?;
    for dashboard in &dashboards {
        let path = directory.join(format!("{}.json", dashboard.uid));
        std::fs::write(&path, dashboard.text())
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}
