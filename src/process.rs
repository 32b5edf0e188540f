//! This process, in Prometheus' own words: `process_*` and what was scraped.

mod discovery;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus::process_collector::ProcessCollector;
use prometheus::{Gauge, IntCounter, IntGauge, Opts, Registry, TextEncoder};

use discovery::Discovery;

/// The registry of what is about the process and not about a server.
pub struct Process {
    registry: Registry,
    scrapes: IntCounter,
    last_duration: Gauge,
    last_error: IntGauge,
    reload_successful: IntGauge,
    reload_success_time: Gauge,
    discovery: Discovery,
}

impl Process {
    /// # Errors
    /// When a name is taken twice, which a test would have seen.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        registry.register(Box::new(ProcessCollector::for_self()))?;

        // These three have the names that postgres_exporter's dashboards and rules
        // look for.
        let scrapes = IntCounter::new("pg_exporter_scrapes_total", "Requests for metrics.")?;
        registry.register(Box::new(scrapes.clone()))?;
        let last_duration = Gauge::new(
            "pg_exporter_last_scrape_duration_seconds",
            "Time that the last answer took to put together, in seconds.",
        )?;
        registry.register(Box::new(last_duration.clone()))?;
        let last_error = IntGauge::new(
            "pg_exporter_last_scrape_error",
            "1 if a server was down or a collector failing when metrics were last asked for.",
        )?;
        registry.register(Box::new(last_error.clone()))?;

        let reload_successful = IntGauge::new(
            "pglens_config_last_reload_successful",
            "1 if the configuration could be used when it was last read, else 0.",
        )?;
        registry.register(Box::new(reload_successful.clone()))?;
        let reload_success_time = Gauge::new(
            "pglens_config_last_reload_success_timestamp_seconds",
            "When the configuration in force was read.",
        )?;
        registry.register(Box::new(reload_success_time.clone()))?;

        let discovery = Discovery::new(&registry)?;
        let build = IntGauge::with_opts(
            Opts::new("pglens_build_info", "1, labelled with the version of this program.")
                .const_label("version", env!("CARGO_PKG_VERSION")),
        )?;
        build.set(1);
        registry.register(Box::new(build))?;
        Ok(Self {
            registry,
            scrapes,
            last_duration,
            last_error,
            reload_successful,
            reload_success_time,
            discovery,
        })
    }

    /// Metrics were asked for, and put together in `took`.
    pub fn scraped(&self, took: Duration, all_well: bool) {
        self.scrapes.inc();
        self.last_duration.set(took.as_secs_f64());
        self.last_error.set(i64::from(!all_well));
    }

    /// The configuration was read.
    pub fn reloaded(&self, successfully: bool) {
        self.reload_successful.set(i64::from(successfully));
        if let (true, Ok(now)) = (successfully, SystemTime::now().duration_since(UNIX_EPOCH)) {
            self.reload_success_time.set(now.as_secs_f64());
        }
    }

    /// Servers were looked for, and their list was had or not.
    pub fn discovered(&self, section: &str, successfully: bool) {
        self.discovery.looked(section, successfully);
    }

    /// Of the servers found so many are watched, and so many are too many.
    pub fn discovered_targets(&self, section: &str, watched: usize, dropped: usize) {
        self.discovery.found(section, watched, dropped);
    }

    /// The section is gone from the configuration.
    pub fn discovers_no_more(&self, section: &str) {
        self.discovery.forget(section);
    }

    pub fn exposition(&self) -> String {
        let mut text = String::new();
        // Writing into a String does not fail, and a family without a sample
        // would be a defect that the exposition test sees.
        if let Err(error) = TextEncoder::new().encode_utf8(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "encoding our own metrics");
        }
        text
    }
}
