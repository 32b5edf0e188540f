//! `pglens alerts`: the rules printed, or written as files.

use std::path::PathBuf;

use clap::ValueEnum;

use super::builtin;
use super::links::{Addresses, base};
use crate::alerts::{Links, files, kubernetes, markdown};

#[derive(clap::Args)]
pub struct Arguments {
    /// Rule files by area, a PrometheusRule, or the reference.
    #[arg(long, default_value = "prometheus")]
    format: Format,
    /// Write the rule files into this directory instead of printing them.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    addresses: Addresses,
    /// Where Grafana stands.
    #[arg(long, value_name = "BASE")]
    dashboards_url: Option<String>,
    /// The optional alerts too (kubernetes; for Prometheus they are a file of their own).
    #[arg(long)]
    optional: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Prometheus,
    Kubernetes,
    Markdown,
}

pub fn alerts(arguments: Arguments) -> Result<(), String> {
    let alerts = builtin::alerts()?;
    let links = arguments.addresses.links();
    let dashboards = base(arguments.dashboards_url, links.dashboards);
    let links = Links { dashboards, ..links };
    match (arguments.format, arguments.out) {
        (Format::Prometheus, None) => {
            for file in files(&alerts, &links)? {
                print!("--- # {}\n{}", file.name, file.text);
            }
        }
        (Format::Prometheus, Some(out)) => {
            std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
            for file in files(&alerts, &links)? {
                let path = out.join(file.name);
                std::fs::write(&path, file.text)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
            }
        }
        (_, Some(_)) => return Err("--out is for --format prometheus".into()),
        (Format::Kubernetes, None) => {
            print!("{}", kubernetes(&alerts, &links, arguments.optional)?)
        }
        (Format::Markdown, None) => print!("{}", markdown(&alerts, &links)?),
    }
    Ok(())
}
