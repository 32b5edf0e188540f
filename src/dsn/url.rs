//! The URL form: `postgresql://user:password@host:port/dbname?keyword=value`,
//! every part optional and percent-encoded.
//!
//! Written by hand because it is not RFC 3986: libpq allows an empty host, a
//! port without one, and a socket directory as an encoded host. We differ from
//! libpq in three places. Of several "@" before the first "/" the last one ends
//! the password, since no host holds one and passwords do. An "@" in the
//! database name is refused, because it is nearly always the rest of a password
//! with a bare "/". And a query value may hold "=", as Go's parser allows.

use super::error::{Error, Origin};
use super::parameters::Parameters;

/// What follows `postgresql://` or `postgres://`.
pub(super) fn after_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"))
}

/// Parses a URL without its scheme.
pub(super) fn parse(text: &str) -> Result<Parameters, Error> {
    let mut parameters = Parameters::default();
    let (credentials, text) = split_credentials(text);
    let (place, query) = cut(text, '?');
    let (address, dbname) = cut(place, '/');
    if place.contains('@') {
        return Err(Error::StrayAt);
    }
    let (user, password) = cut(credentials, ':');
    let (host, port) = split_addresses(address)?;
    for (name, value) in [
        ("user", user),
        ("password", password),
        ("host", &host),
        ("port", &port),
        ("dbname", dbname),
    ] {
        // Absent and empty are the same here, and leave room for the defaults.
        if !value.is_empty() {
            parameters.set(name, decode(value, name)?, Origin::Text, true)?;
        }
    }
    // Without its "@" encoded, a password can reach as far as the query.
    let echo = !query.contains('@');
    for pair in query.split('&').filter(|_| !query.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(Error::MissingParameterValue)?;
        let (mut name, mut value) = (decode(name, "query")?, decode(value, "query")?);
        // The JDBC driver's way to say it, which libpq knows too.
        if name == "ssl" && value == "true" {
            (name, value) = ("sslmode".to_owned(), "require".to_owned());
        }
        parameters.set(&name, value, Origin::Text, echo)?;
    }
    Ok(parameters)
}

/// The two sides of the first `separator`, the second empty without one.
fn cut(text: &str, separator: char) -> (&str, &str) {
    text.split_once(separator).unwrap_or((text, ""))
}

/// Credentials end at the last "@" of the authority. As in libpq they may hold
/// a bare "?", so the first "@" is looked for beyond one.
fn split_credentials(text: &str) -> (&str, &str) {
    let authority = cut(text, '/').0;
    let Some((mut credentials, _)) = authority.split_once('@') else { return ("", text) };
    let after = cut(&authority[credentials.len() + 1..], '?').0;
    if let Some(last) = after.rfind('@') {
        credentials = &text[..credentials.len() + 1 + last];
    }
    (credentials, &text[credentials.len() + 1..])
}

/// Hosts and ports, each in one list of the same length; no ports at all when none
/// is given.
fn split_addresses(addresses: &str) -> Result<(String, String), Error> {
    let each: Vec<_> = addresses.split(',').map(split_address).collect::<Result<_, _>>()?;
    let (hosts, ports): (Vec<_>, Vec<_>) = each.into_iter().unzip();
    let none = ports.iter().all(|port| port.is_empty());
    Ok((hosts.join(","), if none { String::new() } else { ports.join(",") }))
}

/// A host, in brackets when it is an IPv6 address, and a port.
fn split_address(address: &str) -> Result<(&str, &str), Error> {
    let Some(bracketed) = address.strip_prefix('[') else { return Ok(cut(address, ':')) };
    let (host, port) = bracketed.split_once(']').ok_or(Error::Brackets)?;
    match port.strip_prefix(':') {
        Some(port) if !host.is_empty() => Ok((host, port)),
        None if !host.is_empty() && port.is_empty() => Ok((host, "")),
        _ => Err(Error::Brackets),
    }
}

