//! The `keyword=value` form: spaces between pairs, optional spaces around
//! `=`, single quotes, and a backslash that takes the next character as it is.

use std::iter::Peekable;
use std::str::Chars;

use super::error::{Error, Origin};
use super::parameters::Parameters;

pub(super) fn parse(text: &str) -> Result<Parameters, Error> {
    let mut parameters = Parameters::default();
    let mut rest = text.chars().peekable();
    let mut after_password = false;
    loop {
        skip_spaces(&mut rest);
        if rest.peek().is_none() {
            return Ok(parameters);
        }
        let keyword = keyword(&mut rest)?;
        let value = value(&mut rest)?;
        // What follows a password may be its second half, left unquoted.
        parameters.set(&keyword, value, Origin::Text, !after_password)?;
        after_password |= keyword == "password";
    }
}

/// What C's `isspace` takes for a space, as libpq does.
pub(super) fn is_space(letter: char) -> bool {
    letter.is_ascii_whitespace() || letter == '\x0b'
}

fn skip_spaces(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|letter| is_space(*letter)).is_some() {}
}

fn keyword(rest: &mut Peekable<Chars<'_>>) -> Result<String, Error> {
    let mut keyword = String::new();
    while let Some(letter) = rest.next_if(|letter| *letter != '=' && !is_space(*letter)) {
        keyword.push(letter);
    }
    skip_spaces(rest);
    rest.next_if_eq(&'=').map(|_| keyword).ok_or(Error::MissingEquals)
}

fn value(rest: &mut Peekable<Chars<'_>>) -> Result<String, Error> {
    skip_spaces(rest);
    let quoted = rest.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match rest.next() {
            Some('\\') => value.extend(rest.next()),
            Some('\'') if quoted => return Ok(value),
            Some(letter) if !quoted && is_space(letter) => return Ok(value),
            Some(letter) => value.push(letter),
            None if quoted => return Err(Error::UnterminatedQuote),
            None => return Ok(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyword_value_grammar() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("host=db port=5433", &[("host", "db"), ("port", "5433")]),
            ("  host = db   port= 5433 ", &[("host", "db"), ("port", "5433")]),
            ("host\t=\ndb\r\n user=u", &[("host", "db"), ("user", "u")]),
            ("password='two words'", &[("password", "two words")]),
            (r"password='it\'s'", &[("password", "it's")]),
            (r"password='back\\slash'", &[("password", r"back\slash")]),
            (r"password=a\ b\'c\\d", &[("password", r"a b'c\d")]),
            (r"password=end\ ", &[("password", "end ")]),
            (r"password=end\", &[("password", "end")]),
            ("password=a'b", &[("password", "a'b")]),
            ("password=a=b=", &[("password", "a=b=")]),
            ("password=a,b@c/d", &[("password", "a,b@c/d")]),
            ("password=''", &[("password", "")]),
            ("password= user=bob", &[("password", "user=bob")]),
            ("password='a'user=bob", &[("password", "a"), ("user", "bob")]),
            (
                "host=/var/run/postgresql dbname=x",
                &[("dbname", "x"), ("host", "/var/run/postgresql")],
            ),
            ("host=a host=b", &[("host", "b")]),
            ("host=", &[("host", "")]),
            ("host=::1", &[("host", "::1")]),
            ("user=zoë dbname='na me'", &[("dbname", "na me"), ("user", "zoë")]),
            ("options='-c a=b'", &[("options", "-c a=b")]),
            ("host=db keepalives=1 sslcompression=0 sslsni=1", &[("host", "db")]),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap().listed(), *expected, "{text}");
        }
    }

    #[test]
    fn what_libpq_refuses_is_refused() {
        for (text, error) in [
            ("host=a db", Error::MissingEquals),
            ("password='a b", Error::UnterminatedQuote),
            (r"password='a\'", Error::UnterminatedQuote),
            ("password=two words", Error::MissingEquals),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
        let error = |text| parse(text).unwrap_err().to_string();
        assert!(error("hots=a").contains("\"hots\""));
        assert!(error("HOST=a").contains("\"HOST\""));
        assert!(!error("host=a ='b'").contains("\"\""));
        assert!(!error("password=one two=three").contains("two"));
    }
}
