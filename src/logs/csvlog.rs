//! The log as CSV. A message is a line, but for line ends inside quotes.

use super::format::{Found, line};
use super::prefix::begins_with_time;
use super::record::{Record, Sqlstate};
use super::severity::Severity;

/// Fields by position, the same in every version.
const SEVERITY: usize = 11;
const SQLSTATE: usize = 12;
const MESSAGE: usize = 13;

pub fn first(bytes: &[u8], ended: bool) -> Found<'_> {
    let Some(head) = line(bytes, ended) else { return Found::Incomplete };
    // Every message begins with its time, never quoted. Asked first, or every line of a broken text would be searched to its end for
    // quotes, line after line.
    if !begins_with_time(head) {
        return Found::Unparsed(head.len());
    }
    let mut inside = false;
    let newline = memchr::memchr2_iter(b'"', b'\n', bytes).find(|at| {
        if bytes[*at] == b'"' {
            inside = !inside;
        }
        bytes[*at] == b'\n' && !inside
    });
    let length = match newline {
        Some(newline) => newline + 1,
        None if ended && !bytes.is_empty() => bytes.len(),
        None => return Found::Incomplete,
    };
    match read(&bytes[..length]) {
        Some(record) => Found::Message(record, length),
        // After a line that was cut short, quotes open where they should close. One
        // line is given up, not all that looks quoted, and the next one tried.
        None => Found::Unparsed(head.len()),
    }
}

/// Whether the next byte would be quoted.
pub fn ends_in_quotes(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'"', bytes).count() % 2 == 1
}

fn read(record: &[u8]) -> Option<Record<'_>> {
    let mut rest = record;
    let mut severity = None;
    let mut sqlstate = None;
    for field in 0..=MESSAGE {
        let (value, behind) = split(rest);
        match field {
            SEVERITY => severity = Some(Severity::of_word(value)?),
            SQLSTATE => sqlstate = Some(Sqlstate::at(value).filter(|_| value.len() == 5)?),
            MESSAGE => return Some(Record { severity: severity?, sqlstate, message: value }),
            _ => {}
        }
        rest = behind?;
    }
    None
}

/// The first field without its quotes, and what is behind its comma.
fn split(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    let Some(quoted) = bytes.strip_prefix(b"\"") else {
        return match memchr::memchr(b',', bytes) {
            Some(comma) => (&bytes[..comma], Some(&bytes[comma + 1..])),
            None => (bytes, None),
        };
    };
    let mut quotes = memchr::memchr_iter(b'"', quoted).peekable();
    while let Some(quote) = quotes.next() {
        // Two are one that belongs to the text.
        if quotes.next_if_eq(&(quote + 1)).is_none() {
            return (&quoted[..quote], quoted[quote + 1..].strip_prefix(b","));
        }
    }
    (quoted, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "2026-11-20 21:27:20.123 UTC,\"app\",\"shop\",17,\"10.0.0.1:4\",691f.11,3,\
                        \"INSERT\",2026-11-20 21:27:20 UTC,3/17,0,ERROR,22012,";

    #[test]
    fn quoted_fields_hold_commas_quotes_and_line_ends() {
        let text =
            format!("{LINE}\"a, \"\"b\"\"\nc\",,,,,,\"select\n1\",,,\"psql\",\"client\"\nnext");
        let Found::Message(record, length) = first(text.as_bytes(), false) else { panic!() };
        assert_eq!(&text[length..], "next");
        assert_eq!(record.severity, Severity::Error);
        assert!(record.sqlstate.unwrap().is("22012"));
        assert_eq!(record.message, b"a, \"\"b\"\"\nc");
    }

    #[test]
    fn after_a_line_that_was_cut_the_next_one_is_read() {
        let text =
            format!("2026-11-20 21:27:20.123 UTC,\"app\",\"sh\n{LINE}\"division by zero\",,\n");
        let Found::Unparsed(length) = first(text.as_bytes(), true) else { panic!() };
        let rest = &text[length..];
        assert!(rest.starts_with(LINE), "{rest}");
        assert!(matches!(first(rest.as_bytes(), false), Found::Message(..)));
    }

    #[test]
    fn a_message_without_an_end_has_a_beginning() {
        let text = format!("{LINE}\"duration: 3.5 ms  statement: select");
        assert_eq!(first(text.as_bytes(), false), Found::Incomplete);
        let Found::Message(record, _) = first(text.as_bytes(), true) else { panic!() };
        assert_eq!(record.message, b"duration: 3.5 ms  statement: select");
        assert!(ends_in_quotes(text.as_bytes()));
    }
}
