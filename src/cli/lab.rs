//! `pglens lab`: one lesson's incident, step by step, on throwaway servers.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::demo::config;
use crate::catalog::Catalog;
use crate::config::Flags;
use crate::daemon::{Daemon, StopSignals};
use crate::lab::scenarios::{ALL, Scenario, Stage};
use crate::lessons;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// How long an incident may take to show, and to be gone again.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn list() {
    for scenario in ALL {
        let heading = lessons::section(scenario.lesson).unwrap_or(scenario.lesson);
        println!("{:22} {heading}", scenario.name);
    }
}

/// What a scenario is, without running it.
pub fn show(name: &str) -> Result<(), Failed> {
    let scenario = find(name)?;
    println!("{}\n\n{}\n\n{}\n", scenario.name, scenario.happens, scenario.look_at);
    for (metric, value) in scenario.moves {
        println!("  {metric} reaches {value}");
    }
    println!("\nLesson: {}", lessons::address(lessons::DEFAULT_BASE, scenario.lesson));
    Ok(())
}

pub async fn run(flags: &Flags, catalog: Arc<Catalog>, name: &str) -> Result<ExitCode, Failed> {
    let scenario = find(name)?;
    let mut stop = StopSignals::new()?;
    tokio::select! {
        ended = incident(flags, catalog, scenario) => ended,
        () = stop.told() => {
            println!("\nStopped; the servers are removed.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn incident(
    flags: &Flags,
    catalog: Arc<Catalog>,
    scenario: &Scenario,
) -> Result<ExitCode, Failed> {
    println!("Building a primary and its replica …");
    let stage = Stage::build(None).await?;
    let targets = [&stage.primary, &stage.replica]
        .map(|server| (server.name().to_owned(), server.dsn_as("pglens", "postgres")));
    let config = config(flags, &catalog, targets.into())?;
    let daemon = Daemon::start(&config, catalog).await?;
    if let Some(address) = daemon.addresses.first() {
        println!("Watch at http://localhost:{}/", address.port());
    }
    println!("\n{}\n", scenario.happens);
    let broken = scenario.break_it(&stage).await?;
    let shown = watch(&daemon, scenario, "shows", |value, reached| value >= reached).await;
    println!("\n{}\n\nHealing …", scenario.look_at);
    scenario.heal(&stage, broken).await?;
    let healed = watch(&daemon, scenario, "is gone", |value, reached| value < reached).await;
    println!("\nLesson: {}", lessons::address(lessons::DEFAULT_BASE, scenario.lesson));
    daemon.stop().await;
    Ok(if shown && healed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints the metrics as they move, until each holds.
async fn watch(
    daemon: &Daemon,
    scenario: &Scenario,
    what: &str,
    holds: fn(f64, f64) -> bool,
) -> bool {
    let began = Instant::now();
    let mut last = Vec::new();
    loop {
        let values: Vec<_> =
            scenario.moves.iter().map(|(metric, _)| daemon.largest(metric)).collect();
        if values != last {
            for ((metric, _), value) in scenario.moves.iter().zip(&values) {
                let value = value.map_or_else(|| "unknown".to_owned(), |value| value.to_string());
                println!("  {:5.1} s  {metric} {value}", began.elapsed().as_secs_f64());
            }
            last.clone_from(&values);
        }
        // A series that vanished with its incident is below everything.
        let reached = scenario.moves.iter().map(|(_, reached)| *reached);
        if values
            .iter()
            .zip(reached)
            .all(|(value, reached)| holds(value.unwrap_or(f64::NEG_INFINITY), reached))
        {
            println!("  It {what} after {:.1} s.", began.elapsed().as_secs_f64());
            return true;
        }
        if began.elapsed() > PATIENCE {
            println!("  Not within {} s: this is a defect.", PATIENCE.as_secs());
            return false;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

fn find(name: &str) -> Result<&'static Scenario, Failed> {
    ALL.into_iter()
        .find(|scenario| scenario.name == name)
        .ok_or_else(|| format!("there is no scenario \"{name}\"; see pglens lab list").into())
}
