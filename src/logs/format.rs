//! The three formats of the server's log, and what each has at the beginning of
//! some bytes.

use super::prefix::Prefix;
use super::record::Record;
use super::{csvlog, jsonlog, stderr};

/// In the order in which we want them: jsonlog is never translated and says the
/// SQLSTATE, csvlog says it too, stderr may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Jsonlog,
    Csvlog,
    Stderr,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Jsonlog, Self::Csvlog, Self::Stderr];

    /// The word of `log_destination`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsonlog => "jsonlog",
            Self::Csvlog => "csvlog",
            Self::Stderr => "stderr",
        }
    }
}

/// How to read a file of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum Parser {
    Jsonlog,
    Csvlog,
    Stderr(stderr::Stderr),
}

/// What bytes begin with, and how many of them it is.
#[derive(Debug, PartialEq)]
pub enum Found<'a> {
    Message(Record<'a>, usize),
    /// Part of a message that was counted already.
    Aside(usize),
    /// A line that is nothing we know.
    Unparsed(usize),
    /// More bytes are needed.
    Incomplete,
}

impl Parser {
    /// `stderr` is read by the prefix of now, or by the one before it, because a
    /// file goes on when the setting changes.
    pub fn new(format: Format, prefixes: Vec<Prefix>, verbose: bool) -> Self {
        match format {
            Format::Jsonlog => Self::Jsonlog,
            Format::Csvlog => Self::Csvlog,
            Format::Stderr => Self::Stderr(stderr::Stderr { prefixes, verbose }),
        }
    }

    /// What `bytes` begin with; `ended` says that nothing will follow them. Bytes
    /// that are not empty always begin with something then.
    pub fn first<'a>(&self, bytes: &'a [u8], ended: bool) -> Found<'a> {
        match self {
            Self::Jsonlog => jsonlog::first(bytes, ended),
            Self::Csvlog => csvlog::first(bytes, ended),
            Self::Stderr(stderr) => stderr.first(bytes, ended),
        }
    }

    /// The rest of a message whose beginning is all that we keep.
    pub fn overlong(&self, beginning: &[u8]) -> Overlong {
        match self {
            Self::Jsonlog => Overlong::Line,
            Self::Csvlog => Overlong::Quoted(csvlog::ends_in_quotes(beginning)),
            Self::Stderr(_) => Overlong::Tabbed { after_newline: beginning.ends_with(b"\n") },
        }
    }
}

/// A message of which more is to come than we keep: where its end will be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Overlong {
    /// At the end of the line.
    Line,
    /// At the end of a line outside quotes; whether we are inside them.
    Quoted(bool),
    /// Before a line that does not begin with a tab.
    Tabbed { after_newline: bool },
}

impl Overlong {
    /// How many of these bytes still belong to it; `None` if it does not end here.
    pub fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Line => memchr::memchr(b'\n', bytes).map(|newline| newline + 1),
            Self::Quoted(inside) => {
                for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
                    match bytes[at] {
                        b'"' => *inside = !*inside,
                        _ if !*inside => return Some(at + 1),
                        _ => {}
                    }
                }
                None
            }
            Self::Tabbed { after_newline } => {
                let mut at = 0;
                while at < bytes.len() {
                    if *after_newline && bytes[at] != b'\t' {
                        return Some(at);
                    }
                    *after_newline = false;
                    match memchr::memchr(b'\n', &bytes[at..]) {
                        Some(newline) => at += newline + 1,
                        None => return None,
                    }
                    *after_newline = true;
                }
                None
            }
        }
    }
}

/// The first line with its end, or all that there is where nothing follows.
pub fn line(bytes: &[u8], ended: bool) -> Option<&[u8]> {
    match memchr::memchr(b'\n', bytes) {
        Some(newline) => Some(&bytes[..=newline]),
        None if ended && !bytes.is_empty() => Some(bytes),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_what_is_too_long_is_found_in_pieces() {
        let mut line = Overlong::Line;
        assert_eq!((line.end(b"abc"), line.end(b"d\nnext")), (None, Some(2)));
        let mut quoted = Overlong::Quoted(true);
        assert_eq!(quoted.end(b"text\nmore\"\""), None);
        assert_eq!(quoted.end(b"x\n\",,\nnext"), Some(6));
        let mut tabbed = Overlong::Tabbed { after_newline: false };
        assert_eq!(tabbed.end(b"text\n\tmore\n"), None);
        assert_eq!(tabbed.end(b"\tmore\nnext"), Some(6));
        let mut tabbed = Overlong::Tabbed { after_newline: true };
        assert_eq!(tabbed.end(b"next"), Some(0));
    }
}
