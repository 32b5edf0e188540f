//! Every incident of the lab moves its metrics, and they are back when it is healed.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use pglens::lab::Scenario;
use pglens::lab::scenarios::ALL;

use crate::incident::Incident;
use crate::support::Tested;

/// Parts of the names of the scenarios to run, where only some are wanted.
pub const ONLY: &str = "PGLENS_SCENARIOS";

/// At once: most of an incident is waiting, for locks or for time to pass.
const TOGETHER: usize = 4;

const MAJOR: u16 = 18;

#[tokio::test(flavor = "multi_thread")]
async fn incidents_show_and_heal() -> Tested {
    show_and_heal(wanted().filter(|scenario| scenario.servers.pooler.is_none())).await
}

/// Servers are downloaded where there are none; PgBouncer cannot be.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PgBouncer; .ci/run has it"]
async fn incidents_of_a_pooler_show_and_heal() -> Tested {
    show_and_heal(wanted().filter(|scenario| scenario.servers.pooler.is_some())).await
}

async fn show_and_heal(scenarios: impl Iterator<Item = &'static Scenario>) -> Tested {
    let failed = all(scenarios, TOGETHER, play).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

/// What failed of the scenarios: some of them at once, and then once more, alone,
/// whoever failed in company. Many servers on a small machine wait for each other.
pub async fn all<F>(
    scenarios: impl Iterator<Item = &'static Scenario>,
    together: usize,
    play: impl Fn(&'static Scenario) -> F,
) -> Vec<String>
where
    F: Future<Output = Result<(), String>>,
{
    let played = stream::iter(scenarios)
        .map(|scenario| {
            let played = play(scenario);
            async move { played.await.err().map(|_| scenario) }
        })
        .buffer_unordered(together);
    let again: Vec<_> = played.filter_map(async |failed| failed).collect().await;
    let mut failed = Vec::new();
    for scenario in again {
        failed.extend(play(scenario).await.err());
    }
    failed
}

pub fn wanted() -> impl Iterator<Item = &'static Scenario> {
    let only = std::env::var(ONLY).unwrap_or_default();
    ALL.iter()
        .copied()
        .filter(move |scenario| only.split(',').any(|part| scenario.name.contains(part)))
}

async fn play(scenario: &'static Scenario) -> Result<(), String> {
    let began = Instant::now();
    let played = incident(scenario).await;
    let took = began.elapsed().as_secs_f64();
    eprintln!("{:34} {took:5.1} s {}", scenario.name, played.as_ref().err().map_or("", |e| e));
    played.map_err(|error| format!("{}: {error}", scenario.name))
}

async fn incident(scenario: &'static Scenario) -> Result<(), String> {
    let mut incident = Incident::prepare(scenario, MAJOR, Duration::from_secs(1)).await?;
    incident.break_it().await?;
    incident.shown().await?;
    incident.heal().await?;
    incident.healed().await?;
    incident.end().await;
    Ok(())
}
