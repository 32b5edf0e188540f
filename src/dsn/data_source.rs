//! The targets that the environment names: postgres_exporter's variables first,
//! then libpq's.

use super::error::Error;
use super::parameters::Parameters;
use super::source::{Base, Override, Source, Text, uri};
use super::{Environment, Secret, conninfo, keywords, text, url};

/// These say that a server is meant; the other variables of libpq adjust one.
const CONNECTS: [&str; 6] = ["PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE"];

/// DATA_SOURCE_NAME; else DATA_SOURCE_URI and its companions; else one target
/// of the `PG*` variables, if they name any; else none.
pub fn from_environment(from: &Environment) -> Result<Vec<Source>, Error> {
    if let Some(list) = from.variable("DATA_SOURCE_NAME") {
        return names(list);
    }
    if let Some(source) = address_and_credentials(from)? {
        return Ok(vec![source]);
    }
    let named = CONNECTS.iter().any(|name| from.variable(name).is_some());
    let source = || Source::new("PG* variables", Base::Parsed(Parameters::default()));
    Ok(named.then(source).into_iter().collect())
}

fn names(list: &str) -> Result<Vec<Source>, Error> {
    let texts = split(list);
    let several = texts.len() > 1;
    let mut sources = Vec::with_capacity(texts.len());
    for (index, text) in texts.into_iter().enumerate() {
        let mut place = "DATA_SOURCE_NAME".to_owned();
        if several {
            place = format!("{place} (number {})", index + 1);
        }
        sources.push(match text::parse(text) {
            Ok(parameters) => Source::new(place, Base::Parsed(parameters)),
            Err(problem) => return Err(Error::In { place, problem: Box::new(problem) }),
        });
    }
    Ok(sources)
}

/// DATA_SOURCE_URI is an address without credentials. DATA_SOURCE_USER and
/// DATA_SOURCE_PASS are those, with any character in them. Each of the three
/// may come from a file, which then wins.
fn address_and_credentials(from: &Environment) -> Result<Option<Source>, Error> {
    let (place, file) = ("DATA_SOURCE_URI", "DATA_SOURCE_URI_FILE");
    let mut source = if let Some(path) = from.variable(file) {
        Source::new(file, Base::UriFile(file, path.into()))
    } else if let Some(text) = from.variable(place) {
        Source::new(place, Base::Parsed(uri(text, place)?))
    } else {
        return Ok(None);
    };
    for (keyword, variable, file) in [
        ("user", "DATA_SOURCE_USER", "DATA_SOURCE_USER_FILE"),
        ("password", "DATA_SOURCE_PASS", "DATA_SOURCE_PASS_FILE"),
    ] {
        let (named_by, text) = if let Some(path) = from.variable(file) {
            (file, Text::File(path.into()))
        } else if let Some(value) = from.variable(variable) {
            (variable, Text::Value(Secret::new(value)))
        } else {
            continue;
        };
        source = source.with(Override { keyword, named_by, text });
    }
    Ok(Some(source))
}

