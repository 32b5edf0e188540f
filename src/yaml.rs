//! YAML in the formats of other exporters, read with the line of what is wrong.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_saphyr::{Location, Spanned};

/// What is wrong, without what stands there: it may be a password.
#[derive(Debug)]
pub struct Error {
    pub line: usize,
    pub message: String,
}

/// An empty text is the default, as where these formats come from.
pub fn parse<T: DeserializeOwned + Default>(text: &str) -> Result<T, Error> {
    // Snippets would quote the file.
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options::<Option<T>>(text, options)
        .map(Option::unwrap_or_default)
        .map_err(|error| {
            // What follows says the place again, or how to call the parser.
            let message = error.render();
            let end =
                [" at line ", ", set ", "; use "].iter().filter_map(|tail| message.find(tail));
            let message = message[..end.min().unwrap_or(message.len())].to_owned();
            Error { line: error.location().map_or(1, line), message }
        })
}

pub fn line(location: Location) -> usize {
    usize::try_from(location.line()).unwrap_or(usize::MAX)
}

/// A mapping in the order of the file, its keys with their places.
pub struct Entries<T>(pub Vec<(Spanned<String>, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T> {
            type Value = Entries<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Pairs(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize, Default)]
    #[serde(deny_unknown_fields, default)]
    struct Sample {
        name: Option<String>,
        number: Option<u64>,
    }

    fn error(text: &str) -> String {
        let error = parse::<Sample>(text).err().unwrap();
        format!("{}: {}", error.line, error.message)
    }

    #[test]
    fn an_error_names_its_line_and_no_value() {
        assert_eq!(
            error("name: a\nnam: b\n"),
            "2: unknown field `nam`, expected one of name, number"
        );
        assert_eq!(error("\nnumber: hunter2"), "2: invalid u64");
        assert_eq!(error("name: [hunter2]"), "1: expected string scalar");
        assert_eq!(error("name: a\nname: b\n"), "2: duplicate mapping key: name");
        assert_eq!(error("name: 'hunter2"), "1: unclosed quote");
        assert_eq!(error("name: a\n---\nname: b\n"), "3: multiple YAML documents detected");
    }

    #[test]
    fn nothing_is_the_default_and_a_number_may_be_text() {
        assert!(parse::<Sample>("# nothing\n").unwrap().name.is_none());
        assert_eq!(parse::<Sample>("name: 1").unwrap().name.as_deref(), Some("1"));
        let entries = parse::<Entries<u64>>("b: 1\n\na: 2\n").unwrap().0;
        let places: Vec<_> = entries
            .iter()
            .map(|(key, value)| (&*key.value, line(key.referenced), *value))
            .collect();
        assert_eq!(places, [("b", 1, 1), ("a", 3, 2)]);
    }
}
