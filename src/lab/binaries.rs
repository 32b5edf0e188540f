//! Where a server's programs are: on this machine, in our cache, or on the net.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use super::download;
use super::user::{User, output};
use super::{Error, Result};

/// The majors that the lab runs.
pub const MAJORS: RangeInclusive<u16> = 13..=18;

/// Contrib modules that our collectors read. A server without them shows less
/// than the product can, so a download is better than such a server.
const EXTENSIONS: [&str; 3] = ["pg_stat_statements", "pg_buffercache", "pgstattuple"];

/// Where packages put servers of several majors beside each other: the folder,
/// how its children begin, and where the programs are below a child.
const FOLDERS: [(&str, &str, &str); 6] = [
    ("/usr/lib/postgresql", "", "bin"), // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),          // the PostgreSQL project's RPMs
    ("/usr/libexec", "postgresql", ""), // Alpine
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A folder with a server's programs that has been seen to work.
#[derive(Clone, Debug, PartialEq)]
pub struct Binaries {
    dir: PathBuf,
    major: u16,
    minor: u16,
}

impl Binaries {
    /// Programs of this major, or of the newest one there is, downloaded when
    /// this machine has none.
    pub async fn find(major: Option<u16>) -> Result<Self> {
        if let Some(major) = major.filter(|major| !MAJORS.contains(major)) {
            return Err(Error::UnknownMajor { major });
        }
        let user = User::detect()?;
        if let Some(found) = installed(major, user)? {
            return Ok(found);
        }
        download::download(major.unwrap_or(*MAJORS.end()), user).await
    }

    pub fn major(&self) -> u16 {
        self.major
    }

    pub fn minor(&self) -> u16 {
        self.minor
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Looks whether a server can run from this folder, by running it as the
    /// user it would run as: a folder below /root is closed to that user, and
    /// a program for another libc does not start.
    pub(super) fn inspect(dir: &Path, user: User) -> Result<Self> {
        let unusable = |reason: String| Error::Unusable { dir: dir.into(), reason };
        if !dir.join("initdb").is_file() {
            return Err(unusable("it has no initdb".into()));
        }
        let answer = output(user.command(dir.join("postgres")).arg("--version"))?;
        let text = String::from_utf8_lossy(&answer.stdout);
        let Some((major, minor)) = parse_version(&text) else {
            return Err(unusable(format!("\"{}\" is no released version", text.trim())));
        };
        if let Some(missing) = missing_extension(dir, major) {
            return Err(unusable(format!("it comes without the contrib module {missing}")));
        }
        Ok(Self { dir: dir.into(), major, minor })
    }
}

/// The newest fitting server on this machine, our cache included.
fn installed(major: Option<u16>, user: User) -> Result<Option<Binaries>> {
    let wanted = |found: &Binaries| {
        major.map_or(MAJORS.contains(&found.major), |major| found.major == major)
    };
    // Who names a folder means it: what is wrong with it is an error.
    for major in MAJORS.rev() {
        if let Some(dir) = env::var_os(format!("PGLENS_POSTGRES_{major}")) {
            let named = Binaries::inspect(Path::new(&dir), user)?;
            if wanted(&named) {
                return Ok(Some(named));
            }
        }
    }
    let mut best: Option<Binaries> = None;
    for dir in candidates(user) {
        match Binaries::inspect(&dir, user) {
            Ok(found) if wanted(&found) => {
                let version = |binaries: &Binaries| (binaries.major, binaries.minor);
                if best.as_ref().is_none_or(|best| version(best) < version(&found)) {
                    best = Some(found);
                }
            }
            Ok(_) => {}
            Err(reason) => tracing::debug!(%reason, "passing over a folder"),
        }
    }
    Ok(best)
}

/// Folders that have a program called `postgres`.
fn candidates(user: User) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = env::var_os("PATH").iter().flat_map(env::split_paths).collect();
    if let Ok(answer) = Command::new("pg_config").arg("--bindir").output() {
        dirs.push(String::from_utf8_lossy(&answer.stdout).trim().into());
    }
    for (parent, prefix, below) in FOLDERS {
        dirs.extend(children(Path::new(parent), prefix, below));
    }
    if let Ok(cache) = download::cache(user) {
        dirs.extend(children(&cache, "", "bin"));
    }
    // A link in /usr/local/bin leads to the folder that has initdb too.
    let mut dirs: Vec<PathBuf> = dirs
        .iter()
        .filter_map(|dir| fs::canonicalize(dir.join("postgres")).ok())
        .filter_map(|program| program.parent().map(Into::into))
        .collect();
    dirs.sort();
    dirs.dedup();
    dirs
}

fn children(parent: &Path, prefix: &str, below: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            // Our cache keeps unfinished downloads under names with a dot.
            name.starts_with(prefix.as_bytes()) && !name.starts_with(b".")
        })
        .map(|entry| entry.path().join(below))
        .collect()
}

/// `postgres (PostgreSQL) 17.5 (Debian 17.5-1)` is 17.5; betas, release
/// candidates and development versions are none.
fn parse_version(text: &str) -> Option<(u16, u16)> {
    let (_, rest) = text.split_once("(PostgreSQL) ")?;
    let (major, minor) = rest.split_whitespace().next()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// The first of our extensions that this server cannot create.
///
/// Packages differ in where the control files are, and only some have a
/// `pg_config` to ask; the first folder that exists is the server's.
fn missing_extension(dir: &Path, major: u16) -> Option<&'static str> {
    let below = [
        "extension".to_owned(),
        "postgresql/extension".to_owned(),
        "pgsql/extension".to_owned(),
        format!("postgresql/{major}/extension"),
        format!("postgresql{major}/extension"),
        format!("postgresql@{major}/extension"),
    ];
    let folder = [dir.join("../share"), "/usr/share".into()]
        .iter()
        .flat_map(|share| below.iter().map(|below| share.join(below)))
        .find(|folder| folder.is_dir());
    EXTENSIONS.into_iter().find(|name| {
        !folder.as_ref().is_some_and(|folder| folder.join(format!("{name}.control")).is_file())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_releases_have_a_version() {
        assert_eq!(parse_version("postgres (PostgreSQL) 18.6\n"), Some((18, 6)));
        assert_eq!(parse_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0)"), Some((15, 18)));
        assert_eq!(parse_version("postgres (PostgreSQL) 19beta4"), None);
        assert_eq!(parse_version("postgres (PostgreSQL) 20devel"), None);
        assert_eq!(parse_version(""), None);
    }

    #[tokio::test]
    async fn a_major_beyond_the_lab_is_refused_before_anything_is_downloaded() {
        let error = Binaries::find(Some(12)).await.unwrap_err();
        assert_eq!(error.to_string(), "the lab runs PostgreSQL 13 to 18, not 12");
    }
}
