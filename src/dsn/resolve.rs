//! From what was given to what it means: defaults, and the checks that need
//! several parameters at once.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::environment::{Environment, SOCKET_DIRECTORY};
use super::error::Error;
use super::parameters::Parameters;
use super::{Dsn, Host, Secret, SessionAttrs, SslMode, Tls, options, service};

const LOCALHOST: &str = "localhost";

/// libpq's order: what was given, the service, the environment, the defaults. One
/// connection for each host that is named, in their order.
pub(super) fn resolve(mut given: Parameters, from: &Environment) -> Result<Vec<Dsn>, Error> {
    service::fill(&mut given, from)?;
    from.fill(&mut given)?;
    each_host(&given)?.into_iter().map(|one| one_host(&one, from)).collect()
}

/// The same parameters once for each host. There is one port for all of them, or
/// one for each.
fn each_host(given: &Parameters) -> Result<Vec<Parameters>, Error> {
    let list = |keyword| -> Vec<&str> {
        given.get(keyword).map(|value| value.split(',').collect()).unwrap_or_default()
    };
    let [hosts, addresses, ports] = ["host", "hostaddr", "port"].map(list);
    let count = hosts.len().max(addresses.len()).max(1);
    for (keyword, values) in [("host", &hosts), ("hostaddr", &addresses), ("port", &ports)] {
        let one_for_all = keyword == "port" && values.len() == 1;
        if !values.is_empty() && values.len() != count && !one_for_all {
            return Err(Error::HostCount { keyword, origin: given.origin(keyword) });
        }
    }
    Ok((0..count)
        .map(|position| {
            let mut one = given.clone();
            for (keyword, values) in [("host", &hosts), ("hostaddr", &addresses), ("port", &ports)]
            {
                if let Some(value) = values.get(position).or(values.first()) {
                    one.replace(keyword, value);
                }
            }
            one
        })
        .collect())
}

fn one_host(given: &Parameters, from: &Environment) -> Result<Dsn, Error> {
    let user = given.get("user").or(from.user.as_deref()).ok_or(Error::NoUser)?.to_owned();
    let (host, passfile_host) = host(given, from)?;
    let tls = Tls::read(given)?;
    if tls.mode == SslMode::VerifyFull && matches!(&host, Host::Tcp(name) if *name != passfile_host)
    {
        return Err(Error::HostAddrUnverifiable);
    }
    Ok(Dsn {
        port: given.read("port", "must be a number from 1 to 65535", port)?.unwrap_or(5432),
        dbname: given.get("dbname").unwrap_or(&user).to_owned(),
        tls: if matches!(host, Host::Socket(_)) { Tls::none() } else { tls },
        session_attrs: given
            .read("target_session_attrs", SessionAttrs::EXPECTED, SessionAttrs::parse)?
            .unwrap_or_default(),
        application_name: given.get("application_name").map(str::to_owned),
        connect_timeout: given
            .read("connect_timeout", "must be a whole number of seconds", seconds)?
            .flatten(),
        options: given
            .read("options", "must consist of -c name=value switches", options::parse)?
            .unwrap_or_default(),
        password: given.get("password").map(Secret::new),
        passfile: given.get("passfile").map(PathBuf::from).or_else(|| from.at_home(".pgpass")),
        passfile_host,
        host,
        user,
    })
}

/// Where to connect to, and what a password file calls that.
fn host(given: &Parameters, from: &Environment) -> Result<(Host, String), Error> {
    let expected = "must be a host name, an IP address or the absolute path of a directory";
    let host = given.read("host", expected, place)?;
    let address = given.read("hostaddr", "must be an IP address", |value| {
        value.parse::<IpAddr>().is_ok().then(|| value.to_owned())
    })?;
    Ok(match (host, address) {
        // The address is where to go; the name keeps its other uses.
        (Some(Host::Tcp(name)), Some(address)) => (Host::Tcp(address), name),
        (Some(Host::Socket(_)) | None, Some(address)) => (Host::Tcp(address.clone()), address),
        (Some(Host::Tcp(name)), None) => (Host::Tcp(name.clone()), name),
        (Some(Host::Socket(directory)), None) => {
            let known_as = if directory == Path::new(SOCKET_DIRECTORY) {
                LOCALHOST.to_owned()
            } else {
                directory.to_string_lossy().into_owned()
            };
            (Host::Socket(directory), known_as)
        }
        (None, None) => {
            let default = from.socket_directory.clone().map(Host::Socket);
            (default.unwrap_or_else(|| Host::Tcp(LOCALHOST.to_owned())), LOCALHOST.to_owned())
        }
    })
}

/// A host name with such letters would be a piece of something else, a
/// password perhaps, and would be printed. Abstract sockets begin with "@".
fn place(value: &str) -> Option<Host> {
    if value.starts_with('/') {
        return Some(Host::Socket(PathBuf::from(value)));
    }
    let named = value.chars().all(|letter| letter.is_alphanumeric() || "-_.:%".contains(letter));
    named.then(|| Host::Tcp(value.to_owned()))
}

fn port(value: &str) -> Option<u16> {
    value.trim().parse().ok().filter(|port| *port != 0)
}

/// Zero and less mean no limit.
fn seconds(value: &str) -> Option<Option<Duration>> {
    let seconds: i32 = value.trim().parse().ok()?;
    Some(u64::try_from(seconds).ok().filter(|seconds| *seconds != 0).map(Duration::from_secs))
}

#[cfg(test)]
mod tests {
    use super::super::environment::environment;
    use super::super::text;
    use super::*;

    fn dsn(text: &str, from: &Environment) -> Result<Dsn, Error> {
        Ok(resolve(text::parse(text)?, from)?.remove(0))
    }

