//! `log_filename`: which files of the log directory the server's collector writes.

use super::format::Format;

/// A pattern of strftime: what an escape stands for may be anything, the rest is
/// as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Filename {
    literals: Vec<String>,
}

impl Filename {
    /// The name of `format`'s files: beside a `.log` of stderr stand a `.csv` and a
    /// `.json` of the same name.
    pub fn new(setting: &str, format: Format) -> Self {
        let stem = setting.strip_suffix(".log");
        let pattern = match format {
            Format::Stderr => setting.to_owned(),
            Format::Csvlog => format!("{}.csv", stem.unwrap_or(setting)),
            Format::Jsonlog => format!("{}.json", stem.unwrap_or(setting)),
        };
        let mut literals = vec![String::new()];
        let mut characters = pattern.chars();
        while let Some(c) = characters.next() {
            let escape = if c == '%' { characters.next() } else { None };
            match (c, escape) {
                ('%', Some('%')) => push(&mut literals, '%'),
                ('%', _) => literals.push(String::new()),
                _ => push(&mut literals, c),
            }
        }
        Self { literals }
    }

    pub fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.literals.split_first() else { return false };
        let Some(mut name) = name.strip_prefix(first.as_str()) else { return false };
        let Some((last, middle)) = rest.split_last() else { return name.is_empty() };
        for literal in middle {
            let Some(at) = name.find(literal.as_str()) else { return false };
            name = &name[at + literal.len()..];
        }
        name.ends_with(last.as_str())
    }
}

fn push(literals: &mut [String], c: char) {
    if let Some(last) = literals.last_mut() {
        last.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_its_neighbours() {
        for (setting, format, name, matches) in [
            (
                "postgresql-%Y-%m-%d_%H%M%S.log",
                Format::Stderr,
                "postgresql-2026-11-20_0000.log",
                true,
            ),
            ("postgresql-%Y-%m-%d_%H%M%S.log", Format::Stderr, "postgresql-2026-11-20.csv", false),
            (
                "postgresql-%Y-%m-%d_%H%M%S.log",
                Format::Stderr,
                "postgresql-2026-11-20.log.gz",
                false,
            ),
            ("postgresql-%a.log", Format::Jsonlog, "postgresql-Fri.json", true),
            ("postgresql-%a.log", Format::Csvlog, "postgresql-Fri.csv", true),
            ("server", Format::Stderr, "server", true),
            ("server", Format::Csvlog, "server.csv", true),
            ("server", Format::Stderr, "server.1", false),
            ("100%%-%H", Format::Stderr, "100%-07", true),
            ("%H-x.log", Format::Stderr, "07-y.log", false),
        ] {
            assert_eq!(Filename::new(setting, format).matches(name), matches, "{setting}: {name}");
        }
    }
}
