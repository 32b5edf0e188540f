//! `pglens lab`: one lesson's incident, step by step, on throwaway servers.

mod guide;
mod report;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::demo;
use crate::catalog::Catalog;
use crate::config::{Config, Flags};
use crate::daemon::{Daemon, StopSignals};
use crate::lab::figures::Figures;
use crate::lab::scenarios::{ALL, find};
use crate::lab::{Part, Scenario, Stage};
use crate::lessons;
use crate::poll::{Override, Policy};
use guide::Guide;
use report::Report;

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// How long an incident may take to show, and to be gone again.
const PATIENCE: Duration = Duration::from_secs(90);

/// Nobody watches an incident for minutes to see a slow collector's turn come.
const INTERVAL: Duration = Duration::from_secs(1);

/// What a person may say about a run.
#[derive(clap::Args, Clone, Copy)]
pub struct Options {
    /// Keep the incident until Enter or Ctrl-C, to look around in psql.
    #[arg(long)]
    hold: bool,
    /// Major version of PostgreSQL; the newest that can be had without it.
    #[arg(long)]
    major: Option<u16>,
}

/// Every scenario under the lesson that it belongs to, in the course's words.
pub fn list() {
    let mut lessons: Vec<&str> = ALL.iter().map(|scenario| scenario.lessons[0]).collect();
    lessons.sort_unstable();
    lessons.dedup();
    for lesson in lessons {
        println!("{}", lessons::title(lesson));
        for scenario in ALL.iter().filter(|scenario| scenario.lessons[0] == lesson) {
            println!("  {:28} {}", scenario.name, report::first_sentence(scenario.happens));
        }
    }
    println!("\npglens lab show NAME explains one, pglens lab run NAME makes it happen.");
}

/// What a scenario is, without running it.
pub fn show(catalog: &Catalog, name: &str) -> Result<(), Failed> {
    report::explain(find(name)?, &Guide::builtin(catalog)?);
    Ok(())
}

pub async fn run(
    flags: &Flags,
    catalog: Arc<Catalog>,
    name: &str,
    options: Options,
) -> Result<ExitCode, Failed> {
    let scenario = find(name)?;
    let report = Report::begin(scenario, Guide::builtin(&catalog)?);
    let mut stop = StopSignals::new()?;
    let began = tokio::select! {
        began = Incident::begin(flags, catalog, scenario, options.major, &report) => began?,
        () = stop.told() => return Ok(stopped()),
    };
    if options.hold {
        report.hold(&began.stage, began.daemon.as_ref());
        tokio::select! {
            () = enter() => {}
            () = stop.told() => println!(),
        }
    }
    tokio::select! {
        ended = began.end(&report) => ended,
        () = stop.told() => Ok(stopped()),
    }
}

fn stopped() -> ExitCode {
    println!("\nStopped; the servers are removed.");
    ExitCode::SUCCESS
}