/// Splits a list at its commas, but only where another connection string
/// begins: postgres_exporter splits at every comma, and so breaks a password
/// that has one.
fn split(list: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (comma, _) in list.match_indices(',') {
        let piece = &list[start..comma];
        if begins_a_dsn(&list[comma + 1..]) && !is_open(piece) {
            pieces.push(piece);
            start = comma + 1;
        }
    }
    pieces.push(&list[start..]);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// A URL, a keyword with its "=", or no more than separators.
fn begins_a_dsn(text: &str) -> bool {
    let text = text.trim_start_matches(|letter| letter == ',' || conninfo::is_space(letter));
    let word = text.find(|letter| letter == '=' || conninfo::is_space(letter));
    let (word, after) = text.split_at(word.unwrap_or(text.len()));
    text.is_empty()
        || url::after_scheme(text).is_some()
        || keywords::find(word).is_some() && after.trim_start().starts_with('=')
}

/// Whether a comma after this piece belongs to a quoted or an escaped value.
fn is_open(piece: &str) -> bool {
    let in_quotes = || conninfo::parse(piece) == Err(Error::UnterminatedQuote);
    url::after_scheme(piece.trim_start()).is_none() && (piece.ends_with('\\') || in_quotes())
}

#[cfg(test)]
mod tests {
    use super::super::environment::environment;
    use super::super::{Dsn, Host};
    use super::*;

    fn dsns(variables: &[(&str, &str)]) -> Result<Vec<Dsn>, Error> {
        let from = environment(variables);
        from_environment(&from)?.iter().map(|source| source.dsn(&from)).collect()
    }

    fn shown(variables: &[(&str, &str)]) -> Vec<String> {
        dsns(variables).unwrap().iter().map(Dsn::to_string).collect()
    }

    fn password(dsn: &Dsn) -> String {
        dsn.password().unwrap().unwrap().expose().to_owned()
    }

    #[test]
    fn a_list_splits_where_a_connection_string_begins() {
        for (list, pieces) in [
            ("host=a", &["host=a"][..]),
            ("host=a,host=b", &["host=a", "host=b"]),
            ("host=a, user = b", &["host=a", " user = b"]),
            (
                "postgres://a,postgresql://b?sslmode=disable,port=1",
                &["postgres://a", "postgresql://b?sslmode=disable", "port=1"],
            ),
            ("postgres://u:it's@a,postgres://b", &["postgres://u:it's@a", "postgres://b"]),
            (r"postgres://u:\@a,host=b", &[r"postgres://u:\@a", "host=b"]),
            ("postgres://u:p,q@a", &["postgres://u:p,q@a"]),
            ("postgres://a,b/db", &["postgres://a,b/db"]),
            ("password='x,host=y' user=z", &["password='x,host=y' user=z"]),
            (r"password='\',host=y' user=z", &[r"password='\',host=y' user=z"]),
            (r"password= 'x,host=y',user=z", &["password= 'x,host=y'", "user=z"]),
            (r"password=x\,host=y", &[r"password=x\,host=y"]),
            ("password=it's,host=y", &["password=it's", "host=y"]),
            ("password=x,y=z", &["password=x,y=z"]),
            ("host=a,", &["host=a"]),
            ("host=a,, ,host=b", &["host=a", "host=b"]),
            (",host=a", &["host=a"]),
            ("", &[]),
        ] {
            assert_eq!(split(list), pieces, "{list}");
        }
    }

    #[test]
    fn names_come_first_then_the_address_then_libpqs_variables() {
        let all = [
            ("DATA_SOURCE_NAME", "host=a,postgres://u@b:1/c?sslmode=disable"),
            ("DATA_SOURCE_URI", "x"),
            ("PGHOST", "y"),
            ("PGPORT", "7"),
        ];
        assert_eq!(shown(&all), ["os@a:7/os sslmode=prefer", "u@b:1/c sslmode=disable"]);
        assert_eq!(shown(&all[1..]), ["os@x:7/os sslmode=prefer"]);
        assert_eq!(shown(&all[2..]), ["os@y:7/os sslmode=prefer"]);
        assert_eq!(shown(&[("PGPASSWORD", "p"), ("PGSSLMODE", "disable")]), Vec::<String>::new());
        assert_eq!(
            shown(&[("DATA_SOURCE_NAME", ""), ("DATA_SOURCE_PASS", "p")]),
            Vec::<String>::new()
        );
        let sources = from_environment(&environment(&all)).unwrap();
        assert_eq!(sources[1].to_string(), "DATA_SOURCE_NAME (number 2)");
    }

    #[test]
    fn an_error_names_the_place_and_not_the_content() {
        let error = dsns(&[("DATA_SOURCE_NAME", "host=a,port=1 x")]).unwrap_err().to_string();
        assert!(error.starts_with(
            "DATA_SOURCE_NAME (number 2): the connection string has a keyword without"
        ));
        let error = dsns(&[("DATA_SOURCE_URI", "h/%zz")]).unwrap_err().to_string();
        assert!(error.starts_with("DATA_SOURCE_URI: the dbname in the URL"), "{error}");
        let mistaken = [("DATA_SOURCE_URI", "h"), ("DATA_SOURCE_PASS_FILE", "hunter2")];
        let error = dsns(&mistaken).unwrap_err();
        assert!(error.to_string().starts_with("the file of DATA_SOURCE_PASS_FILE cannot be read"));
        assert!(!format!("{error:?}").contains("hunter2"));
    }

    #[test]
    fn credentials_may_hold_any_character() {
        let special = "p@s/s:w?o#r%zd&'\\ =";
        let found = dsns(&[
            ("DATA_SOURCE_URI", "localhost:5433/db?sslmode=disable"),
            ("DATA_SOURCE_USER", "me@server"),
            ("DATA_SOURCE_PASS", special),
        ])
        .unwrap();
        assert_eq!(found[0].to_string(), "me@server@localhost:5433/db sslmode=disable");
        assert_eq!(password(&found[0]), special);
        let scheme = [("DATA_SOURCE_URI", "postgresql://u:p@h"), ("DATA_SOURCE_USER", "v")];
        let found = dsns(&scheme).unwrap();
        assert_eq!((&*found[0].user, &*password(&found[0])), ("v", "p"));
    }

    #[test]
    fn files_win_and_are_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        let (uri, user, pass) = (path("uri"), path("user"), path("pass"));
        let from = environment(&[
            ("DATA_SOURCE_URI_FILE", &*uri),
            ("DATA_SOURCE_USER_FILE", &user),
            ("DATA_SOURCE_PASS_FILE", &pass),
            ("DATA_SOURCE_URI", "x"),
            ("DATA_SOURCE_USER", "x"),
            ("DATA_SOURCE_PASS", "x"),
        ]);
        let sources = from_environment(&from).unwrap();
        assert!(sources[0].dsn(&from).is_err());
        for turn in ["one", "two"] {
            std::fs::write(&uri, format!("{turn}:1/db\n")).unwrap();
            std::fs::write(&user, format!("user-{turn}\r\n")).unwrap();
            std::fs::write(&pass, format!("pass {turn}\n")).unwrap();
            let found = sources[0].dsn(&from).unwrap();
            assert_eq!(found.host, Host::Tcp(turn.to_owned()));
            assert_eq!(found.user, format!("user-{turn}"));
            assert_eq!(password(&found), format!("pass {turn}"));
        }
    }
}
