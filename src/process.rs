//! This process, in Prometheus' own words: `process_*` and what was scraped.

use prometheus::process_collector::ProcessCollector;
use prometheus::{IntCounter, IntGauge, Opts, Registry, TextEncoder};

/// The registry of what is about the process and not about a server.
pub struct Process {
    registry: Registry,
    scrapes: IntCounter,
}

impl Process {
    /// # Errors
    /// When a name is taken twice, which a test would have seen.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        registry.register(Box::new(ProcessCollector::for_self()))?;

        let scrapes = IntCounter::new("pglens_scrapes_total", "Requests for the exposition.")?;
        registry.register(Box::new(scrapes.clone()))?;

        let build = IntGauge::with_opts(
            Opts::new("pglens_build_info", "1, labelled with the version of this program.")
                .const_label("version", env!("CARGO_PKG_VERSION")),
        )?;
        build.set(1);
        registry.register(Box::new(build))?;
        Ok(Self { registry, scrapes })
    }

    pub fn scraped(&self) {
        self.scrapes.inc();
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