    fn tcp(name: &str) -> Host {
        Host::Tcp(name.to_owned())
    }

    #[test]
    fn defaults_are_libpqs() {
        let mut from = environment(&[]);
        let found = dsn("", &from).unwrap();
        assert_eq!((&found.host, found.port), (&tcp("localhost"), 5432));
        assert_eq!((&*found.user, &*found.dbname), ("os", "os"));
        assert_eq!((found.connect_timeout, found.password()), (None, Ok(None)));
        assert_eq!(dsn("user=me", &from).unwrap().dbname, "me");
        assert_eq!(dsn("app", &from).unwrap().dbname, "app");

        from.socket_directory = Some(PathBuf::from("/run/pg"));
        assert_eq!(dsn("sslmode=require", &from).unwrap().host, Host::Socket("/run/pg".into()));
        assert_eq!(dsn("sslmode=require", &from).unwrap().tls, Tls::none());
        assert_eq!(dsn("postgresql://h", &from).unwrap().host, tcp("h"));

        from.user = None;
        assert_eq!(dsn("", &from), Err(Error::NoUser));
    }

    #[test]
    fn given_beats_service_beats_environment() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("s");
        std::fs::write(&file, "[s]\nuser=service\nport=2\ndbname=service\n").unwrap();
        let from = environment(&[
            ("PGSERVICEFILE", file.to_str().unwrap()),
            ("PGSERVICE", "s"),
            ("PGUSER", "env"),
            ("PGPORT", "3"),
            ("PGAPPNAME", "env"),
            ("PGCONNECT_TIMEOUT", "4"),
            ("PGOPTIONS", "-c a=b"),
            ("PGPASSWORD", "env"),
        ]);
        let found = dsn("user=given", &from).unwrap();
        assert_eq!((&*found.user, found.port, &*found.dbname), ("given", 2, "service"));
        assert_eq!(found.application_name.as_deref(), Some("env"));
        assert_eq!(found.connect_timeout, Some(Duration::from_secs(4)));
        assert_eq!(found.options, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(found.password(), Ok(Some(Secret::new("env"))));
        assert_eq!(dsn("host=x", &environment(&[("PGHOST", "y")])).unwrap().host, tcp("x"));
        assert_eq!(dsn("postgres:///x", &environment(&[("PGHOST", "y")])).unwrap().host, tcp("y"));
        assert_eq!(dsn("host=", &environment(&[("PGHOST", "y")])).unwrap().host, tcp("localhost"));
    }

    #[test]
    fn an_address_is_where_to_go_unless_a_name_must_be_verified() {
        let dsn = |text| dsn(text, &environment(&[]));
        assert_eq!(dsn("host=db hostaddr=::1").unwrap().host, tcp("::1"));
        assert_eq!(dsn("hostaddr=10.0.0.1 sslmode=verify-full").unwrap().host, tcp("10.0.0.1"));
        let refused = dsn("host=db hostaddr=10.0.0.1 sslmode=verify-full");
        assert_eq!(refused, Err(Error::HostAddrUnverifiable));
    }

    #[test]
    fn several_hosts_are_several_connections() {
        let hosts = |text: &str| -> Vec<String> {
            let found = resolve(text::parse(text).unwrap(), &environment(&[])).unwrap();
            found.iter().map(|dsn| format!("{}:{}", dsn.host, dsn.port)).collect()
        };
        assert_eq!(hosts("host=a,b"), ["a:5432", "b:5432"]);
        assert_eq!(hosts("host=a,b port=6"), ["a:6", "b:6"]);
        assert_eq!(hosts("host=a,b,c port=1,,3"), ["a:1", "b:5432", "c:3"]);
        assert_eq!(hosts("host=a,b hostaddr=::1,10.0.0.2"), ["[::1]:5432", "10.0.0.2:5432"]);
        assert_eq!(hosts("postgres://u:p@a:1,b:2/db"), ["a:1", "b:2"]);
        assert_eq!(hosts("postgres://[::1]:1,b/db"), ["[::1]:1", "b:5432"]);
        assert_eq!(hosts("postgres://a,b/db"), ["a:5432", "b:5432"]);
        let both = |text| dsn(text, &environment(&[])).unwrap().session_attrs;
        assert_eq!(both("host=a,b target_session_attrs=read-write"), SessionAttrs::Primary);
        assert_eq!(both("host=a,b"), SessionAttrs::Any);
    }

    #[test]
    fn values_are_checked() {
        let error = |text| dsn(text, &environment(&[])).unwrap_err().to_string();
        for (text, said) in [
            ("port=0", "port in the connection string must be a number from 1 to 65535"),
            ("port=65536", "port in"),
            ("port=5432x", "port in"),
            ("host=@abstract", "host in"),
            ("host=a/b", "host in"),
            ("hostaddr=db", "hostaddr in the connection string must be an IP address"),
            ("connect_timeout=5s", "connect_timeout in"),
            ("options=-B", "options in"),
            ("host=a,b hostaddr=::1", "hostaddr in the connection string must have as many"),
            ("host=a,b,c port=1,2", "port in the connection string must have as many"),
            ("host=a port=1,2", "port in the connection string must have as many"),
            ("target_session_attrs=master", "target_session_attrs in the connection string must"),
        ] {
            assert!(error(text).starts_with(said), "{text}: {}", error(text));
        }
        let from = environment(&[("PGPORT", "secret")]);
        let expected = "port in PGPORT must be a number from 1 to 65535";
        assert_eq!(dsn("", &from).unwrap_err().to_string(), expected);
        let timeout = |text| dsn(text, &environment(&[])).unwrap().connect_timeout;
        assert_eq!(timeout("connect_timeout=0"), None);
        assert_eq!(timeout("connect_timeout=-1"), None);
    }
}
