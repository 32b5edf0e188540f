//! The `options` parameter: server settings as command-line switches.

/// Reads `-c name=value` and `--name=value` switches as the server splits them,
/// and knows no other switch.
pub(super) fn parse(text: &str) -> Option<Vec<(String, String)>> {
    let mut settings = Vec::new();
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        let setting = if word == "-c" {
            words.next()?
        } else {
            word.strip_prefix("--").or_else(|| word.strip_prefix("-c"))?.to_owned()
        };
        let (name, value) = setting.split_once('=').filter(|(name, _)| !name.is_empty())?;
        // The server takes --statement-timeout for statement_timeout.
        settings.push((name.replace('-', "_"), value.to_owned()));
    }
    Some(settings)
}

/// Splits at spaces; a backslash takes the next character as it is.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            _ if super::conninfo::is_space(letter) => words.extend(word.take()),
            '\\' => word.get_or_insert_default().extend(letters.next()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_become_settings() {
        let parsed = |text| {
            parse(text)
                .map(|pairs| pairs.into_iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>())
        };
        assert_eq!(parsed("-c a=b").unwrap(), ["a=b"]);
        assert_eq!(parsed(" -ca=b  --c-d=e=f ").unwrap(), ["a=b", "c_d=e=f"]);
        assert_eq!(parsed(r"-c a=b\ c\\d -c e=").unwrap(), [r"a=b c\d", "e="]);
        assert_eq!(parsed("").unwrap(), Vec::<String>::new());
        for refused in ["-B 10", "a=b", "-c", "-c a", "-c =b", "--", "-"] {
            assert_eq!(parsed(refused), None, "{refused}");
        }
    }
}
