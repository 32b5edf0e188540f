//! Every incident of the lab moves its metrics, and they are back when it is healed.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use pglens::daemon::Daemon;
use pglens::lab::figures::Figures;
use pglens::lab::scenarios::ALL;
use pglens::lab::{Scenario, Stage};

use crate::support::{Tested, Watching, config, hurried};

const SOON: Duration = Duration::from_secs(60);

/// At once: most of an incident is waiting, for locks or for time to pass.
const TOGETHER: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn incidents_show_and_heal() -> Tested {
    let played = stream::iter(ALL).map(|scenario| play(scenario)).buffer_unordered(TOGETHER);
    let failed: Vec<String> = played.filter_map(async |played| played.err()).collect().await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

async fn play(scenario: &'static Scenario) -> Result<(), String> {
    let began = Instant::now();
    let played = incident(scenario).await;
    let took = began.elapsed().as_secs_f64();
    eprintln!("{:28} {took:5.1} s {}", scenario.name, played.as_ref().err().map_or("", |e| e));
    played.map_err(|error| format!("{}: {error}", scenario.name))
}

async fn incident(scenario: &'static Scenario) -> Result<(), String> {
    let text = |error: pglens::lab::Error| error.to_string();
    let mut stage = Stage::build(scenario, Some(17), &|_| ()).await.map_err(text)?;
    let targets = stage.targets();
    let targets: Vec<_> = targets.iter().map(|(name, dsn)| (name.as_str(), dsn.clone())).collect();
    let mut config = config(&targets);
    config.policy = hurried();
    if let Some(limit) = scenario.exporter.series_limit {
        config.pages.series_limit = limit;
    }
    let watching = Watching::start(&config).await;
    let daemon = &watching.daemon;
    let before = || Figures::before(scenario.moves, &|metric| daemon.samples(metric));
    let began = Instant::now();
    let mut figures = loop {
        match before() {
            Some(figures) if daemon.is_ready() => break figures,
            _ if began.elapsed() > SOON => return Err("nothing to see before".into()),
            _ => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    };
    scenario.break_it(&mut stage).await.map_err(text)?;
    until(daemon, &mut figures, "shown", Figures::shown).await?;
    scenario.heal(&mut stage).await.map_err(text)?;
    until(daemon, &mut figures, "healed", Figures::healed).await?;
    watching.daemon.stop().await;
    Ok(())
}

async fn until(
    daemon: &Daemon,
    figures: &mut Figures,
    what: &str,
    fulfilled: fn(&Figures) -> bool,
) -> Result<(), String> {
    let began = Instant::now();
    loop {
        figures.look(&|metric| daemon.samples(metric));
        if fulfilled(figures) {
            return Ok(());
        }
        if began.elapsed() > SOON {
            let lines = figures.0.iter().map(|figure| {
                let (holds, now) = (figure.holds_since.is_some(), figure.now);
                format!("\n    {} {}: {holds}, {now:?}", figure.subject, figure.subject.to)
            });
            return Err(format!("not {what}{}", lines.collect::<String>()));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
