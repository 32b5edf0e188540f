//! Whatever is wrong with a connection string, its password stays in it, and
//! nothing that can be typed makes us panic.

use proptest::prelude::*;

use super::environment::environment;
use super::{Dsn, Environment, Error, Source, from_environment};

/// Every text that a reader could come to see.
fn seen(sources: &Result<Vec<Source>, Error>, from: &Environment) -> String {
    let dsn = |source: &Source| match source.dsn(from) {
        Ok(dsn) => format!("{dsn} {dsn:?} {:?}", dsn.password()),
        Err(error) => format!("{error} {error:?}"),
    };
    match sources {
        Ok(sources) => {
            let dsns: Vec<_> = sources.iter().map(dsn).collect();
            let names: Vec<_> = sources.iter().map(Source::to_string).collect();
            format!("{sources:?} {names:?} {dsns:?}")
        }
        Err(error) => format!("{error} {error:?}"),
    }
}

fn seen_of(text: &str, from: &Environment) -> String {
    seen(&Source::parse(text).map(|source| vec![source]), from)
}

/// Recognisable, long enough not to be a word of a message by chance, and
/// surrounded by what the grammars treat in some special way.
fn password() -> impl Strategy<Value = String> {
    let around = || prop_oneof!["[a1:/@?&=%' ,\\\\\\[\\]]{0,5}", "[ -~é]{0,5}"];
    (around(), around()).prop_map(|(before, after)| format!("{before}QZQZ{after}"))
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

proptest! {
    #[test]
    fn arbitrary_text_does_not_panic(text in "\\PC*", list in ".*") {
        let from = environment(&[("DATA_SOURCE_NAME", &*list)]);
        seen_of(&text, &from);
        seen_of(&format!("postgres://{text}"), &from);
        seen_of(&format!("host={text}"), &from);
        seen(&from_environment(&from), &from);
    }

    #[test]
    fn almost_right_text_does_not_panic(text in "(postgres://)?[a@:/?&=%'\\\\,\\[\\] .0é]{0,40}") {
        let from = environment(&[("DATA_SOURCE_NAME", &*text), ("DATA_SOURCE_URI", &*text)]);
        seen_of(&text, &from);
        seen(&from_environment(&from), &from);
    }

    #[test]
    fn a_password_written_rightly_is_kept_and_never_shown(password in password()) {
        let from = environment(&[]);
        for text in [
            format!("postgres://u:{}@h/db", encoded(&password)),
            format!("postgresql://h/db?user=u&password={}", encoded(&password)),
            format!("host=h dbname=db user=u password={}", quoted(&password)),
            format!("password = {} host=h", quoted(&password)),
        ] {
            let dsn = Source::parse(&text).and_then(|source| source.dsn(&from)).unwrap();
            let found = Dsn::password(&dsn).unwrap().unwrap();
            prop_assert_eq!(found.expose(), &password);
            prop_assert!(!seen_of(&text, &from).contains("QZQZ"));
            // In a list, followed by another one.
            let from = environment(&[("DATA_SOURCE_NAME", &*format!("{text},host=other"))]);
            let sources = from_environment(&from).unwrap();
            prop_assert_eq!(sources.len(), 2);
            prop_assert!(!seen(&Ok(sources), &from).contains("QZQZ"));
        }
        let variables = [("DATA_SOURCE_URI", "h:1/db"), ("DATA_SOURCE_PASS", &*password)];
        let from = environment(&variables);
        prop_assert!(!seen(&from_environment(&from), &from).contains("QZQZ"));
    }

    /// Written as it is, where it had to be encoded or quoted; and beside
    /// something else that is wrong.
    #[test]
    fn a_password_in_a_broken_text_is_never_shown(password in password()) {
        for text in [
            format!("postgres://u:{password}@h/db"),
            format!("postgres://u:{password}@h:port/db"),
            format!("postgres://u:{password}@h:99999/db?sslmode=no"),
            format!("postgres://u:{password}@[::1/db"),
            format!("postgres://u:{password}@h1,h2/db"),
            format!("postgres://u:{password}%zz@h/db"),
            format!("postgres://u:{password}@h/db?unknown=1"),
            format!("postgres://u:{password}@h/db?channel_binding=require"),
            format!("postgres:/u:{password}@h/db"),
            format!("POSTGRES://u:{password}@h/db?sslmode=disable"),
            format!("u:{password}@h/db"),
            format!("postgres://h/db?user=u&pasword={}", encoded(&password)),
            format!("host=h user=u password='{password}"),
            format!("host=h pasword={}", quoted(&password)),
            format!("host=h sslpassword={}", quoted(&password)),
            format!("host=h port={}", quoted(&password)),
            format!("host=h connect_timeout={}", quoted(&password)),
            format!("host=h sslmode={}", quoted(&password)),
            format!("host=h options={}", quoted(&format!("x{password}"))),
            format!("host=h hostaddr={}", quoted(&format!("x{password}"))),
            format!("host=h port=x password={}", quoted(&password)),
            format!("password={} nonsense", quoted(&password)),
        ] {
            let shown = seen_of(&text, &environment(&[]));
            prop_assert!(!shown.contains("QZQZ"), "{text}: {shown}");
            let from = environment(&[("DATA_SOURCE_NAME", &*text), ("PGPORT", &*password)]);
            let shown = seen(&from_environment(&from), &from);
            prop_assert!(!shown.contains("QZQZ"), "{text}: {shown}");
        }
    }

    /// As the last pair, an unquoted password is cut at its spaces, and what
    /// was cut off may look like a keyword.
    #[test]
    fn the_rest_of_an_unquoted_password_is_never_shown(password in "[a-z]{1,9} [a-z ]{0,9}QZQZ ?=?[a-z ]{0,9}") {
        let seen = seen_of(&format!("host=h user=u password={password}"), &environment(&[]));
        prop_assert!(!seen.contains("QZQZ"), "{seen}");
    }
}
