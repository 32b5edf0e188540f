//! Servers that are found and not written down: where to look, and what those that are
//! found have in common.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use hyper::Uri;

use super::file::{self, ClientTls};
use super::{Error, Flags, Target, targets};
use crate::catalog::Software;

const INTERVAL: Duration = Duration::from_secs(15);

/// Longer than an alert about a server that is down waits, so that a member which
/// vanished with its host is told of before it is forgotten.
const GRACE: Duration = Duration::from_secs(600);

const MAX_TARGETS: usize = 50;

/// PostgreSQL's own.
const PORT: u16 = 5432;

#[derive(Clone, Debug, PartialEq)]
pub struct Discover {
    pub name: String,
    pub lister: Lister,
    /// A target without a place; its name is that of the section.
    pub template: Target,
    /// Between two looks.
    pub interval: Duration,
    /// How long one stays that is not listed any more.
    pub grace: Duration,
    pub max_targets: usize,
}

impl Discover {
    /// The standbys of a server, which are like it, as a section says that says no more.
    pub fn standbys_of(name: &str, primary: &Target, port: u16) -> Self {
        Self {
            name: name.to_owned(),
            lister: Lister::Primary { target: primary.name.clone(), port },
            template: Target { name: name.to_owned(), ..primary.clone() },
            interval: INTERVAL,
            grace: GRACE,
            max_targets: MAX_TARGETS,
        }
    }
}

/// Who lists them.
#[derive(Clone, Debug, PartialEq)]
pub enum Lister {
    Patroni(Patroni),
    /// The primary that is this target; its standbys listen on this port.
    Primary {
        target: String,
        port: u16,
    },
}

impl fmt::Display for Lister {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Patroni(Patroni { addresses, .. }) => {
                let addresses: Vec<_> = addresses.iter().map(Uri::to_string).collect();
                write!(out, "members of Patroni at {}", addresses.join(" or "))
            }
            Self::Primary { target, port } => write!(out, "standbys of {target} on port {port}"),
        }
    }
}

/// How Patroni's REST interface is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Patroni {
    /// Any of them tells of the whole cluster.
    pub addresses: Vec<Uri>,
    pub login: Option<Login>,
    pub tls: ClientTls,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    pub username: String,
    pub password_file: PathBuf,
}

/// What the sections say, where `targets` are those that are written down.
pub fn sections(
    written: BTreeMap<String, file::Discover>,
    targets: &[Target],
    flags: &Flags,
) -> Result<Vec<Discover>, Error> {
    let sections = written.into_iter().map(|(name, section)| {
        let read = read(&name, section, targets, flags);
        read.map_err(|wrong| match wrong {
            Wrong::Here(message) => Error::Discover { name, message },
            Wrong::Target(error) => error,
        })
    });
    sections.collect()
}

/// What is wrong with a section, or with the target in it.
enum Wrong {
    Here(String),
    Target(Error),
}

fn wrong<T>(message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong::Here(message.into()))
}

fn read(
    name: &str,
    section: file::Discover,
    targets: &[Target],
    flags: &Flags,
) -> Result<Discover, Wrong> {
    let interval = section.interval.map_or(INTERVAL, |interval| interval.into_inner());
    if interval < Duration::from_secs(1) {
        return wrong("interval: one second is the least");
    }
    let of_patroni_alone = section.basic_auth.is_some() || section.tls.is_some();
    let (lister, like) = match (section.patroni, section.replicas_of) {
        (Some(_), _) if section.port.is_some() => {
            return wrong("port is for replicas_of; Patroni tells the port of each member");
        }
        (Some(addresses), None) => {
            let tls = section.tls.unwrap_or_default();
            if tls.cert_file.is_some() != tls.key_file.is_some() {
                return wrong("tls: cert_file and key_file belong together: give both or neither");
            }
            let addresses = addresses.into_vec();
            let addresses = addresses.iter().map(|text| address(text));
            let addresses = addresses.collect::<Result<Vec<_>, _>>().map_err(Wrong::Here)?;
            if addresses.is_empty() {
                return wrong("patroni: name at least one address");
            }
            let login = section.basic_auth.map(|file::BasicAuth { username, password_file }| {
                Login { username, password_file }
            });
            (Lister::Patroni(Patroni { addresses, login, tls }), None)
        }
        (None, Some(_)) if of_patroni_alone => {
            return wrong("basic_auth and tls are for patroni");
        }
        (None, Some(target)) => {
            let Some(like) = targets.iter().find(|one| one.name == target) else {
                return wrong(format!(
                    "replicas_of = \"{target}\": there is no [targets.{target}]"
                ));
            };
            let port = section.port.unwrap_or(PORT);
            (Lister::Primary { target, port }, Some(like))
        }
        _ => return wrong("give either patroni, its addresses, or replicas_of, a target"),
    };
    let template = match (section.target, like) {
        (Some(target), _) => {
            let template =
                targets::from_file(name.to_owned(), target, flags).map_err(
                    |error| match error {
                        Error::NoDsn(_) => Wrong::Here(NO_DSN.to_owned()),
                        Error::Target { error, .. } => Wrong::Here(format!("target.dsn: {error}")),
                        error => Wrong::Target(error),
                    },
                )?;
            if template.source.names_a_place() {
                return wrong("target.dsn: leave out host, hostaddr and port, which are found");
            }
            template
        }
        // Standbys are like their primary, unless something else is said.
        (None, Some(primary)) => Target { name: name.to_owned(), ..primary.clone() },
        (None, None) => return wrong(NO_DSN),
    };
    if template.software != Software::PostgreSql {
        return wrong("target.software: only PostgreSQL servers are found");
    }
    let grace = section.grace.map_or(GRACE, |grace| grace.into_inner());
    let max_targets = section.max_targets.unwrap_or(MAX_TARGETS);
    Ok(Discover { name: name.to_owned(), lister, template, interval, grace, max_targets })
}

