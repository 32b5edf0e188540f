//! Whom the servers run as.
//!
//! PostgreSQL refuses to run as root, which is what CI containers usually are.
//! Then its programs run as the account `postgres`, or as `nobody` where that
//! does not exist; otherwise as whoever we are.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use super::{Error, Result, io_error};

#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    /// User and group to become; nobody when we stay who we are.
    ids: Option<(u32, u32)>,
}

impl User {
    pub(super) fn detect() -> Result<Self> {
        // The standard library cannot say who we are; `id` can, also where
        // accounts come from LDAP.
        if id(&["-u"])? != Some(0) {
            return Ok(Self { ids: None });
        }
        for account in ["postgres", "nobody"] {
            if let (Some(user), Some(group)) = (id(&["-u", account])?, id(&["-g", account])?) {
                return Ok(Self { ids: Some((user, group)) });
            }
        }
        Err(Error::Unusable {
            dir: "/".into(),
            reason: "we are root, which PostgreSQL refuses, and there is neither an account \
                     \"postgres\" nor \"nobody\" to run it as"
                .into(),
        })
    }

    pub(super) fn is_root(self) -> bool {
        self.ids.is_some()
    }

    /// A command as that user, sealed off from our environment and terminal.
    pub(super) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // Our working directory may be closed to that user.
        command.current_dir("/").env("LC_ALL", "C");
        // A PGPASSWORD or PGSSLMODE meant for somebody else would reach the
        // walreceiver, which is a libpq client.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        // Ctrl-C goes to the whole foreground group. We stop servers ourselves.
        command.process_group(0);
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        command
    }

    /// Hands a file or folder, with all that is in it, to that user.
    pub(super) fn own(self, path: &Path) -> Result<()> {
        let Some((user, group)) = self.ids else { return Ok(()) };
        chown(path, Some(user), Some(group)).map_err(io_error("chown", path))?;
        if !path.is_dir() {
            return Ok(());
        }
        for entry in fs::read_dir(path).map_err(io_error("list", path))? {
            self.own(&entry.map_err(io_error("list", path))?.path())?;
        }
        Ok(())
    }
}

/// What `id` prints, or none when it knows no such account.
fn id(args: &[&str]) -> Result<Option<u32>> {
    let mut command = Command::new("id");
    command.args(args);
    let output = output(&mut command)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

/// Runs a command to its end.
pub(super) fn output(command: &mut Command) -> Result<Output> {
    command.output().map_err(|source| Error::Spawn {
        program: command.get_program().to_string_lossy().into_owned(),
        source,
    })
}
