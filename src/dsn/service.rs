//! Service files: named groups of parameters, in `[name]` sections.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::{Error, Origin, Unknown};
use super::files::{self, FileProblem};
use super::keywords;
use super::parameters::Parameters;

/// Where packages compile libpq to look when PGSYSCONFDIR is not set.
const SYSTEM_DIRECTORIES: [&str; 2] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql"];

/// Fills in from the service, if one is named, what is not set yet.
pub(super) fn fill(parameters: &mut Parameters, from: &Environment) -> Result<(), Error> {
    let Some(name) = parameters.get("service").or_else(|| from.variable("PGSERVICE")) else {
        return Ok(());
    };
    let name = name.to_owned();
    let mut searched = Vec::new();
    for (path, must_exist) in candidates(parameters, from) {
        let text = match files::read(&path) {
            Ok((_, text)) => text,
            Err(FileProblem::MISSING) if !must_exist => continue,
            Err(reason) => return Err(Error::ServiceFile { path, reason }),
        };
        if apply(&name, &text, &path, parameters)? {
            return Ok(());
        }
        searched.push(path);
    }
    Err(Error::NoService { searched })
}

/// The files to look in: one that is named replaces the user's, and has to
/// exist; the system's comes last.
fn candidates(parameters: &Parameters, from: &Environment) -> Vec<(PathBuf, bool)> {
    let named = parameters.get("servicefile").or_else(|| from.variable("PGSERVICEFILE"));
    let first = match named {
        Some(path) => Some((PathBuf::from(path), true)),
        None => from.at_home(".pg_service.conf").map(|path| (path, false)),
    };
    let system = match from.variable("PGSYSCONFDIR") {
        Some(directory) => vec![directory],
        None => SYSTEM_DIRECTORIES.to_vec(),
    };
    let system = system.into_iter().map(|path| (Path::new(path).join("pg_service.conf"), false));
    first.into_iter().chain(system).collect()
}

/// Takes over the section of that name; false when there is none.
fn apply(name: &str, text: &str, path: &Path, parameters: &mut Parameters) -> Result<bool, Error> {
    let mut found = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(section) = line.strip_prefix('[') {
            if found {
                break;
            }
            found = section.strip_prefix(name).is_some_and(|rest| rest.starts_with(']'));
        } else if found {
            set(line, parameters).map_err(|problem| Error::ServiceLine {
                path: path.to_owned(),
                line: number + 1,
                problem: Box::new(problem),
            })?;
        }
    }
    Ok(found)
}

/// One `keyword=value` line. There are no quotes: the value is all that follows.
fn set(line: &str, parameters: &mut Parameters) -> Result<(), Error> {
    let (name, value) = line.split_once('=').ok_or(Error::ServiceSyntax)?;
    let keyword = keywords::find(name)
        .ok_or_else(|| Error::Unknown(Unknown::shown(name), Origin::Service))?;
    if matches!(keyword.name, "service" | "servicefile") {
        let advice = "a service cannot refer to another one";
        return Err(Error::Unsupported { keyword: keyword.name, origin: Origin::Service, advice });
    }
    parameters.set_default(keyword, value, Origin::Service)
}

#[cfg(test)]
mod tests {
    use super::super::environment::environment;
    use super::super::text;
    use super::*;

    fn filled(text: &str, from: &Environment) -> Result<Vec<(String, String)>, Error> {
        let mut parameters = text::parse(text)?;
        fill(&mut parameters, from)?;
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Ok(parameters.listed().iter().map(owned).collect())
    }

    #[test]
    fn a_service_fills_the_gaps_from_the_first_file_that_has_it() {
        let directory = tempfile::tempdir().unwrap();
        let home = directory.path().to_str().unwrap();
        let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text);
        write(
            ".pg_service.conf",
            "# mine\n[other]\nhost=no\n\n[app]\n host=a\nport=7\nport=8\npassword='q u'\n[app]\nuser=no\n",
        )
        .unwrap();
        write("pg_service.conf", "[app]\nhost=no\n[system]\nhost=s\n").unwrap();
        let from = environment(&[("HOME", home), ("PGSYSCONFDIR", home), ("PGSERVICE", "system")]);

        let pairs = filled("service=app port=1", &from).unwrap();
        let expected = [("host", "a"), ("password", "'q u'"), ("port", "1"), ("service", "app")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(filled("", &from).unwrap(), [("host".to_owned(), "s".to_owned())]);
        assert!(
            matches!(filled("service=none", &from), Err(Error::NoService { searched }) if searched.len() == 2)
        );
    }

    #[test]
    fn a_broken_service_file_says_where_and_not_what() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("services");
        let from = environment(&[("PGSERVICEFILE", path.to_str().unwrap())]);
        assert!(matches!(filled("service=a", &from), Err(Error::ServiceFile { .. })));
        for (line, said) in [
            ("secret", "line 2: write keyword=value"),
            ("pasword=secret", "line 2: the service file: unknown keyword \"pasword\""),
            ("port =secret", "line 2: the service file: unknown keyword, not shown"),
            ("service=secret", "line 2: service in the service file is not supported"),
            ("sslpassword=secret", "line 2: sslpassword in the service file is not supported"),
        ] {
            std::fs::write(&path, format!("[a]\n{line}\n")).unwrap();
            let error = filled("service=a", &from).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        }
    }
}
