//! The keys that a configuration file and `PGLENS_…__…` variables may set.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use config::{Environment, FileFormat};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Error, Flags, LogFormat};
use crate::catalog::{Preset, Software};
use crate::dsn::Secret;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub preset: Preset,
    pub web: Web,
    pub log: Log,
    pub limits: Limits,
    /// Patterns by label: only these, and not these.
    pub include: BTreeMap<String, Vec<String>>,
    pub exclude: BTreeMap<String, Vec<String>>,
    pub targets: BTreeMap<String, Target>,
    /// Files with more of them, by pattern.
    pub target_files: Vec<String>,
    /// Where targets are found.
    pub discover: BTreeMap<String, Discover>,
    pub collectors: BTreeMap<String, Collector>,
    pub collectors_directory: Option<PathBuf>,
    pub extend_query_path: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Web {
    pub listen_address: OneOrMany,
    pub telemetry_path: String,
    pub config_file: Option<PathBuf>,
    pub enable_lifecycle: bool,
    pub enable_openmetrics: bool,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            // postgres_exporter's port, so that nobody has to change a scrape job.
            listen_address: OneOrMany::One(":9187".into()),
            telemetry_path: "/metrics".into(),
            config_file: None,
            enable_lifecycle: false,
            enable_openmetrics: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Logfmt }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub connections: usize,
    pub series: usize,
}

/// Several times what a large server has with the default caps.
pub const DEFAULT_SERIES: usize = 20_000;

