//! The command line: what may be said, and what is done then.

mod alerts;
mod builtin;
mod commands;
mod dashboards;
#[cfg(feature = "lab")]
mod demo;
mod doctor;
mod examples;
#[cfg(feature = "lab")]
mod lab;
#[cfg(feature = "lab")]
mod lessons;
mod links;
mod postgres_exporter;
mod switches;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use switches::Switches;

use crate::catalog::{Catalog, TESTED_MAJORS};
use crate::config::{Flags, LogFormat};

#[derive(Parser)]
#[command(
    name = "pglens",
    version,
    about = "Watches PostgreSQL servers and serves what it knows to Prometheus.",
    after_help = examples::PGLENS
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Configuration")]
struct Options {
    /// Configuration file (TOML).
    #[arg(long, global = true, value_name = "FILE", env = "PGLENS_CONFIG")]
    config: Option<PathBuf>,

    /// Address to listen on, host:port or :port; may be given several times.
    #[arg(long = "web.listen-address", global = true, value_name = "ADDRESS")]
    listen_addresses: Vec<String>,

    /// Path of the exposition.
    #[arg(
        long = "web.telemetry-path",
        global = true,
        value_name = "PATH",
        env = "PG_EXPORTER_WEB_TELEMETRY_PATH"
    )]
    telemetry_path: Option<String>,

    /// TLS, users and headers (exporter-toolkit's YAML).
    #[arg(long = "web.config.file", global = true, value_name = "FILE")]
    web_config_file: Option<PathBuf>,

    /// Answer POST /-/reload, /-/pause and /-/resume.
    #[arg(long = "web.enable-lifecycle", global = true)]
    enable_lifecycle: bool,

    /// Send OpenMetrics to scrapers that prefer it.
    #[arg(long = "web.enable-openmetrics", global = true)]
    enable_openmetrics: bool,

    /// How much is collected: minimal, standard or everything.
    #[arg(long, global = true, value_name = "PRESET", value_parser = ["minimal", "standard", "everything"])]
    preset: Option<String>,

    /// Databases that are never entered, separated by commas.
    #[arg(
        long = "exclude-databases",
        global = true,
        value_name = "NAMES",
        value_delimiter = ',',
        env = "PG_EXPORTER_EXCLUDE_DATABASES"
    )]
    exclude_databases: Vec<String>,

    /// The only databases that are entered, separated by commas.
    #[arg(
        long = "include-databases",
        global = true,
        value_name = "NAMES",
        value_delimiter = ',',
        env = "PG_EXPORTER_INCLUDE_DATABASES"
    )]
    include_databases: Vec<String>,

    /// Labels on every series: name=value, separated by commas.
    #[arg(
        long = "constantLabels",
        global = true,
        value_name = "LABELS",
        env = "PG_EXPORTER_CONSTANT_LABELS"
    )]
    constant_labels: Option<String>,
    /// Your own queries in postgres_exporter's format (YAML).
    #[arg(
        long = "extend.query-path",
        global = true,
        value_name = "FILE",
        env = "PG_EXPORTER_EXTEND_QUERY_PATH"
    )]
    extend_query_path: Option<PathBuf>,

    /// Your own collectors in the format of ours (*.toml with *.sql).
    #[arg(
        long = "collectors.directory",
        global = true,
        value_name = "DIRECTORY",
        env = "PGLENS_COLLECTORS_DIRECTORY"
    )]
    collectors_directory: Option<PathBuf>,

    /// error, warn, info, debug or trace.
    #[arg(long = "log.level", global = true, value_name = "LEVEL")]
    log_level: Option<String>,

    /// How log lines look.
    #[arg(long = "log.format", global = true, value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