fn decode(text: &str, part: &'static str) -> Result<String, Error> {
    let wrong = || Error::PercentEncoding(part);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let code = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        bytes.push(code.filter(|code| *code != 0).ok_or_else(wrong)?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_grammar() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("/", &[]),
            ("?", &[]),
            ("host", &[("host", "host")]),
            ("host/", &[("host", "host")]),
            ("host:5433", &[("host", "host"), ("port", "5433")]),
            ("host:/db", &[("dbname", "db"), ("host", "host")]),
            (":5433", &[("port", "5433")]),
            ("/db", &[("dbname", "db")]),
            ("user@", &[("user", "user")]),
            ("user@host", &[("host", "host"), ("user", "user")]),
            ("user@/db", &[("dbname", "db"), ("user", "user")]),
            ("@host", &[("host", "host")]),
            ("user:@host", &[("host", "host"), ("user", "user")]),
            (":pass@host", &[("host", "host"), ("password", "pass")]),
            (
                "u:p@host:1/db",
                &[
                    ("dbname", "db"),
                    ("host", "host"),
                    ("password", "p"),
                    ("port", "1"),
                    ("user", "u"),
                ],
            ),
            ("u:p%40%2f%3a%25@host", &[("host", "host"), ("password", "p@/:%"), ("user", "u")]),
            ("u:p:q@host", &[("host", "host"), ("password", "p:q"), ("user", "u")]),
            (
                "u:p@q@host/db",
                &[("dbname", "db"), ("host", "host"), ("password", "p@q"), ("user", "u")],
            ),
            ("u:p?q@host", &[("host", "host"), ("password", "p?q"), ("user", "u")]),
            ("u:p#q@host", &[("host", "host"), ("password", "p#q"), ("user", "u")]),
            ("zo%C3%AB@host", &[("host", "host"), ("user", "zoë")]),
            ("[::1]", &[("host", "::1")]),
            (
                "[2001:db8::7]:5433/db",
                &[("dbname", "db"), ("host", "2001:db8::7"), ("port", "5433")],
            ),
            ("u@[::1]/", &[("host", "::1"), ("user", "u")]),
            ("%2Fvar%2Frun/db", &[("dbname", "db"), ("host", "/var/run")]),
            ("/db?host=/var/run", &[("dbname", "db"), ("host", "/var/run")]),
            ("?host=/tmp&port=7", &[("host", "/tmp"), ("port", "7")]),
            ("a?host=b", &[("host", "b")]),
            (
                "h/db?user=u&password=p%26q",
                &[("dbname", "db"), ("host", "h"), ("password", "p&q"), ("user", "u")],
            ),
            ("h/db?user=me@azure", &[("dbname", "db"), ("host", "h"), ("user", "me@azure")]),
            ("h/?ssl=true", &[("host", "h"), ("sslmode", "require")]),
            ("h/?options=-c%20a=b", &[("host", "h"), ("options", "-c a=b")]),
            ("h/a/b", &[("dbname", "a/b"), ("host", "h")]),
            ("h/?application%5Fname=x+y", &[("application_name", "x+y"), ("host", "h")]),
            ("h/?keepalives=0&sslmode=disable", &[("host", "h"), ("sslmode", "disable")]),
            ("h1,h2/db", &[("dbname", "db"), ("host", "h1,h2")]),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap().listed(), *expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_not_repeated() {
        for (text, error) in [
            ("u:%zz@host", Error::PercentEncoding("password")),
            ("u:50%@host", Error::PercentEncoding("password")),
            ("u:%00@host", Error::PercentEncoding("password")),
            ("u:%ff@host", Error::PercentEncoding("password")),
            ("%+1@host", Error::PercentEncoding("user")),
            ("h?user=%4", Error::PercentEncoding("query")),
            ("u:pa/ss@host/db", Error::StrayAt),
            ("u:12/ss@host", Error::StrayAt),
            ("[::1", Error::Brackets),
            ("[]", Error::Brackets),
            ("[::1]x", Error::Brackets),
            ("h?sslmode", Error::MissingParameterValue),
            ("h?user=a&&port=1", Error::MissingParameterValue),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        assert!(parse("h?hots=x").unwrap_err().to_string().contains("\"hots\""));
        assert!(!parse("u:12/pa?ss=x@h").unwrap_err().to_string().contains("ss="));
    }
}
