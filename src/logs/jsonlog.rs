//! The log as JSON, one object a line, from 15 on.
//!
//! Three keys are searched for, not the whole object read. A quotation mark within
//! a text has a backslash before it, so `,"message":"` can be nothing but the key,
//! and what is found so holds for broken bytes and for half an object too.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::format::{Found, line};
use super::record::{Record, Sqlstate};
use super::severity::Severity;

static SEVERITY: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(",\"error_severity\":\""));
static SQLSTATE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(",\"state_code\":\""));
static MESSAGE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(",\"message\":\""));

pub fn first(bytes: &[u8], ended: bool) -> Found<'_> {
    let Some(line) = line(bytes, ended) else { return Found::Incomplete };
    match read(line) {
        Some(record) => Found::Message(record, line.len()),
        None => Found::Unparsed(line.len()),
    }
}

fn read(line: &[u8]) -> Option<Record<'_>> {
    if !line.starts_with(b"{\"timestamp\":") {
        return None;
    }
    let (severity, rest) = value(&SEVERITY, line)?;
    // The keys come in this order. One without a value is not there.
    let (sqlstate, rest) = match value(&SQLSTATE, rest) {
        Some((code, rest)) => (Sqlstate::at(code), rest),
        None => (None, rest),
    };
    let message = value(&MESSAGE, rest).map_or(&b""[..], |(message, _)| message);
    Some(Record { severity: Severity::of_word(severity)?, sqlstate, message })
}

/// The text behind a key, escaped as it stands there, and what follows it.
fn value<'a>(key: &Finder<'_>, line: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let text = &line[key.find(line)? + key.needle().len()..];
    let mut from = 0;
    while let Some(at) = memchr::memchr2(b'"', b'\\', &text[from..]).map(|at| from + at) {
        if text[at] == b'"' {
            return Some((&text[..at], &text[at..]));
        }
        // The backslash and what it escapes.
        from = (at + 2).min(text.len());
    }
    Some((text, b""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_and_texts_cannot_pass_for_them() {
        let text = br#"{"timestamp":"2026-11-20 21:27:20.123 UTC","user":"a\",\"error_severity\":\"PANIC","pid":17,"error_severity":"ERROR","state_code":"22012","message":"a \"b\" \\","statement":"x"}
next"#;
        let Found::Message(record, length) = first(text, false) else { panic!() };
        assert_eq!(&text[length..], b"next");
        assert_eq!(record.severity, Severity::Error);
        assert!(record.sqlstate.unwrap().is("22012"));
        assert_eq!(record.message, br#"a \"b\" \\"#);
    }

    #[test]
    fn half_an_object_and_broken_bytes_are_read_as_far_as_they_go() {
        let half = b"{\"timestamp\":\"x\",\"error_severity\":\"LOG\",\"message\":\"a\xff \\";
        assert_eq!(first(half, false), Found::Incomplete);
        let Found::Message(record, _) = first(half, true) else { panic!() };
        assert_eq!((record.sqlstate, record.message), (None, &b"a\xff \\"[..]));
        assert_eq!(first(b"{\"level\":1}\n", false), Found::Unparsed(12));
        assert_eq!(first(b"\n", false), Found::Unparsed(1));
    }
}