#[derive(Subcommand)]
enum Command {
    /// Watch the servers and serve metrics and the status page (the default).
    #[command(after_help = examples::SERVE)]
    Serve,
    /// Read configuration and catalogue, say what is wrong and where; touches no server.
    #[command(after_help = examples::CHECK)]
    Check,
    /// Connect to every server and say, for each collector, whether it runs or what it needs.
    #[command(after_help = examples::DOCTOR)]
    Doctor,
    /// Poll everything once and print the exposition.
    #[command(after_help = examples::ONCE)]
    Once,
    /// Print the metric reference.
    #[command(after_help = examples::CATALOG)]
    Catalog {
        /// md and json are the reference, sql is every query for one version.
        #[arg(long, default_value = "md")]
        format: CatalogFormat,
        /// Major version of the queries of --format sql.
        #[arg(long, default_value_t = *TESTED_MAJORS.end(), value_parser = majors())]
        major: u32,
    },
    /// Print the list of dashboards, or write them for Grafana.
    #[command(after_help = examples::DASHBOARDS)]
    Dashboards(dashboards::Arguments),
    /// Print the alert rules, or their reference.
    #[command(after_help = examples::ALERTS)]
    Alerts(alerts::Arguments),
    /// Print the course's pages with what shows each section, or write them.
    #[cfg(feature = "lab")]
    Lessons(lessons::Arguments),
    /// Start a throwaway primary and replica with a workload, and watch them.
    #[cfg(feature = "lab")]
    #[command(after_help = examples::DEMO)]
    Demo {
        /// Major version of PostgreSQL; the newest that can be had without it.
        #[arg(long)]
        major: Option<u16>,
    },
    /// Make an incident of the lessons on throwaway servers, and see what shows it.
    #[cfg(feature = "lab")]
    #[command(after_help = examples::LAB)]
    Lab {
        #[command(subcommand)]
        command: LabCommand,
    },
    /// What packages are built without; whoever types it is told where it is.
    #[cfg(not(feature = "lab"))]
    #[command(name = "lab", aliases = ["demo", "lessons"], hide = true)]
    WithoutLab {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        _arguments: Vec<String>,
    },
}

#[cfg(feature = "lab")]
#[derive(Subcommand)]
enum LabCommand {
    /// Name every incident with its lesson.
    List {
        /// text is for people, md is the table of docs/lab.md.
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// Say what happens in one and what shows it.
    Show {
        /// As pglens lab list names it.
        name: String,
    },
    /// Build the servers, break them, show the metrics move, heal.
    Run {
        /// As pglens lab list names it.
        name: String,
        #[command(flatten)]
        options: lab::Options,
    },
}

fn majors() -> clap::builder::RangedI64ValueParser<u32> {
    let (first, last) = (*TESTED_MAJORS.start(), *TESTED_MAJORS.end());
    clap::value_parser!(u32).range(i64::from(first)..=i64::from(last))
}

#[cfg(feature = "lab")]
#[derive(Clone, Copy, ValueEnum)]
enum ListFormat {
    Text,
    Md,
}

#[derive(Clone, Copy, ValueEnum)]
enum CatalogFormat {
    Md,
    Json,
    Sql,
}

/// Parses the arguments and runs the command.
pub fn main() -> ExitCode {
    let builtin = match Catalog::builtin() {
        Ok(catalog) => catalog,
        Err(problems) => return commands::refuse(&problems),
    };
    match parse(&builtin) {
        Ok((cli, flags)) => commands::run(cli.command.unwrap_or(Command::Serve), &flags, builtin),
        Err(error) => error.exit(),
    }
}

/// The whole command line, for manual pages and completions to be made of it.
pub fn command(builtin: &Catalog) -> clap::Command {
    let command = postgres_exporter::declare(Cli::command());
    Switches::new(builtin, &command).declare(command)
}

/// The declared flags, postgres_exporter's, and switches for every collector.
fn parse(builtin: &Catalog) -> Result<(Cli, Flags), clap::Error> {
    let command = postgres_exporter::declare(Cli::command());
    let switches = Switches::new(builtin, &command);
    let matches = switches.declare(command).try_get_matches()?;
    let cli = Cli::from_arg_matches(&matches)?;
    let mut collectors = switches.read(&matches);
    let notes = postgres_exporter::apply(&matches, &mut collectors).map_err(refused)?;
    let options = &cli.options;
    let constant_labels = options.constant_labels.as_deref().unwrap_or_default();
    let flags = Flags {
        constant_labels: postgres_exporter::constant_labels(constant_labels).map_err(refused)?,
        notes,
        include_databases: options.include_databases.clone(),
        config: options.config.clone(),
        listen_addresses: options.listen_addresses.clone(),
        telemetry_path: options.telemetry_path.clone(),
        web_config_file: options.web_config_file.clone(),
        enable_lifecycle: options.enable_lifecycle,
        enable_openmetrics: options.enable_openmetrics,
        preset: options.preset.clone(),
        extend_query_path: options.extend_query_path.clone(),
        collectors_directory: options.collectors_directory.clone(),
        log_level: options.log_level.clone(),
        log_format: options.log_format,
        exclude_databases: options.exclude_databases.clone(),
        collectors,
    };
    Ok((cli, flags))
}

fn refused(message: String) -> clap::Error {
    clap::Error::raw(clap::error::ErrorKind::InvalidValue, format!("{message}\n"))
}
