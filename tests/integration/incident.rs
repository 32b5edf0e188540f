//! A scenario of the lab, watched by a daemon as the real one would.

use std::time::{Duration, Instant};

use pglens::config::Config;
use pglens::daemon::Daemon;
use pglens::lab::figures::Figures;
use pglens::lab::{Part, Scenario, Stage};

use crate::support::{catalog, config_of, every};

const SOON: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(250);

pub struct Incident {
    pub scenario: &'static Scenario,
    /// None while the incident is that there is none.
    pub daemon: Option<Daemon>,
    pub figures: Figures,
    config: Config,
    stage: Stage,
}

impl Incident {
    /// Builds the servers and watches them until there are figures.
    pub async fn prepare(
        scenario: &'static Scenario,
        major: u16,
        interval: Duration,
    ) -> Result<Self, String> {
        let stage = Stage::build(scenario, Some(major), &|_| ()).await.map_err(text)?;
        let mut config = config_of(&stage.targets());
        config.policy = every(interval);
        config.discover = stage.discover(scenario, &config.targets);
        let daemon = Daemon::start(&config, catalog()).await.map_err(text)?;
        // Started again, it answers where it did.
        config.web.listen_addresses = daemon.addresses.iter().map(ToString::to_string).collect();
        let began = Instant::now();
        let figures = loop {
            match Figures::before(scenario.moves, &|metric| daemon.samples(metric)) {
                Some(figures) if daemon.is_ready() => break figures,
                _ if began.elapsed() > SOON => return Err("nothing to see before".into()),
                _ => tokio::time::sleep(LOOK).await,
            }
        };
        Ok(Self { scenario, daemon: Some(daemon), figures, config, stage })
    }

    pub async fn break_it(&mut self) -> Result<(), String> {
        self.scenario.break_it(&mut self.stage).await.map_err(text)?;
        match (self.scenario.exporter.part, self.daemon.take()) {
            (Part::Ends, Some(daemon)) => daemon.stop().await,
            (Part::Pauses, Some(daemon)) => {
                daemon.pause(true);
                self.daemon = Some(daemon);
            }
            (_, daemon) => self.daemon = daemon,
        }
        Ok(())
    }

    pub async fn heal(&mut self) -> Result<(), String> {
        self.scenario.heal(&mut self.stage).await.map_err(text)?;
        match (self.scenario.exporter.part, &self.daemon) {
            (Part::Watches, _) => {}
            (Part::Pauses, Some(daemon)) => daemon.pause(false),
            (Part::Reloads, Some(_)) => {
                if let Some(daemon) = &mut self.daemon {
                    daemon.reload(&self.config, catalog()).await;
                }
            }
            _ => {
                if let Some(daemon) = self.daemon.take() {
                    daemon.stop().await;
                }
                self.daemon = Some(Daemon::start(&self.config, catalog()).await.map_err(text)?);
            }
        }
        Ok(())
    }

    /// Waits until every metric is where the fault drives it.
    pub async fn shown(&mut self) -> Result<(), String> {
        self.until("shown", Figures::shown).await
    }

    pub async fn healed(&mut self) -> Result<(), String> {
        self.until("healed", Figures::healed).await
    }

    pub async fn end(self) {
        if let Some(daemon) = self.daemon {
            daemon.stop().await;
        }
    }

    async fn until(&mut self, what: &str, fulfilled: fn(&Figures) -> bool) -> Result<(), String> {
        let began = Instant::now();
        // Whoever has ended shows nothing, and there is nothing to wait for.
        while let Some(daemon) = &self.daemon {
            self.figures.look(&|metric| daemon.samples(metric));
            if fulfilled(&self.figures) {
                break;
            }
            if began.elapsed() > SOON {
                let lines = self.figures.0.iter().map(|figure| {
                    let (holds, now) = (figure.holds_since.is_some(), figure.now);
                    format!("\n    {} {}: {holds}, {now:?}", figure.subject, figure.subject.to)
                });
                return Err(format!("not {what}{}", lines.collect::<String>()));
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
