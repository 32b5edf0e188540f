//! `log_line_prefix`, compiled: where the prefix of a line ends, and the SQLSTATE
//! that it may hold.
//!
//! Names that users choose (`%a`, `%u`, `%d`) may hold anything, even what looks
//! like the rest of the prefix. The shortest reading is taken that leaves a
//! severity behind the prefix.

use super::record::Sqlstate;

#[derive(Clone, Debug, PartialEq)]
pub struct Prefix {
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Literal(Box<[u8]>),
    Field {
        kind: Field,
        /// `%10u`: filled up with spaces on either side.
        padded: bool,
    },
    /// `%q`: processes without a session write nothing from here on.
    SessionsOnly,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Field {
    /// `2026-11-20 21:27:20 UTC`, with or without milliseconds.
    Time,
    /// `1763674040.123`
    Epoch,
    /// Digits with a sign or none, or nothing.
    Number,
    /// `691f8a12.3f1`
    Session,
    /// `3/17`, or nothing.
    VirtualXid,
    Sqlstate,
    /// Anything up to what comes next.
    Free,
}

/// A line is given up after so many tries; a name made of blanks must not cost
/// more than a name.
const TRIES: u32 = 4096;

/// No name, host or command tag is longer.
const LONGEST: usize = 1024;

impl Prefix {
    pub fn compile(setting: &str) -> Self {
        let mut tokens = Vec::new();
        let mut literal = Vec::new();
        let mut bytes = setting.bytes().peekable();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                literal.push(byte);
                continue;
            }
            let mut padded = false;
            while bytes.next_if(|next| *next == b'-' || next.is_ascii_digit()).is_some() {
                padded = true;
            }
            let kind = match bytes.next() {
                Some(b'%') => {
                    literal.push(b'%');
                    continue;
                }
                Some(b'm' | b't' | b's') => Field::Time,
                Some(b'n') => Field::Epoch,
                Some(b'p' | b'P' | b'l' | b'x' | b'Q') => Field::Number,
                Some(b'c') => Field::Session,
                Some(b'v') => Field::VirtualXid,
                Some(b'e') => Field::Sqlstate,
                Some(b'a' | b'u' | b'd' | b'r' | b'h' | b'L' | b'i' | b'b') => Field::Free,
                Some(b'q') => {
                    push_literal(&mut tokens, &mut literal);
                    tokens.push(Token::SessionsOnly);
                    continue;
                }
                // The server writes nothing for what it does not know.
                Some(_) | None => continue,
            };
            push_literal(&mut tokens, &mut literal);
            tokens.push(Token::Field { kind, padded });
        }
        push_literal(&mut tokens, &mut literal);
        Self { tokens }
    }

    /// Whether lines tell their SQLSTATE.
    pub fn has_sqlstate(&self) -> bool {
        let is = |token: &Token| matches!(token, Token::Field { kind: Field::Sqlstate, .. });
        self.tokens.iter().any(is)
    }

    /// What stands behind the prefix, as `body` reads it, and the prefix' SQLSTATE.
    pub fn read<'a, T>(
        &self,
        line: &'a [u8],
        body: impl Fn(&'a [u8]) -> Option<T>,
    ) -> Option<(T, Option<Sqlstate>)> {
        let mut tries = TRIES;
        walk(&self.tokens, line, None, &mut tries, &body)
    }
}

fn push_literal(tokens: &mut Vec<Token>, literal: &mut Vec<u8>) {
    if !literal.is_empty() {
        tokens.push(Token::Literal(std::mem::take(literal).into()));
    }
}

fn walk<'a, T>(
    tokens: &[Token],
    line: &'a [u8],
    sqlstate: Option<Sqlstate>,
    tries: &mut u32,
    body: &impl Fn(&'a [u8]) -> Option<T>,
) -> Option<(T, Option<Sqlstate>)> {
    *tries = tries.checked_sub(1)?;
    let Some((token, tokens)) = tokens.split_first() else {
        return body(line).map(|body| (body, sqlstate));
    };
    match token {
        Token::Literal(text) => walk(tokens, line.strip_prefix(&**text)?, sqlstate, tries, body),
        Token::SessionsOnly => walk(tokens, line, sqlstate, tries, body)
            .or_else(|| body(line).map(|body| (body, sqlstate))),
        Token::Field { kind: Field::Free, .. } => {
            for end in 0..=line.len().min(LONGEST) {
                // Where a literal comes next, only its beginning can be the end.
                if let Some(Token::Literal(next)) = tokens.first()
                    && !line[end..].starts_with(next)
                {
                    continue;
                }
                if let Some(found) = walk(tokens, &line[end..], sqlstate, tries, body) {
                    return Some(found);
                }
            }
            None
        }
        Token::Field { kind, padded } => {
            let line = if *padded { line.trim_ascii_start() } else { line };
            let length = kind.length(line)?;
            let code = if *kind == Field::Sqlstate { Sqlstate::at(line) } else { sqlstate };
            let rest = &line[length..];
            let plain = walk(tokens, rest, code, tries, body);
            match *padded {
                true => plain.or_else(|| walk(tokens, rest.trim_ascii_start(), code, tries, body)),
                false => plain,
            }
        }
    }
}

