//! libpq's password file: lines of `host:port:dbname:user:password`.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::files::{self, FileProblem};
use super::secret::Secret;

/// Why a password file was left aside. It is a warning: the server may ask for
/// no password at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassfileIgnored {
    #[error("password file {} is ignored: others may read it; chmod it to 0600", .0.display())]
    Exposed(PathBuf),
    #[error("password file {} is ignored: {}", .0.display(), .1)]
    Unreadable(PathBuf, FileProblem),
}

/// What a line has to match.
pub(super) struct Wanted<'a> {
    pub host: &'a str,
    pub port: u16,
    pub dbname: &'a str,
    pub user: &'a str,
}

/// The password of the first line that matches. A missing file is the normal
/// case and says nothing.
pub(super) fn look_up(path: &Path, wanted: &Wanted) -> Result<Option<Secret>, PassfileIgnored> {
    let (metadata, text) = match files::read(path) {
        Ok(read) => read,
        Err(FileProblem::MISSING) => return Ok(None),
        Err(reason) => return Err(PassfileIgnored::Unreadable(path.to_owned(), reason)),
    };
    if metadata.mode() & 0o077 != 0 {
        return Err(PassfileIgnored::Exposed(path.to_owned()));
    }
    Ok(text.lines().find_map(|line| wanted.password_in(line)))
}

impl Wanted<'_> {
    /// The password of a line that matches. A malformed line matches nothing,
    /// as in libpq.
    fn password_in(&self, line: &str) -> Option<Secret> {
        if line.starts_with('#') {
            return None;
        }
        let port = self.port.to_string();
        let mut rest = line;
        for wanted in [self.host, &port, self.dbname, self.user] {
            let (field, after) = field(rest);
            let matches = rest.starts_with("*:") || field == wanted;
            rest = after.filter(|_| matches)?;
        }
        Some(Secret::new(field(rest).0)).filter(|password| !password.expose().is_empty())
    }
}

/// A field up to the next colon, without its backslashes, and what follows.
fn field(text: &str) -> (String, Option<&str>) {
    let mut field = String::new();
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        match letter {
            ':' => return (field, Some(rest.as_str())),
            // A backslash at the end of the line stands for itself.
            '\\' => field.push(rest.next().unwrap_or('\\')),
            _ => field.push(letter),
        }
    }
    (field, None)
}

#[cfg(test)]
pub(super) fn private(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const WANTED: Wanted<'_> = Wanted { host: "db", port: 5432, dbname: "app", user: "me" };

    #[test]
    fn lines_match_as_in_libpq() {
        let cases: &[(&str, Option<&str>)] = &[
            ("db:5432:app:me:secret", Some("secret")),
            ("*:*:*:*:secret", Some("secret")),
            ("db:*:app:*:secret", Some("secret")),
            ("db:5432:app:me:a\\:b\\\\c", Some("a:b\\c")),
            ("db:5432:app:me:a:b", Some("a")),
            ("db:5432:app:me: spaced ", Some(" spaced ")),
            ("db:5432:app:me:end\\", Some("end\\")),
            ("d\\b:5432:app:me:x", Some("x")),
            ("\\*:5432:app:me:x", None),
            ("db*:5432:app:me:x", None),
            ("other:5432:app:me:x", None),
            ("db:5433:app:me:x", None),
            ("db:5432:app:you:x", None),
            ("#db:5432:app:me:x", None),
            ("db:5432:app:me:", None),
            ("db:5432:app:me", None),
            ("db:5432", None),
            ("", None),
        ];
        for (line, expected) in cases {
            let found = WANTED.password_in(line);
            assert_eq!(found.as_ref().map(Secret::expose), *expected, "{line}");
        }
    }

    #[test]
    fn the_first_match_wins_and_the_file_must_be_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pgpass");
        assert_eq!(look_up(&path, &WANTED), Ok(None));
        private(&path, "# mine\r\n\nx:*:*:*:no\r\ndb:5432:*:me:first\r\n*:*:*:*:second\n");
        assert_eq!(look_up(&path, &WANTED), Ok(Some(Secret::new("first"))));

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let ignored = look_up(&path, &WANTED).unwrap_err();
        assert_eq!(ignored, PassfileIgnored::Exposed(path.clone()));
        assert!(!format!("{ignored} {ignored:?}").contains("first"));

        let ignored = look_up(directory.path(), &WANTED).unwrap_err();
        assert!(matches!(ignored, PassfileIgnored::Unreadable(..)));
    }
}
