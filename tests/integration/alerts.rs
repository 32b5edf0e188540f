//! The proof by fault: a real Prometheus with our rules, and every alert of a
//! scenario fires when it happens and resolves when it is healed. What fires beside it
//! is no failure here: time is compressed, so whatever takes the machine a second is a
//! minute to a rule. That nothing fires without a fault is a test of its own.
//!
//! Nobody waits six hours here: time is compressed for each alert as far as its
//! longest duration needs. What was measured goes to `alerts/proof.toml` when
//! `PGLENS_PROOF=write` is set; `docs/alerts.md` is generated from it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use pglens::alerts::{Alert, Alerts, Links, PROOFS, Per, Squeeze, Unit, yaml};
use pglens::lab::Scenario;
use pglens::lab::demo::{Demo, Options};

use crate::incident::Incident;
use crate::lab::{all, wanted};
use crate::pooler::Busy;
use crate::prometheus::{NodeExporter, Prometheus};
use crate::support::{Tested, Watching, config_of, every};

/// At once: most of an incident is waiting for the alert's time to pass.
const TOGETHER: usize = 6;

/// Not the major of the lab's own test: two are more than one.
const MAJOR: u16 = 17;

/// What the longest duration of an alert becomes, if it is longer.
const LONGEST: Duration = Duration::from_secs(20);

/// An alert's durations are divided by no less: a minute is a second.
const LEAST: u32 = 60;

/// Between two polls. What is not renewed in three is dropped, and here many servers
/// share a small machine.
const INTERVAL: Duration = Duration::from_secs(2);

/// How long an alert may take to fire, or to resolve.
const PATIENCE: Duration = Duration::from_secs(100);

/// Fires where a scrape takes longer than this Prometheus waits.
const SLOW: &str = "PostgresExporterDown";

/// Values that no fault of seconds reaches, of the ones that alerts compare with.
const SMALL: [(&str, f64); 10] = [
    ("xmin_horizon", 2_000.0),
    ("bloat_floor", 4_194_304.0),
    ("slot_retained", 167_772_160.0),
    ("slot_retained_inactive", 167_772_160.0),
    ("replica_lag_bytes", 67_108_864.0),
    // And what a small machine that does four things at once can do in one.
    ("sessions_new", 10.0),
    ("temp_files", 10_485_760.0),
    // Three and ten times the average of a day, where the day is as short as the burst
    // and the burst has to last for its `for` before it is the average itself.
    ("wal_spike", 1.5),
    ("log_errors", 1.2),
    // Servers that were down a moment ago are not polled everywhere at once.
    ("collector_stale", 20.0),
];

/// These fire without a server.
const APART: [&str; 2] = ["PostgresMonitoringWatchdog", "PostgresMetricsAbsent"];

/// Reads node_exporter, which cannot stand beside each of many servers on one host.
const BESIDE_NODE_EXPORTER: &str = "load-saturated";

/// An alert as this test has it.
struct Compressed {
    alert: Alert,
    factor: u32,
    /// Thresholds that are not the source's.
    thresholds: BTreeMap<String, f64>,
}

/// Every rule, compressed.
struct Rules {
    by_name: HashMap<String, Compressed>,
    text: String,
}

impl Rules {
    fn new(alerts: &Alerts) -> Result<Self, Box<dyn std::error::Error>> {
        let mut by_name = HashMap::new();
        let mut all = squeezed(alerts, LEAST)?.0;
        for alert in all.areas.iter_mut().flat_map(|area| &mut area.alerts) {
            let source = alerts.alert(&alert.name).ok_or("an alert without a source")?;
            let factor = factor(alerts, source);
            let (squeezed, changes) = squeezed(alerts, factor)?;
            *alert = squeezed.alert(&alert.name).ok_or("an alert was lost")?.clone();
            let named = |(name, _): &(String, f64)| source.expr.contains(&format!("{{{name}}}"));
            let thresholds = changes.into_iter().filter(named).collect();
            let compressed = Compressed { alert: alert.clone(), factor, thresholds };
            by_name.insert(alert.name.clone(), compressed);
        }
        let links = Links::default();
        let mut groups = vec![all.recording_group()?];
        groups.extend(all.alert_groups(false, &links)?);
        groups.extend(all.alert_groups(true, &links)?);
        Ok(Self { by_name, text: yaml(&serde_json::json!({ "groups": groups }))? })
    }
}

fn squeezed(
    alerts: &Alerts,
    factor: u32,
) -> Result<(Alerts, BTreeMap<String, f64>), Box<dyn std::error::Error>> {
    let squeeze = Squeeze::by(factor).ages();
    let squeeze = SMALL.iter().fold(squeeze, |squeeze, (name, value)| squeeze.set(name, *value));
    let squeezed = squeeze.apply(alerts)?;
    let changes = squeezed.changes.into_iter().map(|change| (change.threshold, change.to));
    Ok((squeezed.alerts, changes.collect()))
}

