//! What the user wrote, in flags, environment and file, and what we run of it.
//!
//! Flags win over the environment, the environment over the file, the file over
//! the defaults. An unknown key is an error that names its line. No error holds a
//! value, because the value may be a password.

mod discover;
mod file;
mod includes;
mod labels;
mod managed;
mod targets;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use humantime::format_duration;

pub use discover::{Discover, Lister, Login, Patroni};
pub use file::{ClientTls, DEFAULT_SERIES};
use includes::Servers;

use crate::catalog::{Catalog, Problem, Software};
use crate::dsn::{self, Environment, Source};
use crate::logs;
use crate::poll::{Filter, InvalidPattern, Override, Policy};
use crate::store::PagePolicy;

/// Everything that `pglens serve` needs to know.
#[derive(Clone)]
pub struct Config {
    pub web: Web,
    pub log: Log,
    pub pages: PagePolicy,
    pub targets: Vec<Target>,
    /// Where more targets are found.
    pub discover: Vec<Discover>,
    /// What is written for servers and not read, a sentence each.
    pub unused: Vec<String>,
    pub policy: Arc<Policy>,
    pub environment: Arc<Environment>,
}

#[derive(Clone, Debug)]
pub struct Web {
    /// `host:port`; an empty host is every address.
    pub listen_addresses: Vec<String>,
    pub telemetry_path: String,
    /// exporter-toolkit's file: TLS, users, headers.
    pub config_file: Option<PathBuf>,
    /// Whether `POST /-/pause` and its like are answered.
    pub enable_lifecycle: bool,
    pub enable_openmetrics: bool,
}

#[derive(Clone, Debug)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Logfmt,
    Json,
}

/// One server to watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub name: String,
    pub source: Source,
    pub software: Software,
    /// Labels on every series of it.
    pub labels: BTreeMap<String, String>,
    pub exclude_databases: Vec<String>,
    /// Only these are entered; all when empty.
    pub include_databases: Vec<String>,
    /// Collectors that its managed service does not offer.
    pub left_alone: Vec<String>,
    /// How its log is read.
    pub logs: logs::Wishes,
    /// The cluster that it must belong to, where one is known.
    pub system_identifier: Option<String>,
    /// The section that found it, if it is not written down.
    pub found_by: Option<String>,
}

impl Target {
    /// A server of which nothing is said but where it is.
    pub fn new(name: impl Into<String>, source: Source) -> Self {
        Self {
            name: name.into(),
            source,
            software: Software::PostgreSql,
            labels: BTreeMap::new(),
            exclude_databases: Vec::new(),
            include_databases: Vec::new(),
            left_alone: Vec::new(),
            logs: logs::Wishes::default(),
            system_identifier: None,
            found_by: None,
        }
    }
}

/// What the command line said; `None` and empty where it said nothing.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub listen_addresses: Vec<String>,
    pub telemetry_path: Option<String>,
    pub web_config_file: Option<PathBuf>,
    pub enable_lifecycle: bool,
    pub enable_openmetrics: bool,
    pub extend_query_path: Option<PathBuf>,
    pub collectors_directory: Option<PathBuf>,
    pub log_level: Option<String>,
    pub log_format: Option<LogFormat>,
    pub exclude_databases: Vec<String>,
    /// Databases to enter, all of them when empty.
    pub include_databases: Vec<String>,
    pub preset: Option<String>,
    pub constant_labels: Vec<(String, String)>,
    /// What there is to say about flags that were taken and have no effect.
    pub notes: Vec<String>,
    /// `--collector.X` and `--no-collector.X`.
    pub collectors: BTreeMap<String, bool>,
}

/// The configuration cannot be used; says where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}:{line}: {message}", path.display())]
    File { path: PathBuf, line: usize, message: String },
    #[error("{0}")]
    Layer(String),
    #[error("{}", lines(.0))]
    Catalog(Vec<Problem>),
    #[error("target \"{target}\": {error}")]
    Target { target: String, error: dsn::Error },
    #[error("{0}")]
    Environment(#[from] dsn::Error),
    #[error("target_files: \"{pattern}\": {message}")]
    Include { pattern: String, message: String },
    #[error("[{section}] is in {} and in {}", first.display(), second.display())]
    Twice { section: String, first: PathBuf, second: PathBuf },
    #[error("labels of {place}: \"{label}\": {message}")]
    Label { place: String, label: String, message: &'static str },
    #[error("discover.{name}: {message}")]
    Discover { name: String, message: String },
    #[error("target \"{0}\" has no dsn")]
    NoDsn(String),
    #[error("target \"{target}\": managed = \"{service}\" is none of {}", managed::names())]
    UnknownService { target: String, service: String },
    #[error("there is no collector \"{name}\"{}", near(.like))]
    UnknownCollector { name: String, like: Option<String> },
    #[error(
        "collector \"{collector}\": its timeout of {} must be below its interval of {}",
        format_duration(*.timeout), format_duration(*.interval)
    )]
    TimeoutAboveInterval { collector: String, timeout: Duration, interval: Duration },
    #[error("collectors.{collector}.keep = {keep}: {}", match least {
        Some(least) => format!("it ranks by {least} criteria, and each needs a place"),
        None => "it does not rank objects; pglens catalog tells which do".to_owned(),
    })]
    Keep { collector: String, keep: usize, least: Option<usize> },
    #[error("{0}")]
    Pattern(#[from] InvalidPattern),
    #[error("limits.connections = {0}: 2 are needed, one for quick polls and one for slow ones")]
    TooFewConnections(usize),
    #[error(
        "no server to watch: set DATA_SOURCE_NAME, for example \
         DATA_SOURCE_NAME='postgresql://pglens@localhost:5432/postgres', \
         or add [targets.NAME] with dsn = \"…\" to the file of --config"
    )]
    NoTarget,
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

