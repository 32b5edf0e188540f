//! A real Prometheus between the demo under load and every query of every panel.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pglens::alerts::{Alerts, Links};
use pglens::dashboards::all;
use pglens::lab::demo::{Demo, Options};
use serde::Deserialize;
use serde_json::Value;

use crate::pooler::Busy;
use crate::prometheus::Prometheus;
use crate::support::{Tested, Watching, catalog, config_of, hurried};

/// Queries that have nothing to say about a healthy demo, with the reason of each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quiet {
    quiet: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    /// Words of PromQL: of the queries that have one of them, at least one is empty.
    reads: Vec<String>,
    /// Likewise, but it is a matter of the moment.
    #[serde(default)]
    sometimes: Vec<String>,
    because: String,
}

/// Long enough for a rate over four scrapes, and for what is polled seldom.
const SOON: Duration = Duration::from_secs(120);

const NO_RULES: &str = "groups: []\n";
const RECORDINGS: &str = include_str!("../../alerts/recording.yml");

/// One query, with what stands for Grafana's variables.
struct Asked {
    place: String,
    query: String,
    /// The only query of a panel that shows one figure.
    figure: bool,
}

fn asked(role: &str) -> Vec<Asked> {
    let catalog = catalog();
    let (alerts, links) = (Alerts::builtin().unwrap(), Links::default());
    let mut asked = Vec::new();
    for dashboard in all(&catalog, &alerts, &links).unwrap() {
        let single =
            variables(&dashboard.json).any(|it| it["name"] == "target" && it["multi"] == false);
        let target = if single { role } else { ".*" };
        let fill = |written: &str| {
            let mut query = written
                .replace("$__rate_interval", "20s")
                .replace("$__range_s", "60")
                .replace("$__range", "60s")
                .replace("\"$target\"", &format!("\"{target}\""));
            for name in [
                "job",
                "cluster",
                "instance",
                "datname",
                "schemaname",
                "relname",
                "indexrelname",
                "queryid",
            ] {
                query = query.replace(&format!("\"${name}\""), "\".*\"");
            }
            query
        };
        for variable in variables(&dashboard.json) {
            let written = variable["query"]["query"].as_str().unwrap();
            let (selector, label) = written
                .strip_prefix("label_values(")
                .and_then(|rest| rest.strip_suffix(')')?.rsplit_once(", "))
                .unwrap();
            let query = format!("group by ({label}) ({})", fill(selector));
            let place = format!("{}: ${label}", dashboard.uid);
            asked.push(Asked { place, query, figure: false });
        }
        for panel in panels(&dashboard.json) {
            let targets: Vec<_> = panel["targets"].as_array().into_iter().flatten().collect();
            let figure = panel["type"] == "stat" && targets.len() == 1;
            for target in targets {
                let place = format!("{}: {}", dashboard.uid, panel["title"].as_str().unwrap());
                let query = fill(target["expr"].as_str().unwrap());
                asked.push(Asked { place, query, figure });
            }
        }
    }
    asked
}

fn variables(dashboard: &Value) -> impl Iterator<Item = &Value> {
    let list = dashboard["templating"]["list"].as_array().unwrap();
    list.iter().filter(|variable| variable["type"] == "query")
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    let list = dashboard["panels"].as_array().unwrap();
    list.iter().flat_map(|panel| {
        std::iter::once(panel).chain(panel["panels"].as_array().into_iter().flatten())
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus, Debian's mirror and some minutes; .ci/run has them"]
async fn every_query_of_every_panel_has_data_or_a_reason_not_to() -> Tested {
    let quiet: Quiet = toml::from_str(include_str!("dashboards/quiet.toml"))?;
    let demo = Demo::start(Options::default()).await?;
    let pooled = Busy::before(&demo.primary).await?;
    let mut targets = demo.targets();
    targets.push(pooled.target());
    let mut config = config_of(&targets);
    config.policy = hurried();
    let watching = Watching::start(&config).await;
    let prometheus = Prometheus::start(RECORDINGS)?;
    prometheus.scrape("demo", &watching.daemon.addresses[..1])?;

    // A query has data when it has some for either server, or for the page of all.
    let (primary, replica) = (asked("primary"), asked("replica"));
    let mut waiting: Vec<_> = primary.iter().zip(&replica).collect();
    let began = Instant::now();
    while !waiting.is_empty() && began.elapsed() < SOON {
        let mut still = Vec::new();
        for (on_primary, on_replica) in waiting {
            let found = prometheus.results(&on_primary.query).await > 0
                || prometheus.results(&on_replica.query).await > 0;
            if !found {
                still.push((on_primary, on_replica));
            }
        }
        waiting = still;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }

    // Of two figures in the place of one nobody knows which it is.
    for asked in primary.iter().chain(&replica).filter(|asked| asked.figure) {
        let found = prometheus.results(&asked.query).await;
        assert!(found <= 1, "{}: {found} figures: {}", asked.place, asked.query);
    }

    let mut needed = BTreeSet::new();
    let mut lost = Vec::new();
    for (asked, _) in waiting {
        let words = quiet.quiet.iter().flat_map(|reason| reason.reads.iter());
        let excuses: Vec<_> = words.filter(|word| asked.query.contains(*word)).collect();
        let mut sometimes = quiet.quiet.iter().flat_map(|reason| reason.sometimes.iter());
        if excuses.is_empty() && !sometimes.any(|word| asked.query.contains(word)) {
            lost.push(format!("{}: {}", asked.place, asked.query));
        }
        needed.extend(excuses);
    }
    assert!(lost.is_empty(), "{} without data:\n{}", lost.len(), lost.join("\n"));
    for reason in &quiet.quiet {
        assert!(reason.because.ends_with('.'), "{}", reason.because);
        for word in &reason.reads {
            assert!(needed.contains(word), "nothing needs an excuse for {word}");
        }
    }
    println!("{} queries, {} excuses", primary.len(), needed.len());
    Ok(())
}

/// The stock dashboard asks for values, sums and rates of what `drop_in.rs` lists:
/// its file is in no registry, so it is its queries' metrics and labels that are
/// asked for here, in the forms that it uses.
async fn stock_dashboard_9628_has_data(major: u16) -> Tested {
    let demo = Demo::start(Options { major: Some(major), ..Options::default() }).await?;
    let watching = Watching::start(&config_of(&demo.targets())).await;
    let prometheus = Prometheus::start(NO_RULES)?;
    prometheus.scrape("demo", &watching.daemon.addresses[..1])?;
    for wanted in crate::drop_in::DASHBOARD_9628.split_whitespace() {
        let (name, labels) = wanted.split_once('{').unwrap_or((wanted, ""));
        let labels: Vec<_> = labels
            .trim_end_matches('}')
            .split(',')
            .filter(|label| !label.is_empty())
            .map(|label| format!("{label}!=\"\""))
            .collect();
        let selector = format!("{name}{{instance=~\".+\",{}}}", labels.join(","));
        for query in [format!("sum({selector})"), format!("irate({selector}[5m])")] {
            let began = Instant::now();
            while prometheus.results(&query).await == 0 {
                assert!(began.elapsed() < SOON, "no data on {major}: {query}");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus; .ci/run has it"]
async fn stock_dashboard_9628_has_data_on_17() -> Tested {
    stock_dashboard_9628_has_data(17).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus; .ci/run has it"]
async fn stock_dashboard_9628_has_data_on_18() -> Tested {
    stock_dashboard_9628_has_data(18).await
}
