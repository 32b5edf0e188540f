//! From bytes in any pieces to messages, in constant memory.

use super::format::{Found, Overlong, Parser};
use super::record::Record;

/// How much of one message is kept. Statements of any size are logged, but what is
/// counted stands at the beginning.
pub const LONGEST: usize = 256 * 1024;

/// The bytes of a file that are read and not understood yet.
#[derive(Debug)]
pub struct Feed {
    bytes: Box<[u8]>,
    filled: usize,
    overlong: Option<Overlong>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { bytes: vec![0; LONGEST].into(), filled: 0, overlong: None }
    }
}

impl Feed {
    /// Where the next bytes belong; never empty.
    pub fn space(&mut self) -> &mut [u8] {
        &mut self.bytes[self.filled..]
    }

    /// `count` bytes were put there: tells every message that is whole now, and
    /// `None` for a line that is none.
    pub fn advance(
        &mut self,
        count: usize,
        parser: &Parser,
        mut found: impl FnMut(Option<Record<'_>>),
    ) {
        self.filled = (self.filled + count).min(self.bytes.len());
        let mut from = self.skip_overlong();
        loop {
            let bytes = &self.bytes[from..self.filled];
            // What fills all the space will not be whole by waiting.
            let full = bytes.len() == self.bytes.len();
            let length = match parser.first(bytes, full) {
                Found::Message(record, length) => {
                    found(Some(record));
                    length
                }
                Found::Aside(length) => length,
                Found::Unparsed(length) => {
                    found(None);
                    length
                }
                Found::Incomplete => break,
            };
            if full && length == bytes.len() {
                self.overlong = Some(parser.overlong(bytes));
            }
            from += length;
            if from == self.filled {
                break;
            }
        }
        self.bytes.copy_within(from..self.filled, 0);
        self.filled -= from;
    }

    /// Nothing will follow: tells what is there.
    pub fn end(&mut self, parser: &Parser, mut found: impl FnMut(Option<Record<'_>>)) {
        let mut from = 0;
        while from < self.filled && self.overlong.is_none() {
            from += match parser.first(&self.bytes[from..self.filled], true) {
                Found::Message(record, length) => {
                    found(Some(record));
                    length
                }
                Found::Unparsed(length) => {
                    found(None);
                    length
                }
                Found::Aside(length) => length,
                Found::Incomplete => break,
            };
        }
        self.clear();
    }

    /// Whether whole lines wait for a word of what follows, and nothing else.
    pub fn rests_on_a_line(&self) -> bool {
        self.bytes[..self.filled].ends_with(b"\n") && self.overlong.is_none()
    }

    pub fn clear(&mut self) {
        self.filled = 0;
        self.overlong = None;
    }

    /// Where the message ends whose beginning was told already.
    fn skip_overlong(&mut self) -> usize {
        let Some(overlong) = &mut self.overlong else { return 0 };
        match overlong.end(&self.bytes[..self.filled]) {
            Some(end) => {
                self.overlong = None;
                end
            }
            None => self.filled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;
    use super::super::prefix::Prefix;
    use super::*;

    fn parser() -> Parser {
        Parser::new(Format::Stderr, vec![Prefix::compile("[%p] ")], false)
    }

    /// The messages in a text that comes in pieces, and how many lines are none.
    fn messages(text: &[u8], piece: usize) -> (Vec<String>, usize) {
        let (mut feed, parser) = (Feed::default(), parser());
        let (mut messages, mut unparsed) = (Vec::new(), 0);
        let mut found = |record: Option<Record<'_>>| match record {
            Some(record) => messages.push(String::from_utf8_lossy(record.message).into_owned()),
            None => unparsed += 1,
        };
        for piece in text.chunks(piece) {
            let mut piece = piece;
            while !piece.is_empty() {
                let space = feed.space();
                let count = space.len().min(piece.len());
                space[..count].copy_from_slice(&piece[..count]);
                feed.advance(count, &parser, &mut found);
                piece = &piece[count..];
            }
        }
        feed.end(&parser, &mut found);
        (messages, unparsed)
    }

    #[test]
    fn pieces_of_any_size_make_the_same_messages() {
        let text = b"[1] LOG:  a\n\tb\n?\n[2] ERROR:  c\n[2] STATEMENT:  d\n[3] LOG:  e";
        let whole = messages(text, text.len());
        assert_eq!(whole, (vec!["a\n\tb\n".into(), "c\n".into(), "e".into()], 1));
        for piece in 1..text.len() {
            assert_eq!(messages(text, piece), whole, "in pieces of {piece}");
        }
    }

    #[test]
    fn of_a_message_that_is_too_long_the_beginning_counts_once() {
        let long = "x".repeat(3 * LONGEST);
        let text = format!("[1] LOG:  a {long}\n\t{long}\n[1] STATEMENT:  {long}\n[2] LOG:  b\n");
        for piece in [1000, LONGEST, 10 * LONGEST] {
            let (messages, unparsed) = messages(text.as_bytes(), piece);
            assert_eq!((messages.len(), unparsed), (2, 0), "in pieces of {piece}");
            assert_eq!(messages[1], "b\n");
        }
    }
}
