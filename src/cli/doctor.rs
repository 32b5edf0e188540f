//! `pglens doctor`: what runs on each server, and SQL for what does not.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::config::{Config, Flags};
use crate::daemon::each_once;
use crate::poll::Watched;
use crate::store::{Database, Outcome, Store};
use crate::target::Facts;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The report says what the log would, unless more is asked for.
pub fn quiet(flags: &Flags) -> Flags {
    Flags { log_level: flags.log_level.clone().or(Some("error".into())), ..flags.clone() }
}

/// Exits with 1 if a server cannot be reached or a collector fails; what is
/// merely not for a server is no failure.
pub async fn doctor(config: Config, catalog: Arc<Catalog>) -> Result<ExitCode, Failed> {
    let mut well = true;
    for left_out in catalog.left_out() {
        println!("{left_out}");
    }
    let visited = each_once(&config, catalog.clone(), |server, polled| {
        match server.endpoint.dsn() {
            Ok(dsn) => println!("{}: {dsn}", server.name),
            Err(_) => println!("{}:", server.name),
        }
        match polled {
            Ok(facts) => well &= report(server, &server.store, &catalog, &facts),
            Err(failure) => {
                println!("  cannot be watched: {}: {failure}", failure.reason.as_str());
                if let Some(step) = failure.next_step() {
                    println!("  next: {step}");
                }
                println!();
                well = false;
            }
        }
    });
    let (_, failures) = visited.await;
    for (section, error) in &failures {
        println!("discover.{section}: {error}");
        well = false;
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn report(
    server: &Watched,
    store: &Store,
    catalog: &Catalog,
    facts: &BTreeMap<Database, Facts>,
) -> bool {
    if let Some(main) = facts.get("") {
        let role = if main.in_recovery { "standby" } else { "primary" };
        println!(
            "  PostgreSQL {}.{}, {role}, as {}{}",
            main.major(),
            main.version_num % 10_000,
            main.user,
            if main.superuser { " (a superuser: a member of pg_monitor is enough)" } else { "" },
        );
    }
    let mut remedies = Vec::new();
    let mut well = true;
    store.read(server.id, |view| {
        // Of a pooler nothing else is known beforehand.
        if let (None, Some(version)) = (facts.get(""), &view.status.version) {
            println!("  {version}");
        }
        for ((collector, database), status) in view.collectors {
            let collector = &catalog.collectors()[*collector];
            let place = match database.is_empty() {
                true => collector.name.clone(),
                false => format!("{} in {database}", collector.name),
            };
            match &status.outcome {
                Outcome::Pending => println!("  ?        {place}"),
                Outcome::Success => {
                    print!("  runs     {place}");
                    if let (Some(series), Some(took)) = (status.series, status.duration) {
                        print!(": {series} series in {:.1} ms", took.as_secs_f64() * 1e3);
                    }
                    println!();
                }
                Outcome::Skipped(skip) => {
                    println!("  skipped  {place}: {skip}");
                    let facts = facts.get(database).or_else(|| facts.get(""));
                    if let Some(sql) = facts.and_then(|facts| skip.remedy(collector, facts))
                        && !remedies.contains(&sql)
                    {
                        remedies.push(sql);
                    }
                }
                Outcome::Failed(failure) => {
                    println!("  FAILED   {place}: {}: {failure}", failure.reason.as_str());
                    well = false;
                }
            }
        }
    });
    if !remedies.is_empty() {
        println!("\n  To make more of them run:");
        for sql in remedies {
            println!("    {sql}");
        }
        println!("  A pglens that runs sees it within minutes, and at once when told to reload.");
    }
    println!();
    well
}
