//! Which servers are watched: what the environment and the files name.

use super::includes::Servers;
use super::{Discover, Error, Flags, Target, discover, file, managed};
use crate::dsn::{self, Dsn, Environment, Source};

/// `DATA_SOURCE_*` names the servers if it is set, else the file, else `PG*`.
pub fn targets(
    servers: Servers,
    flags: &Flags,
    environment: &Environment,
) -> Result<(Vec<Target>, Vec<Discover>), Error> {
    let data_source = environment.variables.keys().any(|name| {
        matches!(name.as_str(), "DATA_SOURCE_NAME" | "DATA_SOURCE_URI" | "DATA_SOURCE_URI_FILE")
    });
    if !data_source && !servers.is_empty() {
        let written = servers.targets.into_iter();
        let targets = written.map(|(name, target)| from_file(name, target, flags));
        let targets = targets.collect::<Result<Vec<_>, _>>()?;
        let discover = discover::sections(servers.discover, &targets, flags)?;
        return Ok((targets, discover));
    }
    let sources = dsn::from_environment(environment)?;
    if sources.is_empty() {
        return Err(Error::NoTarget);
    }
    let names = names(&sources, environment)?;
    let targets = names.into_iter().zip(sources).map(|(name, source)| Target {
        exclude_databases: flags.exclude_databases.clone(),
        include_databases: flags.include_databases.clone(),
        ..Target::new(name, source)
    });
    Ok((targets.collect(), Vec::new()))
}

/// What is written for servers and not read, because something that comes first names
/// them. postgres_exporter says nothing of it either, and leaves people to wonder which
/// password is wrong.
pub fn unused(servers: &Servers, environment: &Environment) -> Vec<String> {
    let first = |names: &[&'static str]| {
        names.iter().copied().find(|name| environment.variable(name).is_some())
    };
    let mut unused = Vec::new();
    let Some(naming) = first(&["DATA_SOURCE_NAME", "DATA_SOURCE_URI_FILE", "DATA_SOURCE_URI"])
    else {
        return unused;
    };
    if naming == "DATA_SOURCE_NAME" {
        let companions = [
            "DATA_SOURCE_URI",
            "DATA_SOURCE_URI_FILE",
            "DATA_SOURCE_USER",
            "DATA_SOURCE_USER_FILE",
            "DATA_SOURCE_PASS",
            "DATA_SOURCE_PASS_FILE",
        ];
        let set = companions.iter().filter(|name| environment.variable(name).is_some());
        unused.extend(set.map(|name| {
            format!("{name} is not read: DATA_SOURCE_NAME is set, and goes without it")
        }));
    }
    if !servers.is_empty() {
        unused.push(format!(
            "[targets] and [discover] of the configuration are not read: {naming} is set"
        ));
    }
    unused
}

/// A target as a file describes it.
pub fn from_file(name: String, target: file::Target, flags: &Flags) -> Result<Target, Error> {
    let dsn = target.dsn.ok_or_else(|| Error::NoDsn(name.clone()))?;
    let source = Source::parse(dsn.expose())
        .map_err(|error| Error::Target { target: name.clone(), error })?;
    let source = match target.password_file {
        Some(path) => source.password_file(path),
        None => source,
    };
    let mut exclude_databases = target.exclude_databases;
    exclude_databases.extend(flags.exclude_databases.iter().cloned());
    let mut left_alone = Vec::new();
    if let Some(service) = target.managed {
        let managed = managed::service(&service)
            .ok_or_else(|| Error::UnknownService { target: name.clone(), service })?;
        exclude_databases.extend(managed.databases.iter().cloned());
        left_alone.clone_from(&managed.collectors);
    }
    let include_databases = match flags.include_databases.as_slice() {
        [] => target.include_databases,
        given => given.to_vec(),
    };
    Ok(Target {
        software: target.software,
        labels: target.labels,
        exclude_databases,
        include_databases,
        left_alone,
        logs: target.logs,
        ..Target::new(name, source)
    })
}

/// Names for servers that have none: where they listen, with the database
/// where that is not enough to tell them apart.
fn names(sources: &[Source], environment: &Environment) -> Result<Vec<String>, Error> {
    let dsns =
        sources.iter().map(|source| source.dsns(environment)).collect::<Result<Vec<_>, _>>()?;
    let places = |dsns: &Vec<Dsn>| -> String {
        dsns.iter().map(|dsn| format!("{}:{}", dsn.host, dsn.port)).collect::<Vec<_>>().join(",")
    };
    let short: Vec<_> = dsns.iter().map(places).collect();
    Ok(dsns
        .iter()
        .zip(&short)
        .enumerate()
        .map(|(position, (dsns, name))| {
            let same = short.iter().filter(|other| *other == name).count();
            match same {
                1 => name.clone(),
                _ => format!("{name}/{}#{position}", dsns[0].dbname),
            }
        })
        .collect())
}