/// How much faster time has to pass for this alert.
fn factor(alerts: &Alerts, alert: &Alert) -> u32 {
    let ages = alerts
        .thresholds
        .iter()
        .filter(|(name, threshold)| {
            threshold.unit == Unit::Age && alert.expr.contains(&format!("{{{name}}}"))
        })
        .map(|(_, threshold)| Duration::from_secs_f64(threshold.value));
    let words = alert.expr.split(|c: char| !c.is_ascii_alphanumeric());
    let ranges = words.filter_map(|word| humantime::parse_duration(word).ok());
    let durations = [alert.holds, alert.keep_firing_for].into_iter().chain(ages).chain(ranges);
    let longest = durations.max().unwrap_or_default().as_secs();
    u32::try_from(longest / LONGEST.as_secs()).unwrap_or(u32::MAX).max(LEAST)
}

/// One line of the table of proofs.
struct Measured {
    alert: String,
    scenario: &'static str,
    fired: Duration,
    resolved: Duration,
}

struct Proof {
    prometheus: Prometheus,
    rules: Rules,
    measured: Mutex<Vec<Measured>>,
}

impl Proof {
    /// A Prometheus for one scenario, where it is about there being nothing to scrape.
    fn own(&self, scenario: &Scenario) -> Result<Option<Prometheus>, String> {
        let is_whole = |name: &&str| {
            self.rules.by_name.get(*name).is_some_and(|rule| rule.alert.per == Per::Whole)
        };
        if !scenario.alerts.iter().any(is_whole) {
            return Ok(None);
        }
        Prometheus::start(&self.rules.text).map(Some).map_err(|error| error.to_string())
    }

    async fn play(&self, scenario: &'static Scenario) -> Result<(), String> {
        let began = Instant::now();
        let played = self.incident(scenario).await;
        let took = began.elapsed().as_secs_f64();
        eprintln!("{:34} {took:5.1} s {}", scenario.name, played.as_ref().err().map_or("", |e| e));
        // One that began with nothing has nothing to forget.
        let _ = self.prometheus.forget(scenario.name);
        if std::env::var("PGLENS_PROOF").is_ok_and(|wish| wish == "write") {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/alerts/proof.toml");
            std::fs::write(path, self.table()).map_err(|error| error.to_string())?;
        }
        played.map_err(|error| format!("{}: {error}", scenario.name))
    }

