//! The commands, each from flags to an exit code.

use std::process::ExitCode;
use std::sync::Arc;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use super::{CatalogFormat, Command, dashboards, doctor, postgres_exporter};
use crate::catalog::{self, Catalog, Problem};
use crate::config::{Config, Flags, Log, LogFormat};
use crate::daemon::{Daemon, StopSignals, each_once, systemd};
use crate::dsn::{self, Dsn, Environment, Source};
use crate::{discovery, http};

/// Anything that ends a command, told to the person who typed it.
type Failed = Box<dyn std::error::Error + Send + Sync>;

pub fn run(command: Command, flags: &Flags, builtin: Catalog) -> ExitCode {
    let ended = match command {
        Command::Catalog { format, major } => {
            print(&builtin, format, major);
            Ok(ExitCode::SUCCESS)
        }
        Command::Dashboards(arguments) => dashboards::dashboards(&builtin, arguments)
            .map(|()| ExitCode::SUCCESS)
            .map_err(Into::into),
        Command::Alerts(arguments) => {
            super::alerts::alerts(arguments).map(|()| ExitCode::SUCCESS).map_err(Into::into)
        }
        #[cfg(feature = "lab")]
        Command::Lessons(arguments) => {
            super::lessons::lessons(&builtin, arguments).map(|()| ExitCode::SUCCESS)
        }
        Command::Check => check(flags, builtin),
        Command::Serve => {
            with_runtime(flags, builtin, |config, catalog| serve(config, catalog, flags))
        }
        Command::Once => with_runtime(flags, builtin, once),
        Command::Doctor => with_runtime(&doctor::quiet(flags), builtin, doctor::doctor),
        #[cfg(feature = "lab")]
        Command::Demo { major } => {
            with_lab(flags, || super::demo::demo(flags, Arc::new(builtin), major))
        }
        #[cfg(feature = "lab")]
        Command::Lab { command } => lab(flags, Arc::new(builtin), command),
        #[cfg(not(feature = "lab"))]
        Command::WithoutLab { .. } => Err("packages are built without demo, lab and lessons, \
             which start servers of their own; a copy of the sources has them: \
             cargo run --release -- lab list"
            .into()),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("pglens: {error}");
        ExitCode::FAILURE
    })
}

/// The built-in catalogue is at fault, which a test would have seen.
pub fn refuse(problems: &[Problem]) -> ExitCode {
    for problem in problems {
        eprintln!("catalogue: {problem}");
    }
    ExitCode::FAILURE
}

fn print(catalog: &Catalog, format: CatalogFormat, major: u32) {
    match format {
        CatalogFormat::Md => print!("{}", catalog::markdown(catalog)),
        CatalogFormat::Json => println!("{:#}", catalog::json(catalog)),
        CatalogFormat::Sql => print!("{}", catalog::sql(catalog, major)),
    }
}

fn check(flags: &Flags, builtin: Catalog) -> Result<ExitCode, Failed> {
    let (config, catalog) = Config::load(flags, builtin, Environment::of_process())?;
    filter(&config.log)?;
    http::check(&config.web.listen_addresses, &config.web.telemetry_path)?;
    http::load_security(config.web.config_file.as_deref())?;
    for left_out in catalog.left_out() {
        println!("{left_out}");
    }
    for unused in &config.unused {
        println!("{unused}");
    }
    for target in &config.targets {
        let dsns = usable(&target.source, &config.environment)
            .map_err(|error| format!("target \"{}\": {error}", target.name))?;
        println!("target {}: {dsns}", target.name);
    }
    for discover in &config.discover {
        // Whatever is found must fit; the name stands for what is not known yet.
        let sample = discover.template.source.clone().at("MEMBER", 5432);
        let dsns = usable(&sample, &config.environment)
            .map_err(|error| format!("discover.{}: target: {error}", discover.name))?;
        discovery::check(discover)
            .map_err(|error| format!("discover.{}: {error}", discover.name))?;
        println!("discover {}: {}, like {dsns}", discover.name, discover.lister);
    }
    let metrics: usize = catalog.collectors().iter().map(|collector| collector.metrics.len()).sum();
    println!("{} collectors, {metrics} metrics: all well", catalog.collectors().len());
    Ok(ExitCode::SUCCESS)
}

/// Where a source leads, if everything on this side is there.
fn usable(source: &Source, environment: &Environment) -> Result<String, dsn::Error> {
    let dsns = source.dsns(environment)?;
    dsns.iter().try_for_each(|dsn| dsn.tls.check_files())?;
    Ok(dsns.iter().map(Dsn::to_string).collect::<Vec<_>>().join(" or "))
}

fn with_runtime<F>(
    flags: &Flags,
    builtin: Catalog,
    command: impl FnOnce(Config, Arc<Catalog>) -> F,
) -> Result<ExitCode, Failed>
where
    F: Future<Output = Result<ExitCode, Failed>>,
{
    let (config, catalog) = Config::load(flags, builtin, Environment::of_process())?;
    start_logging(&config.log)?;
    postgres_exporter::tell(flags);
    for left_out in catalog.left_out() {
        tracing::warn!("{left_out}");
    }
    for unused in &config.unused {
        tracing::warn!("{unused}");
    }
    runtime()?.block_on(command(config, Arc::new(catalog)))
}