/// Waits for Enter. Without a terminal there is none, and only Ctrl-C ends it.
///
/// A thread of its own reads, for a runtime would wait at its end for one of its own.
async fn enter() {
    let (send, pressed) = oneshot::channel();
    std::thread::spawn(move || {
        if matches!(std::io::stdin().read_line(&mut String::new()), Ok(1..)) {
            // Who waited may have been interrupted meanwhile.
            let _ = send.send(());
        }
    });
    if pressed.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// An incident at its worst.
struct Incident {
    scenario: &'static Scenario,
    figures: Figures,
    shown: bool,
    /// None while the incident is that there is none.
    daemon: Option<Daemon>,
    /// To start it anew.
    config: Config,
    catalog: Arc<Catalog>,
    stage: Stage,
}

impl Incident {
    async fn begin(
        flags: &Flags,
        catalog: Arc<Catalog>,
        scenario: &'static Scenario,
        major: Option<u16>,
        report: &Report,
    ) -> Result<Self, Failed> {
        report.step("Building");
        report.line("Looking for PostgreSQL here; if there is none it is downloaded, once.");
        let mut stage = Stage::build(scenario, major, &|progress| report.line(&progress)).await?;
        let config = config(flags, &catalog, scenario, &stage)?;
        let daemon = Daemon::start(&config, catalog.clone()).await?;
        report.address(&daemon);

        report.step("Before");
        let mut figures = before(&daemon, scenario).await?;
        report.figures(&figures);
        if scenario.exporter.part == Part::Ends {
            report.reach(&daemon.addresses).await;
        }

        report.step("Breaking");
        report.text(scenario.happens);
        scenario.break_it(&mut stage).await?;
        if scenario.exporter.part == Part::Pauses {
            daemon.pause(true);
        }
        let shown = until(&daemon, &mut figures, report, Figures::shown).await;
        let mut daemon = Some(daemon);
        if scenario.exporter.part == Part::Ends
            && let Some(daemon) = daemon.take()
        {
            let addresses = daemon.addresses.clone();
            daemon.stop().await;
            report.reach(&addresses).await;
        }
        report.shown(&figures, shown);
        report.text(scenario.look_at);
        Ok(Self { scenario, figures, shown, daemon, config, catalog, stage })
    }

    async fn end(mut self, report: &Report) -> Result<ExitCode, Failed> {
        report.step("Healing");
        report.text(self.scenario.healing);
        self.scenario.heal(&mut self.stage).await?;
        let daemon = self.watching_again(report).await?;
        let healed = until(&daemon, &mut self.figures, report, Figures::healed).await;
        report.end(&self.figures, healed);
        daemon.stop().await;
        Ok(if self.shown && healed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn watching_again(&mut self, report: &Report) -> Result<Daemon, Failed> {
        let Some(mut daemon) = self.daemon.take() else {
            let daemon = Daemon::start(&self.config, self.catalog.clone()).await?;
            report.reach(&daemon.addresses).await;
            return Ok(daemon);
        };
        match self.scenario.exporter.part {
            Part::Pauses => daemon.pause(false),
            Part::Reloads => daemon.reload(&self.config, self.catalog.clone()).await,
            Part::Watches | Part::Ends => {}
        }
        Ok(daemon)
    }
}

/// The first figures, once every collector has had its turn.
async fn before(daemon: &Daemon, scenario: &'static Scenario) -> Result<Figures, Failed> {
    let began = Instant::now();
    loop {
        let figures = Figures::before(scenario.moves, &|metric| daemon.samples(metric));
        match figures {
            Some(figures) if daemon.is_ready() => return Ok(figures),
            _ if began.elapsed() > PATIENCE => {
                return Err("the servers cannot be watched; this is a defect".into());
            }
            _ => tokio::time::sleep(INTERVAL / 4).await,
        }
    }
}

/// Prints the figures as they move, until they are as they should be.
async fn until(
    daemon: &Daemon,
    figures: &mut Figures,
    report: &Report,
    fulfilled: fn(&Figures) -> bool,
) -> bool {
    let began = Instant::now();
    loop {
        figures.look(&|metric| daemon.samples(metric));
        report.figures(figures);
        if fulfilled(figures) {
            return true;
        }
        if began.elapsed() > PATIENCE {
            return false;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// How the demo is watched, with every collector on and in a hurry.
fn config(
    flags: &Flags,
    catalog: &Catalog,
    scenario: &Scenario,
    stage: &Stage,
) -> Result<Config, Failed> {
    let mut config = demo::config(flags, catalog, stage.targets())?;
    config.discover = stage.discover(scenario, &config.targets);
    let polled = catalog.collectors().iter().filter(|collector| collector.is_polled());
    let hurried = polled.map(|collector| {
        let timeout = Some(collector.timeout.min(INTERVAL));
        let change =
            Override { enabled: Some(true), interval: Some(INTERVAL), timeout, keep: None };
        (collector.name.clone(), change)
    });
    config.policy = Arc::new(Policy { overrides: hurried.collect(), ..Policy::default() });
    Ok(config)
}
