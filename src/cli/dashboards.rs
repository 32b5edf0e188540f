//! `pglens dashboards`: what Grafana shall show, without a server at hand.

use std::process::ExitCode;

use super::DashboardsOptions;
use crate::catalog::Catalog;
use crate::dashboards::{self, Addresses};

type Failed = Box<dyn std::error::Error + Send + Sync>;

pub fn dashboards(catalog: &Catalog, options: DashboardsOptions) -> Result<ExitCode, Failed> {
    let addresses = Addresses { lessons: options.lessons_url, runbooks: options.runbooks_url };
    let dashboards = dashboards::all(catalog, &addresses)?;
    let Some(directory) = options.out else {
        print!("{}", dashboards::markdown(&dashboards));
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::create_dir_all(&directory)
        .map_err(|error| format!("cannot make {}: {error}", directory.display()))?;
    for dashboard in &dashboards {
        let path = directory.join(format!("{}.json", dashboard.uid));
        std::fs::write(&path, dashboard.text())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    println!("{} dashboards in {}", dashboards.len(), directory.display());
    Ok(ExitCode::SUCCESS)
}
