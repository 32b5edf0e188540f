//! `pglens dashboards`: what Grafana shall show, without a server at hand.

use std::path::PathBuf;

use super::builtin;
use super::links::Addresses;
use crate::catalog::Catalog;
use crate::dashboards::{all, markdown};

#[derive(clap::Args)]
pub struct Arguments {
    /// Write one JSON file for each dashboard into this directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    addresses: Addresses,
}

pub fn dashboards(catalog: &Catalog, arguments: Arguments) -> Result<(), String> {
    let alerts = builtin::alerts()?;
    let links = arguments.addresses.links();
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