const NO_DSN: &str = "say how members are connected to, for example \
                      target.dsn = \"user=pglens dbname=postgres\"";

/// Where a Patroni listens. The text is not repeated: it may hold a password.
fn address(text: &str) -> Result<Uri, String> {
    let expected = "patroni: write each address as http://host:8008 or https://host:8008";
    let uri: Uri = text.parse().map_err(|_| expected.to_owned())?;
    let Some(authority) = uri.authority() else { return Err(expected.to_owned()) };
    if authority.as_str().contains('@') {
        return Err("patroni: write user and password into basic_auth".to_owned());
    }
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.query().is_some() {
        return Err(expected.to_owned());
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsn::Source;

    fn read(text: &str) -> Result<Discover, String> {
        let section: file::Discover = file::parse("x.toml".as_ref(), text).unwrap();
        let mut primary = Target::new("orders", Source::parse("host=a user=u").unwrap());
        primary.labels.insert("cluster".into(), "orders".into());
        let sections = BTreeMap::from([("main".to_owned(), section)]);
        let read = super::sections(sections, &[primary], &Flags::default());
        read.map(|mut read| read.remove(0)).map_err(|error| error.to_string())
    }

    #[test]
    fn members_of_patroni_are_like_the_target_of_the_section() {
        let text = "patroni = ['http://a:8008', 'https://b:8008/x']\ntarget.dsn = 'user=u'\n\
                    target.labels.team = 'shop'\ninterval = '5s'";
        let main = read(text).unwrap();
        let Lister::Patroni(patroni) = &main.lister else { panic!("{main:?}") };
        assert_eq!(patroni.addresses.len(), 2);
        assert_eq!(main.template.labels["team"], "shop");
        assert_eq!((main.interval, main.grace), (Duration::from_secs(5), GRACE));
    }

    #[test]
    fn standbys_are_like_their_primary() {
        let main = read("replicas_of = 'orders'\nport = 5433").unwrap();
        assert_eq!(main.lister, Lister::Primary { target: "orders".into(), port: 5433 });
        assert_eq!(main.template.labels["cluster"], "orders");
        assert_eq!(main.template.name, "main");
    }

    #[test]
    fn what_is_wrong_is_said_without_secrets() {
        for (text, said) in [
            ("", "give either patroni, its addresses, or replicas_of, a target"),
            ("patroni = 'http://a'\nreplicas_of = 'orders'", "give either patroni, its"),
            ("patroni = 'http://a'", "say how members are connected to, for example target.dsn"),
            ("patroni = []\ntarget.dsn = 'user=u'", "patroni: name at least one address"),
            ("patroni = 'a:8008'", "patroni: write each address as http://host:8008"),
            ("patroni = 'ftp://a'", "patroni: write each address as http://host:8008"),
            ("patroni = 'http://u:canary@a'", "patroni: write user and password into basic_auth"),
            ("patroni = 'http://a'\nport = 1", "port is for replicas_of; Patroni tells"),
            ("patroni = 'http://a'\ntls.key_file = 'k'", "tls: cert_file and key_file belong"),
            ("patroni = 'http://a'\ntarget.dsn = 'host=b user=u'", "target.dsn: leave out host,"),
            ("patroni = 'http://a'\ntarget.dsn = 'canary=1'", "target.dsn: the connection string"),
            ("replicas_of = 'nobody'", "replicas_of = \"nobody\": there is no [targets.nobody]"),
            ("replicas_of = 'orders'\ntls.ca_file = 'c'", "basic_auth and tls are for patroni"),
            ("replicas_of = 'orders'\ninterval = '10ms'", "interval: one second is the least"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.starts_with(&format!("discover.main: {said}")), "{text}: {message}");
            assert!(!message.contains("canary@"), "{message}");
        }
    }
}