/// Two threads: one may be encoding a large page while the other answers.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Our own lines at the wished level; libraries only warn, below debug.
fn filter(log: &Log) -> Result<EnvFilter, Failed> {
    let filter = match log.level.to_ascii_lowercase().as_str() {
        level @ ("error" | "warn" | "info") => format!("warn,pglens={level}"),
        level @ ("debug" | "trace") => format!("info,pglens={level}"),
        _ => return Err("log.level must be error, warn, info, debug or trace".into()),
    };
    Ok(EnvFilter::try_new(filter)?)
}

fn start_logging(log: &Log) -> Result<(), Failed> {
    let filter = filter(log)?;
    let registry = tracing_subscriber::registry();
    match log.format {
        LogFormat::Logfmt => {
            let lines = tracing_logfmt::builder().with_target(false).layer();
            registry.with(lines.with_writer(std::io::stderr).with_filter(filter)).init();
        }
        LogFormat::Json => {
            let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
            let lines = lines.with_target(false).with_writer(std::io::stderr);
            registry.with(lines.with_filter(filter)).init();
        }
    }
    Ok(())
}

async fn serve(config: Config, catalog: Arc<Catalog>, flags: &Flags) -> Result<ExitCode, Failed> {
    use tokio::signal::unix::{SignalKind, signal};

    // Before anything is said: who reads the log may signal us at its first line.
    let mut stop = StopSignals::new()?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut daemon = Daemon::start(&config, catalog).await?;
    for address in &daemon.addresses {
        tracing::info!(%address, targets = config.targets.len(), "listening");
    }
    systemd::ready();
    let watchdog = tokio::spawn(systemd::watchdog(daemon.progress().clone()));
    loop {
        tokio::select! {
            () = stop.told() => break,
            _ = hangup.recv() => drop(reload(&mut daemon, flags).await),
            Some(asked) = daemon.reloads.recv() => {
                // Who asked may be gone by now, which changes nothing.
                let _ = asked.send(reload(&mut daemon, flags).await);
            }
        }
    }
    tracing::info!("stopping");
    watchdog.abort();
    systemd::stopping();
    daemon.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Reads everything again that was read at the start, the environment apart.
async fn reload(daemon: &mut Daemon, flags: &Flags) -> Result<(), String> {
    let read = Catalog::builtin().map_err(|problems| format!("{problems:?}")).and_then(|builtin| {
        Config::load(flags, builtin, Environment::of_process()).map_err(|error| error.to_string())
    });
    match read {
        Ok((config, catalog)) => {
            daemon.reload(&config, Arc::new(catalog)).await;
            Ok(())
        }
        Err(error) => {
            daemon.refused(&error);
            Err(error)
        }
    }
}

async fn once(config: Config, catalog: Arc<Catalog>) -> Result<ExitCode, Failed> {
    let mut code = ExitCode::SUCCESS;
    let visited = each_once(&config, catalog, |server, polled| {
        if let Err(failure) = polled {
            eprintln!("pglens: {}: {failure}", server.name);
            if let Some(step) = failure.next_step() {
                eprintln!("next: {step}");
            }
            code = ExitCode::FAILURE;
        }
    });
    let (store, failures) = visited.await;
    for (section, error) in &failures {
        eprintln!("pglens: discover.{section}: {error}");
        code = ExitCode::FAILURE;
    }
    for page in store.pages(|_| true) {
        std::io::Write::write_all(&mut std::io::stdout().lock(), page.text().as_bytes())?;
    }
    Ok(code)
}

#[cfg(feature = "lab")]
fn lab(
    flags: &Flags,
    catalog: Arc<Catalog>,
    command: super::LabCommand,
) -> Result<ExitCode, Failed> {
    match command {
        super::LabCommand::List { format: super::ListFormat::Text } => super::lab::list(),
        super::LabCommand::List { format: super::ListFormat::Md } => {
            print!("{}", crate::lab::markdown());
        }
        super::LabCommand::Show { name } => super::lab::show(&catalog, &name)?,
        super::LabCommand::Run { name, options } => {
            return with_lab(flags, || super::lab::run(flags, catalog, &name, options));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What runs on throwaway servers needs no configuration, and logs little.
#[cfg(feature = "lab")]
fn with_lab<F>(flags: &Flags, command: impl FnOnce() -> F) -> Result<ExitCode, Failed>
where
    F: Future<Output = Result<ExitCode, Failed>>,
{
    start_logging(&Log {
        level: flags.log_level.clone().unwrap_or_else(|| "error".into()),
        format: flags.log_format.unwrap_or(LogFormat::Logfmt),
    })?;
    runtime()?.block_on(command())
}
