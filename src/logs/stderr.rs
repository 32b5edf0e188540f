//! The log as text: a prefix, a severity and a message on each line that begins
//! one. The server puts a tab before every further line of a text, so no statement
//! can pass for a message of its own.

use super::format::{Found, line};
use super::prefix::Prefix;
use super::record::{Record, Sqlstate};
use super::severity::{Severity, is_aside};

#[derive(Clone, Debug, PartialEq)]
pub struct Stderr {
    /// The first that fits reads a line.
    pub prefixes: Vec<Prefix>,
    /// `log_error_verbosity = verbose`: the SQLSTATE stands before the message.
    pub verbose: bool,
}

/// What stands behind the prefix of a line.
enum Body<'a> {
    Message(Severity, &'a [u8]),
    Aside,
}

impl Stderr {
    pub fn first<'a>(&self, bytes: &'a [u8], ended: bool) -> Found<'a> {
        let Some(head) = line(bytes, ended) else { return Found::Incomplete };
        let Some(length) = with_tabs(bytes, head.len(), ended) else { return Found::Incomplete };
        // The rest of a message that was taken for whole before.
        if head.starts_with(b"\t") {
            return Found::Aside(length);
        }
        let Some((body, sqlstate)) = self.read(head) else { return Found::Unparsed(length) };
        match body {
            Body::Aside => Found::Aside(length),
            Body::Message(severity, text) => {
                // Up to the last of its lines.
                let message = &bytes[head.len() - text.len()..length];
                let (said, message) = match self.verbose {
                    true => verbose(message),
                    false => (None, message),
                };
                Found::Message(Record { severity, sqlstate: sqlstate.or(said), message }, length)
            }
        }
    }

    fn read<'a>(&self, head: &'a [u8]) -> Option<(Body<'a>, Option<Sqlstate>)> {
        self.prefixes.iter().find_map(|prefix| prefix.read(head, body))
    }
}

/// The length of a line together with those behind it that begin with a tab. Only
/// the beginning of the next line says that there is no more.
fn with_tabs(bytes: &[u8], head: usize, ended: bool) -> Option<usize> {
    let mut length = head;
    while bytes.get(length) == Some(&b'\t') {
        length += line(&bytes[length..], ended)?.len();
    }
    (ended || length < bytes.len()).then_some(length)
}

fn body(text: &[u8]) -> Option<Body<'_>> {
    // No word of a severity is longer, in any language.
    let colon = memchr::memchr(b':', &text[..text.len().min(40)])?;
    if let Some(message) = text[colon..].strip_prefix(b":  ")
        && let Some(severity) = Severity::of_word(&text[..colon])
    {
        return Some(Body::Message(severity, message));
    }
    is_aside(text).then_some(Body::Aside)
}

/// `40P01: deadlock detected`
fn verbose(message: &[u8]) -> (Option<Sqlstate>, &[u8]) {
    match (Sqlstate::at(message), message.get(5..).and_then(|rest| rest.strip_prefix(b": "))) {
        (Some(sqlstate), Some(message)) => (Some(sqlstate), message),
        _ => (None, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stderr(prefix: &str, verbose: bool) -> Stderr {
        Stderr { prefixes: vec![Prefix::compile(prefix)], verbose }
    }

    #[test]
    fn a_message_goes_on_while_lines_begin_with_a_tab() {
        let text = b"[1] ERROR:  a\n\tb\n\tc\n[1] STATEMENT:  select\n\t1\n[2] LOG:  x\n";
        let parser = stderr("[%p] ", false);
        let Found::Message(record, length) = parser.first(text, false) else { panic!() };
        assert_eq!(record.severity, Severity::Error);
        assert_eq!(record.message, b"a\n\tb\n\tc\n");
        let rest = &text[length..];
        let Found::Aside(length) = parser.first(rest, false) else { panic!() };
        let rest = &rest[length..];
        assert_eq!(parser.first(rest, false), Found::Incomplete, "a tab may still come");
        assert!(matches!(parser.first(rest, true), Found::Message(_, 12)));
    }

    #[test]
    fn what_is_no_message_is_said_to_be_none() {
        let parser = stderr("[%p] ", false);
        assert_eq!(parser.first(b"sh: not found\n[1] LOG:  x\n", false), Found::Unparsed(14));
        assert_eq!(parser.first(b"\tlate\n[1]", false), Found::Aside(6));
        assert_eq!(parser.first(b"[1] ERROR:  half", false), Found::Incomplete);
        assert_eq!(parser.first(b"[1] LOUD:  x\n.", false), Found::Unparsed(13));
    }

    #[test]
    fn a_verbose_server_says_the_sqlstate_before_the_message() {
        let text = b"[1] ERROR:  22012: division by zero\n.";
        let Found::Message(record, _) = stderr("[%p] ", true).first(text, false) else { panic!() };
        assert!(record.sqlstate.unwrap().in_class("22"));
        assert_eq!(record.message, b"division by zero\n");
        let Found::Message(record, _) = stderr("[%p] ", false).first(text, false) else { panic!() };
        assert_eq!(record.sqlstate, None);
    }
}
