//! Where a target comes from, kept so that its files can be read again.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::{Error, Origin};
use super::parameters::Parameters;
use super::{Dsn, Environment, Secret, files, resolve, text, url};

/// A target as the configuration gives it. It can be kept, shown and logged:
/// its values are secrets to `Debug`, and `Display` names where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    origin: String,
    base: Base,
    overrides: Vec<Override>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Parsed(Parameters),
    /// A URL without its scheme in a file, and the variable that names the file.
    UriFile(&'static str, PathBuf),
}

/// A parameter given beside the connection string, which it overrules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Override {
    pub keyword: &'static str,
    /// Shown instead of a path: who mistakes a `*_FILE` variable for the plain
    /// one has put the secret itself there.
    pub named_by: &'static str,
    pub text: Text,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Value(Secret),
    File(PathBuf),
}

impl Source {
    /// A connection string: a URL, `keyword=value` pairs or a database's name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parameters = text::parse(text)?;
        Ok(Self::new("connection string", Base::Parsed(parameters)))
    }

    /// Takes the password from a file, whatever else gives one.
    #[must_use]
    pub fn password_file(self, path: impl Into<PathBuf>) -> Self {
        let text = Text::File(path.into());
        self.with(Override { keyword: "password", named_by: "password_file", text })
    }

    /// The same for the server that is found there: who connects, how and to which
    /// database stays.
    #[must_use]
    pub fn at(self, host: &str, port: u16) -> Self {
        // An empty value is the default: it takes back what was said of another server.
        let here = [
            ("host", host),
            ("hostaddr", ""),
            ("port", &port.to_string()),
            ("target_session_attrs", ""),
        ];
        here.into_iter().fold(self, |source, (keyword, value)| {
            let text = Text::Value(Secret::new(value));
            source.with(Override { keyword, named_by: "discovery", text })
        })
    }

    /// Whether the connection string says where the server is.
    pub fn names_a_place(&self) -> bool {
        match &self.base {
            Base::Parsed(parameters) => {
                ["host", "hostaddr", "port"].iter().any(|name| parameters.get(name).is_some())
            }
            Base::UriFile(..) => true,
        }
    }

    /// What it means now, one connection for each host that it names. Reads its
    /// files and the service file, which are small: call it for every connection.
    pub fn dsns(&self, from: &Environment) -> Result<Vec<Dsn>, Error> {
        let mut parameters = match &self.base {
            Base::Parsed(parameters) => parameters.clone(),
            Base::UriFile(named_by, path) => uri(&read(named_by, path)?, named_by)?,
        };
        for Override { keyword, named_by, text } in &self.overrides {
            let (value, origin) = match text {
                Text::Value(value) => (value.expose().to_owned(), Origin::Variable(named_by)),
                Text::File(path) => (read(named_by, path)?, Origin::File(named_by)),
            };
            parameters.set(keyword, value, origin, false)?;
        }
        resolve::resolve(parameters, from)
    }

    /// The first of them.
    #[cfg(test)]
    pub(super) fn dsn(&self, from: &Environment) -> Result<Dsn, Error> {
        self.dsns(from).map(|mut dsns| dsns.remove(0))
    }

    pub(super) fn new(origin: impl Into<String>, base: Base) -> Self {
        Self { origin: origin.into(), base, overrides: Vec::new() }
    }

    /// The last one wins.
    pub(super) fn with(mut self, one: Override) -> Self {
        self.overrides.retain(|other| other.keyword != one.keyword);
        self.overrides.push(one);
        self
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.origin)
    }
}

/// `host:port/dbname?keyword=value`, with or without its scheme.
pub(super) fn uri(text: &str, place: &str) -> Result<Parameters, Error> {
    let text = text.trim();
    url::parse(url::after_scheme(text).unwrap_or(text))
        .map_err(|problem| Error::In { place: place.to_owned(), problem: Box::new(problem) })
}

fn read(named_by: &'static str, path: &Path) -> Result<String, Error> {
    let secret = files::secret(path).map_err(|reason| Error::File { named_by, reason })?;
    Ok(secret.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::environment::environment;
    use super::*;

    #[test]
    fn a_password_file_is_read_again_for_every_connection() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("password");
        let source = Source::parse("host=db password=old").unwrap().password_file(&path);
        let password = || source.dsn(&environment(&[])).map(|dsn| dsn.password().unwrap());
        let reason = files::FileProblem::MISSING;
        let expected = Error::File { named_by: "password_file", reason };
        assert_eq!(password(), Err(expected));
        for (content, expected) in [("one\n", "one"), (" t/w:o@ \r\n\n", " t/w:o@ ")] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(password(), Ok(Some(Secret::new(expected))));
        }
        std::fs::write(&path, "a\0b").unwrap();
        let error = password().unwrap_err().to_string();
        assert_eq!(error, "password in the file of password_file must not hold a NUL byte");
    }

    #[test]
    fn a_server_that_is_found_is_connected_to_like_the_others() {
        let given = "host=a,b hostaddr=::1,::2 port=1,2 user=me password=hunter2 dbname=app \
                     sslmode=require target_session_attrs=primary";
        let found = Source::parse(given).unwrap().at("10.0.0.7", 5433);
        let environment = environment(&[("PGHOSTADDR", "::3"), ("PGPORT", "4")]);
        let dsns = found.dsns(&environment).unwrap();
        let [dsn] = dsns.as_slice() else { panic!("{dsns:?}") };
        assert_eq!(dsn.to_string(), "me@10.0.0.7:5433/app sslmode=require");
        assert_eq!(dsn.password(), Ok(Some(Secret::new("hunter2"))));
        assert!(dsn.session_attrs.accept(true) && dsn.session_attrs.accept(false));
        assert!(!format!("{found:?}").contains("hunter2"));
    }

    #[test]
    fn the_parts_of_a_source_do_not_show_in_debug() {
        let source = Source::parse("postgres://user:hunter2@host/?application_name=x").unwrap();
        assert!(!format!("{source} {source:?}").contains("hunter2"));
    }
}