impl Default for Limits {
    fn default() -> Self {
        Self { connections: crate::poll::DEFAULT_CONNECTIONS, series: DEFAULT_SERIES }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Target {
    pub dsn: Option<SecretText>,
    pub password_file: Option<PathBuf>,
    pub exclude_databases: Vec<String>,
    pub include_databases: Vec<String>,
    /// postgresql, if not said otherwise, or pgbouncer.
    pub software: Software,
    /// rds, aurora, azure or cloudsql.
    pub managed: Option<String>,
    pub logs: crate::logs::Wishes,
    pub labels: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Discover {
    /// Addresses of Patroni's REST interface.
    pub patroni: Option<OneOrMany>,
    /// The target whose standbys are meant.
    pub replicas_of: Option<String>,
    /// Where these standbys listen, which their primary does not know.
    pub port: Option<u16>,
    /// What all of them have in common.
    pub target: Option<Target>,
    pub interval: Option<humantime_serde::Serde<Duration>>,
    pub grace: Option<humantime_serde::Serde<Duration>>,
    pub max_targets: Option<usize>,
    pub basic_auth: Option<BasicAuth>,
    pub tls: Option<ClientTls>,
}

/// The words of Prometheus' own configuration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    pub username: String,
    pub password_file: PathBuf,
}

/// The words of Prometheus' own configuration.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientTls {
    pub ca_file: Option<PathBuf>,
    pub cert_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Collector {
    pub enabled: Option<bool>,
    pub interval: Option<humantime_serde::Serde<Duration>>,
    pub timeout: Option<humantime_serde::Serde<Duration>>,
    /// Objects with series of their own.
    pub keep: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an address or a list of addresses")]
pub enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

/// A connection string, which may hold a password.
pub struct SecretText(Secret);

impl SecretText {
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// Joins file, environment and flags.
pub fn layered(
    file: Option<&(PathBuf, String)>,
    flags: &Flags,
    variables: &BTreeMap<String, String>,
) -> Result<Settings, Error> {
    let mut builder = config::Config::builder();
    if let Some((path, text)) = file {
        parse::<Settings>(path, text)?;
        builder = builder.add_source(config::File::from_str(text, FileFormat::Toml));
    }
    // Only names with a section: PGLENS_CACHE and the like are not configuration.
    let sectioned = variables
        .iter()
        .filter(|(name, _)| name.contains("__"))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    builder = builder.add_source(
        Environment::with_prefix("PGLENS")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(true)
            .source(Some(sectioned)),
    );
    let listen = (!flags.listen_addresses.is_empty()).then(|| flags.listen_addresses.clone());
    let format = flags.log_format.map(|format| format!("{format:?}").to_lowercase());
    builder
        .set_override_option("web.listen_address", listen)
        .and_then(|b| b.set_override_option("web.telemetry_path", flags.telemetry_path.clone()))
        .and_then(|b| {
            let lifecycle = flags.enable_lifecycle.then_some(true);
            b.set_override_option("web.enable_lifecycle", lifecycle)
        })
        .and_then(|b| {
            let openmetrics = flags.enable_openmetrics.then_some(true);
            b.set_override_option("web.enable_openmetrics", openmetrics)
        })
        .and_then(|b| b.set_override_option("preset", flags.preset.clone()))
        .and_then(|b| b.set_override_option("web.config_file", path(&flags.web_config_file)))
        .and_then(|b| {
            b.set_override_option("collectors_directory", path(&flags.collectors_directory))
        })
        .and_then(|b| b.set_override_option("extend_query_path", path(&flags.extend_query_path)))
        .and_then(|b| b.set_override_option("log.level", flags.log_level.clone()))
        .and_then(|b| b.set_override_option("log.format", format))
        .and_then(|b| b.build())
        .and_then(config::Config::try_deserialize)
        .map_err(|error| Error::Layer(format!("configuration: {}", without_values(&error))))
}

fn path(flag: &Option<PathBuf>) -> Option<String> {
    flag.as_ref().map(|path| path.to_string_lossy().into_owned())
}

/// A file alone, for an error to have a line. The parser's own text of it
/// would quote the line, and the line may hold a password.
pub fn parse<T: DeserializeOwned>(path: &std::path::Path, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        Error::File {
            path: path.into(),
            line: before.map_or(1, |before| before.matches('\n').count() + 1),
            message: in_plain_words(&without_strings(error.message())),
        }
    })
}

/// Says which key is wrong and how, without what stands there.
fn without_values(error: &config::ConfigError) -> String {
    match error {
        config::ConfigError::Type { expected, key, .. } => {
            format!("{} must be {expected}", key.as_deref().unwrap_or("a value"))
        }
        error => in_plain_words(&without_strings(&error.to_string())),
    }
}

/// Names of Rust's types mean nothing to who writes a configuration.
fn in_plain_words(message: &str) -> String {
    message
        .replace("expected usize", "expected a whole number")
        .replace("expected a duration", "expected a duration such as \"30s\"")
}

/// serde quotes an unexpected value as `string "…"`.
fn without_strings(message: &str) -> String {
    match message.split_once("string \"") {
        Some((before, rest)) => {
            let after = rest.rsplit_once('"').map_or("", |(_, after)| after);
            format!("{before}a string{after}")
        }
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Settings, Error> {
        layered(Some(&("x.toml".into(), text.into())), &Flags::default(), &BTreeMap::new())
    }

    fn error(text: &str) -> String {
        file(text).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let message = error("[web]\nlisten_address = \":1\"\nlisten_adress = \":2\"\n");
        assert!(message.starts_with("x.toml:3: unknown field `listen_adress`"), "{message}");
    }

    #[test]
    fn a_wrong_value_is_an_error_with_its_line_and_without_the_value() {
        let message = error("[limits]\nconnections = \"hunter2\"\n");
        assert!(message.starts_with("x.toml:2: "), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
        let message = error("[targets.a]\ndsn = 'postgres://u:hunter2@h'\ndsn = 1\n");
        assert!(message.starts_with("x.toml:"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let text =
            "[web]\nlisten_address = \":1\"\ntelemetry_path = \"/f\"\n[log]\nlevel = \"warn\"";
        let variables = BTreeMap::from([
            ("PGLENS_WEB__TELEMETRY_PATH".to_owned(), "/e".to_owned()),
            ("PGLENS_LOG__LEVEL".to_owned(), "error".to_owned()),
            ("PGLENS_CACHE".to_owned(), "/x".to_owned()),
        ]);
        let flags = Flags { log_level: Some("debug".into()), ..Flags::default() };
        let settings = layered(Some(&("x.toml".into(), text.into())), &flags, &variables).unwrap();
        assert_eq!(settings.web.listen_address.into_vec(), [":1"]);
        assert_eq!(settings.web.telemetry_path, "/e");
        assert_eq!(settings.log.level, "debug");
    }

    #[test]
    fn an_unknown_variable_is_an_error() {
        let variables = BTreeMap::from([("PGLENS_WEB__PORT".to_owned(), "1".to_owned())]);
        let message = layered(None, &Flags::default(), &variables).err().unwrap().to_string();
        assert!(message.contains("port"), "{message}");
    }
}