fn near(like: &Option<String>) -> String {
    like.as_ref().map_or_else(String::new, |like| format!("; did you mean \"{like}\"?"))
}

impl Config {
    /// Reads all layers, and joins the user's own collectors with `builtin`.
    /// Touches no server.
    pub fn load(
        flags: &Flags,
        builtin: Catalog,
        environment: Environment,
    ) -> Result<(Self, Catalog), Error> {
        let text = match &flags.config {
            Some(path) => Some((path.clone(), read(path)?)),
            None => None,
        };
        let settings = file::layered(text.as_ref(), flags, &environment.variables)?;
        let directory = settings.collectors_directory.as_deref();
        let catalog = builtin
            .extended(directory, settings.extend_query_path.as_deref())
            .map_err(Error::Catalog)?;

        if settings.limits.connections < 2 {
            return Err(Error::TooFewConnections(settings.limits.connections));
        }
        let policy = Policy {
            preset: settings.preset,
            overrides: overrides(settings.collectors, flags, &catalog)?,
            filter: Filter::new(&settings.include, &settings.exclude)?,
            connections: settings.limits.connections,
        };
        let itself = Servers { targets: settings.targets, discover: settings.discover };
        let servers = includes::include(itself, &settings.target_files, flags.config.as_deref())?;
        let unused = targets::unused(&servers, &environment);
        let (targets, discover) = targets::targets(servers, flags, &environment)?;
        labels::check(&targets, &discover, &flags.constant_labels, &catalog)?;
        let config = Self {
            web: Web {
                listen_addresses: settings.web.listen_address.into_vec(),
                telemetry_path: settings.web.telemetry_path,
                config_file: settings.web.config_file,
                enable_lifecycle: settings.web.enable_lifecycle,
                enable_openmetrics: settings.web.enable_openmetrics,
            },
            log: Log { level: settings.log.level, format: settings.log.format },
            pages: PagePolicy {
                series_limit: settings.limits.series,
                constant_labels: flags.constant_labels.clone(),
            },
            targets,
            discover,
            unused,
            policy: Arc::new(policy),
            environment: Arc::new(environment),
        };
        Ok((config, catalog))
    }

    /// Whether each series has to say which target it is of.
    pub fn names_targets(&self) -> bool {
        self.targets.len() > 1 || !self.discover.is_empty()
    }
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.into(), source })
}

fn overrides(
    written: BTreeMap<String, file::Collector>,
    flags: &Flags,
    catalog: &Catalog,
) -> Result<HashMap<String, Override>, Error> {
    let mut overrides: HashMap<String, Override> = written
        .into_iter()
        .map(|(name, collector)| {
            let change = Override {
                enabled: collector.enabled,
                interval: collector.interval.map(|interval| interval.into_inner()),
                timeout: collector.timeout.map(|timeout| timeout.into_inner()),
                keep: collector.keep,
            };
            (name, change)
        })
        .collect();
    for (name, enabled) in &flags.collectors {
        overrides.entry(name.clone()).or_default().enabled = Some(*enabled);
    }
    for (name, change) in &overrides {
        let Some(collector) = catalog.collector(name).filter(|collector| collector.is_polled())
        else {
            let like = catalog
                .collectors()
                .iter()
                .map(|collector| (strsim::jaro_winkler(name, &collector.name), collector))
                .filter(|(similarity, _)| *similarity > 0.8)
                .max_by(|(a, _), (b, _)| a.total_cmp(b))
                .map(|(_, collector)| collector.name.clone());
            return Err(Error::UnknownCollector { name: name.clone(), like });
        };
        if let Some(keep) = change.keep {
            // Each criterion must be able to keep its best.
            let least = collector.top.as_ref().map(|top| top.by.len());
            if least.is_none_or(|least| keep < least) {
                return Err(Error::Keep { collector: name.clone(), keep, least });
            }
        }
        let interval = change.interval.unwrap_or(collector.interval);
        let timeout = change.timeout.unwrap_or(collector.timeout);
        if timeout >= interval {
            return Err(Error::TimeoutAboveInterval { collector: name.clone(), timeout, interval });
        }
    }
    Ok(overrides)
}
