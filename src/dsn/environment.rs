//! The process's surroundings as plain data, so that tests make their own.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::{Error, Origin};
use super::keywords::KEYWORDS;
use super::parameters::Parameters;

/// Where packaged servers put their sockets, and packaged libpq looks for them.
pub(super) const SOCKET_DIRECTORY: &str = "/var/run/postgresql";

/// Variables and what libpq asks the system for. It has no `Debug`: variables
/// hold passwords.
#[derive(Clone, Default)]
pub struct Environment {
    pub variables: BTreeMap<String, String>,
    /// The operating system's user, whose name is the default user.
    pub user: Option<String>,
    /// The default host; without one it is localhost.
    pub socket_directory: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process, as it is now.
    pub fn of_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let user = system_user().or_else(|| variables.get("USER").cloned());
        let socket_directory = Path::new(SOCKET_DIRECTORY);
        let socket_directory = socket_directory.is_dir().then(|| socket_directory.to_owned());
        Self { variables, user, socket_directory }
    }

    /// A variable that says something. An empty one is how a container or a
    /// unit file says that it is not set.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A file in the home directory.
    pub(super) fn at_home(&self, name: &str) -> Option<PathBuf> {
        self.variable("HOME").map(|home| Path::new(home).join(name))
    }

    /// Fills in from the `PG*` variables what is not set yet.
    pub(super) fn fill(&self, parameters: &mut Parameters) -> Result<(), Error> {
        for keyword in KEYWORDS {
            let Some(name) = keyword.variable else { continue };
            if let Some(value) = self.variable(name) {
                parameters.set_default(keyword, value, Origin::Variable(name))?;
            }
        }
        Ok(())
    }
}

/// The name of the effective user. libpq trusts the user database and not
/// `$USER`, which a service manager may leave unset or `sudo` may leave stale.
fn system_user() -> Option<String> {
    let uid = std::fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}

#[cfg(test)]
pub(super) fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment {
        variables: variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        user: Some("os".to_owned()),
        socket_directory: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use super::*;

    #[test]
    fn variables_fill_the_gaps_and_are_held_to_the_same_rules() {
        let mut parameters = text::parse("host=given user=").unwrap();
        let from = environment(&[
            ("PGHOST", "other"),
            ("PGPORT", "7"),
            ("PGUSER", "u"),
            ("PGDATABASE", ""),
        ]);
        from.fill(&mut parameters).unwrap();
        assert_eq!(parameters.listed(), [("host", "given"), ("port", "7"), ("user", "")]);

        let error =
            environment(&[("PGCHANNELBINDING", "require")]).fill(&mut parameters).unwrap_err();
        assert!(
            error.to_string().starts_with("channel_binding in PGCHANNELBINDING is not supported")
        );
    }
}