impl Field {
    /// How many bytes at the beginning of `line` are this field.
    fn length(self, line: &[u8]) -> Option<usize> {
        match self {
            Self::Time => time(line),
            Self::Epoch => Some(digits(line)? + 1 + digits(line.get(digits(line)? + 1..)?)?),
            Self::Number => {
                let sign = usize::from(line.first() == Some(&b'-'));
                Some(digits(&line[sign..]).map_or(0, |length| sign + length))
            }
            Self::Session => {
                let hex = |part: &[u8]| part.iter().take_while(|c| c.is_ascii_hexdigit()).count();
                let first = hex(line);
                (line.get(first) == Some(&b'.')).then(|| first + 1 + hex(&line[first + 1..]))
            }
            Self::VirtualXid => {
                let count = line.iter().take_while(|c| c.is_ascii_digit() || **c == b'/').count();
                Some(count)
            }
            Self::Sqlstate => Sqlstate::at(line).map(|_| 5),
            // Its end is searched for.
            Self::Free => None,
        }
    }
}

fn digits(line: &[u8]) -> Option<usize> {
    let count = line.iter().take_while(|c| c.is_ascii_digit()).count();
    (count > 0).then_some(count)
}

/// Up to the second, as every format writes it.
const TIME: &[u8] = b"dddd-dd-dd dd:dd:dd";

pub fn begins_with_time(line: &[u8]) -> bool {
    let fits = |(c, shape): (&u8, &u8)| match shape {
        b'd' => c.is_ascii_digit(),
        literal => c == literal,
    };
    line.len() >= TIME.len() && line.iter().zip(TIME).all(fits)
}

/// `2026-11-20 21:27:20[.123] ` and the zone: letters, or a sign and digits.
fn time(line: &[u8]) -> Option<usize> {
    if !begins_with_time(line) {
        return None;
    }
    let mut end = TIME.len();
    if line.get(end) == Some(&b'.') {
        end += 1 + digits(&line[end + 1..])?;
    }
    if line.get(end) != Some(&b' ') {
        return None;
    }
    end += 1;
    let zone = match line.get(end)? {
        b'+' | b'-' => 1 + digits(&line[end + 1..])?,
        _ => line[end..].iter().take_while(|c| c.is_ascii_alphabetic()).count(),
    };
    (zone > 0).then_some(end + zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a prefix leaves of a line, and the SQLSTATE in it.
    fn rest<'a>(setting: &str, line: &'a str) -> Option<(&'a str, Option<Sqlstate>)> {
        let body = |rest: &'a [u8]| {
            let rest = std::str::from_utf8(rest).ok()?;
            rest.starts_with("ERROR:  ").then_some(rest)
        };
        Prefix::compile(setting).read(line.as_bytes(), body)
    }

    #[test]
    fn every_escape_finds_its_end() {
        for (setting, line) in [
            ("", ""),
            ("%m [%p] ", "2026-11-20 21:27:20.123 UTC [17] "),
            ("%t:%r:%u@%d:[%p]:", "2026-11-20 21:27:20 +03:10.0.0.1(5432):app@shop:[17]:"),
            ("%t-%p ", "2026-11-20 21:27:20 CEST-17 "),
            (
                "%n %l %c %s %v %x ",
                "1763674040.123 4 691f8a12.3f1 2026-11-20 21:27:20 -0330 3/17 0 ",
            ),
            ("%v|%P|%Q|", "||-8123|"),
            ("100%% %b %i ", "100% client backend SELECT "),
            ("%-10u|%6p|", "app       |    17|"),
            ("%a%u ", "psqlapp "),
            ("%q%u@%d ", ""),
            ("[%p] %q%u@%d ", "[17] app@shop "),
            ("[%p] %q%u@%d ", "[17] "),
            ("%Z%p%", "17"),
        ] {
            let whole = format!("{line}ERROR:  x");
            assert_eq!(rest(setting, &whole), Some(("ERROR:  x", None)), "{setting} on {whole}");
        }
        for (setting, line) in [
            ("%m [%p] ", "2026-11-20 21:27 [17] ERROR:  x"),
            ("%m [%p] ", "2026-11-20 21:27:20.123 UTC [17]ERROR:  x"),
            ("%e ", "4260 ERROR:  x"),
            ("%n ", "17 ERROR:  x"),
        ] {
            assert_eq!(rest(setting, line), None, "{setting} on {line}");
        }
    }

    #[test]
    fn the_sqlstate_is_read_where_the_prefix_has_it() {
        let (_, sqlstate) = rest("%p %e: ", "17 40P01: ERROR:  x").unwrap();
        assert!(sqlstate.unwrap().is("40P01"));
        assert!(Prefix::compile("%e").has_sqlstate() && !Prefix::compile("%%e").has_sqlstate());
    }

    #[test]
    fn names_may_hold_what_separates_them() {
        let line = "[17] my app @ work@shop ERROR:  x";
        assert_eq!(rest("[%p] %a@%d ", line), Some(("ERROR:  x", None)));
    }

    #[test]
    fn a_name_of_blanks_costs_no_more_than_a_name() {
        let line = format!("{} no severity", " ".repeat(1000));
        assert_eq!(rest("%a %u %d %h %i ", &line), None);
    }
}
