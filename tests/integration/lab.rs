//! Every incident of the lab moves its metrics, and they are back when it is healed.

use std::time::Duration;

use pglens::lab::scenarios::{ALL, Stage};

use crate::support::{Page, Tested, Watching, config, hurried};

const SOON: Duration = Duration::from_secs(60);

fn largest(page: &Page, metric: &str) -> f64 {
    page.family(metric).into_values().fold(f64::NEG_INFINITY, f64::max)
}

#[tokio::test(flavor = "multi_thread")]
async fn incidents_show_and_heal() -> Tested {
    for scenario in ALL {
        assert!(pglens::lessons::section(scenario.lesson).is_some(), "{}", scenario.lesson);
        let stage = Stage::build(Some(17)).await?;
        let targets = [&stage.primary, &stage.replica]
            .map(|server| (server.name(), server.dsn_as("pglens", "postgres")));
        let mut config = config(&targets);
        config.policy = hurried();
        let watching = Watching::start(&config).await;
        let broken = scenario.break_it(&stage).await?;
        watching
            .until(scenario.name, SOON, |page| {
                scenario.moves.iter().all(|(metric, value)| largest(page, metric) >= *value)
            })
            .await;
        scenario.heal(&stage, broken).await?;
        watching
            .until("healed", SOON, |page| {
                scenario.moves.iter().all(|(metric, value)| largest(page, metric) < *value)
            })
            .await;
        watching.daemon.stop().await;
    }
    Ok(())
}