    async fn incident(&self, scenario: &'static Scenario) -> Result<(), String> {
        let mut incident = Incident::prepare(scenario, MAJOR, INTERVAL).await?;
        let page = incident.daemon.as_ref().map(|daemon| daemon.addresses[0]);
        let page = page.ok_or("nobody watches")?;
        let own = self.own(scenario)?;
        let prometheus = own.as_ref().unwrap_or(&self.prometheus);
        let firing = async || {
            let mut firing = prometheus.firing(Some(scenario.name)).await;
            if own.is_some() {
                firing.extend(prometheus.firing(None).await);
            }
            firing
        };
        let mut pages = vec![page];
        let node = match scenario.name == BESIDE_NODE_EXPORTER {
            true => Some(NodeExporter::start().map_err(|error| error.to_string())?),
            false => None,
        };
        pages.extend(node.as_ref().map(|node| node.address));
        prometheus.scrape(scenario.name, &pages).map_err(|error| error.to_string())?;
        let scraped = format!("up{{cluster=\"{}\"}} == 1", scenario.name);
        let since = Instant::now();
        while prometheus.results(&scraped).await < pages.len() {
            if since.elapsed() > PATIENCE {
                return Err("it is not scraped".into());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        // Every counter is seen before it moves.
        tokio::time::sleep(Duration::from_secs(5)).await;

        let expected: BTreeSet<String> = scenario.alerts.iter().map(|&name| name.into()).collect();
        let mut fired = BTreeMap::new();
        let since = Instant::now();
        incident.break_it().await?;
        while !expected.iter().all(|name| fired.contains_key(name)) {
            for name in firing().await {
                fired.entry(name).or_insert_with(|| since.elapsed());
            }
            if since.elapsed() > PATIENCE {
                let missing: Vec<_> =
                    expected.iter().filter(|name| !fired.contains_key(*name)).collect();
                let others: Vec<_> = fired.keys().collect();
                return Err(format!("did not fire: {missing:?}; fired: {others:?}"));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let since = Instant::now();
        incident.heal().await?;
        let mut resolved = BTreeMap::new();
        while resolved.len() < expected.len() {
            let firing = firing().await;
            // One that comes back was not resolved.
            resolved.retain(|name, _| !firing.contains(name));
            for name in expected.difference(&firing) {
                resolved.entry(name.clone()).or_insert_with(|| since.elapsed());
            }
            if since.elapsed() > PATIENCE {
                return Err(format!("did not resolve: {firing:?}"));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        incident.end().await;
        let mut measured = self.measured.lock().map_err(|error| error.to_string())?;
        measured.extend(expected.into_iter().map(|alert| Measured {
            fired: fired[&alert],
            resolved: resolved[&alert],
            scenario: scenario.name,
            alert,
        }));
        Ok(())
    }

    /// The table, each alert by the scenario that its source names.
    fn table(&self) -> String {
        let mut text = "# What the proof by fault measured, one [[proof]] an alert; written by\n\
             # PGLENS_PROOF=write cargo test --test integration alerts:: -- --ignored\n"
            .to_owned();
        let measured = self.measured.lock().unwrap();
        let mut rules: Vec<_> = self.rules.by_name.values().collect();
        rules.sort_by_key(|rule| rule.alert.name.as_str());
        for rule in rules {
            let name = &rule.alert.name;
            let now = measured.iter().find(|proof| {
                proof.alert == *name && rule.alert.scenario.as_deref() == Some(proof.scenario)
            });
            // What was not played this time stays as it was.
            let before = || {
                let before = PROOFS.iter().find(|proof| proof.alert == *name)?;
                Some((&*before.scenario, before.seconds_to_fire, before.seconds_to_resolve))
            };
            let now = now.map(|proof| {
                (proof.scenario, proof.fired.as_secs_f64(), proof.resolved.as_secs_f64())
            });
            let Some((scenario, fired, resolved)) = now.or_else(before) else { continue };
            let _ = write!(
                text,
                "\n[[proof]]\nalert = \"{name}\"\nscenario = \"{scenario}\"\n\
                 seconds_to_fire = {fired:.1}\nseconds_to_resolve = {resolved:.1}\n\
                 compression = {}\n",
                rule.factor
            );
            if !rule.thresholds.is_empty() {
                let pairs: Vec<_> =
                    rule.thresholds.iter().map(|(name, to)| format!("{name} = {to}")).collect();
                let _ = writeln!(text, "thresholds = {{ {} }}", pairs.join(", "));
            }
        }
        text
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus and PgBouncer; .ci/run has them"]
async fn every_alert_fires_for_its_fault_and_resolves() -> Tested {
    let rules = Rules::new(&Alerts::builtin().map_err(|problems| format!("{problems:?}"))?)?;
    let prometheus = Prometheus::start(&rules.text)?;
    let proof = Proof { prometheus, rules, measured: Mutex::default() };
    let scenarios = wanted().filter(|scenario| !scenario.alerts.is_empty());
    let failed = all(scenarios, TOGETHER, |scenario| proof.play(scenario)).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

/// The shop of the demo, without the incidents that it plays, and a pooler with a little
/// less than it can take: nothing fires.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Prometheus and Debian's mirror; .ci/run has them"]
async fn a_healthy_primary_with_its_replica_under_load_fires_nothing() -> Tested {
    let rules = Rules::new(&Alerts::builtin().map_err(|problems| format!("{problems:?}"))?)?;
    let prometheus = Prometheus::start(&rules.text)?;
    let proof = Proof { prometheus, rules, measured: Mutex::default() };
    let demo =
        Demo::start(Options { major: Some(MAJOR), healthy: true, ..Options::default() }).await?;
    let pooled = Busy::before(&demo.primary).await?;
    let mut targets = demo.targets();
    targets.push(pooled.target());
    let mut config = config_of(&targets);
    config.policy = every(INTERVAL);
    let watching = Watching::start(&config).await;
    // Before anything is scraped there is one alert to fire, besides the watchdog.
    let began = Instant::now();
    while proof
        .prometheus
        .results("ALERTS{alertname=\"PostgresMetricsAbsent\",alertstate=\"firing\"}")
        .await
        == 0
    {
        assert!(began.elapsed() < PATIENCE, "PostgresMetricsAbsent does not fire");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    proof.prometheus.scrape("healthy", &watching.daemon.addresses[..1])?;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        let mut firing = proof.prometheus.firing(Some("healthy")).await;
        // Minutes are seconds here: one page that a busy machine needs a second for is
        // an exporter that was gone for minutes.
        firing.remove(SLOW);
        assert!(firing.is_empty(), "{firing:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let began = Instant::now();
    while !proof.prometheus.firing(Some("healthy")).await.is_empty() {
        assert!(began.elapsed() < PATIENCE, "{SLOW} fires still");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let apart = APART.join("|");
    let others = format!("ALERTS{{alertname!~\"{apart}\",alertstate=\"firing\"}}");
    assert_eq!(proof.prometheus.results(&others).await, 0);
    Ok(())
}
