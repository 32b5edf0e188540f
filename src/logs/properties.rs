//! What holds for any log: what is written in a format is what is read of it, and
//! no bytes at all, in no pieces, do any harm.
//!
//! `fuzz` looks for harm as long as it is told to:
//! `PGLENS_FUZZ_MINUTES=30 cargo test --release --lib logs::properties::fuzz -- --ignored`

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::classify::classify;
use super::feed::{Feed, LONGEST};
use super::format::{Format, Parser};
use super::prefix::Prefix;
use super::record::Record;
use super::severity::Severity;

/// A message as the server has it in mind.
#[derive(Clone, Debug)]
struct Message {
    severity: Severity,
    sqlstate: String,
    text: Vec<u8>,
    statement: Option<Vec<u8>>,
}

/// A message as the reader has it.
#[derive(Clone, Debug, PartialEq)]
struct Read {
    severity: Severity,
    sqlstate: Option<String>,
    text: Vec<u8>,
}

const PREFIX: &str = "%m [%p] %e %q%u@%d ";

impl Message {
    /// The bytes that the server writes for it, as its source says.
    fn written(&self, format: Format) -> Vec<u8> {
        match format {
            Format::Stderr => self.as_text(),
            Format::Csvlog => self.as_csv(),
            Format::Jsonlog => self.as_json(),
        }
    }

    fn as_text(&self) -> Vec<u8> {
        let head = format!("2026-11-20 21:27:20.123 UTC [17] {} app@shop ", self.sqlstate);
        let line = |word: &str, text: &[u8]| {
            let mut line = format!("{head}{word}:  ").into_bytes();
            line.extend(replaced(text, b'\n', b"\n\t"));
            line.push(b'\n');
            line
        };
        let statement = self.statement.as_deref().map(|text| line("STATEMENT", text));
        [line(self.severity.as_str(), &self.text), statement.unwrap_or_default()].concat()
    }

    fn as_csv(&self) -> Vec<u8> {
        let quoted = |text: &[u8]| [b"\"", &replaced(text, b'"', b"\"\"")[..], b"\""].concat();
        let head = "2026-11-20 21:27:20.123 UTC,\"app\",\"shop\",17,\"[local]\",691f.11,3,\
                    \"SELECT\",2026-11-20 21:27:20 UTC,3/17,0";
        let statement = self.statement.as_deref().map(quoted).unwrap_or_default();
        let start = format!("{head},{},{},", self.severity.as_str(), self.sqlstate);
        [start.as_bytes(), &quoted(&self.text), b",,,,,,", &statement, b",,,\"psql\"\n"].concat()
    }

    fn as_json(&self) -> Vec<u8> {
        let statement = self
            .statement
            .as_deref()
            .map(|text| [b",\"statement\":\"", &escaped(text)[..], b"\""].concat());
        let head = format!(
            "{{\"timestamp\":\"2026-11-20 21:27:20.123 UTC\",\"user\":\"app\",\"error_severity\":\"{}\",\
             \"state_code\":\"{}\",\"message\":\"",
            self.severity.as_str(),
            self.sqlstate
        );
        let statement = statement.unwrap_or_default();
        [head.as_bytes(), &escaped(&self.text), b"\"", &statement, b"}\n"].concat()
    }

    /// What a reader of this format makes of it.
    fn read(&self, format: Format) -> Read {
        let text = match format {
            Format::Stderr => [&replaced(&self.text, b'\n', b"\n\t")[..], b"\n"].concat(),
            Format::Csvlog => replaced(&self.text, b'"', b"\"\""),
            Format::Jsonlog => escaped(&self.text),
        };
        Read { severity: self.severity, sqlstate: Some(self.sqlstate.clone()), text }
    }
}

fn replaced(text: &[u8], what: u8, by: &[u8]) -> Vec<u8> {
    text.iter().flat_map(|byte| if *byte == what { by.to_vec() } else { vec![*byte] }).collect()
}

fn escaped(text: &[u8]) -> Vec<u8> {
    text.iter()
        .flat_map(|byte| match byte {
            b'"' => b"\\\"".to_vec(),
            b'\\' => b"\\\\".to_vec(),
            b'\n' => b"\\n".to_vec(),
            0..=0x1f => format!("\\u{byte:04x}").into_bytes(),
            byte => vec![*byte],
        })
        .collect()
}

fn parser(format: Format) -> Parser {
    Parser::new(format, vec![Prefix::compile(PREFIX)], false)
}

/// The messages in some bytes that come in pieces of these sizes, over and over, and
/// how many lines are none.
fn read(bytes: &[u8], format: Format, pieces: &[usize]) -> (Vec<Read>, usize) {
    let (mut feed, parser) = (Feed::default(), parser(format));
    let (mut messages, mut unparsed) = (Vec::new(), 0);
    let mut found = |record: Option<Record<'_>>| match record {
        None => unparsed += 1,
        Some(record) => {
            classify(&record, true);
            let codes = ["22012", "40P01", "00000"].into_iter();
            let known = |code: &&str| record.sqlstate.is_some_and(|sqlstate| sqlstate.is(code));
            let mut codes = codes.filter(known);
            let (severity, text) = (record.severity, record.message.to_vec());
            messages.push(Read { severity, sqlstate: codes.next().map(str::to_owned), text });
        }
    };
    let mut rest = bytes;
    for piece in pieces.iter().cycle() {
        let space = feed.space();
        assert!(!space.is_empty(), "there is always room");
        let count = rest.len().min(space.len()).min((*piece).max(1));
        if count == 0 {
            break;
        }
        space[..count].copy_from_slice(&rest[..count]);
        feed.advance(count, &parser, &mut found);
        rest = &rest[count..];
    }
    feed.end(&parser, &mut found);
    (messages, unparsed)
}

fn any_text() -> impl Strategy<Value = Vec<u8>> {
    // What is special in some format, some UTF-8, and bytes that are none.
    let special = proptest::sample::select(&b"\n\t\"\\,%:{}' \r\0\xff\xc3\xa9ERROR"[..]);
    let byte = prop_oneof![3 => special, 1 => any::<u8>()];
    proptest::collection::vec(byte, 0..60)
}

fn any_message() -> impl Strategy<Value = Message> {
    let severity = proptest::sample::select(&Severity::ALL[..]);
    let sqlstate = proptest::sample::select(vec!["22012", "40P01", "00000"]);
    let statement = proptest::option::of(any_text());
    (severity, sqlstate, any_text(), statement).prop_map(|(severity, sqlstate, text, statement)| {
        Message { severity, sqlstate: sqlstate.into(), text, statement }
    })
}

fn any_format() -> impl Strategy<Value = Format> {
    proptest::sample::select(&Format::ALL[..])
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(
        messages in proptest::collection::vec(any_message(), 0..20),
        format in any_format(),
        pieces in proptest::collection::vec(1usize..200, 1..5),
    ) {
        let bytes: Vec<u8> = messages.iter().flat_map(|message| message.written(format)).collect();
        let expected: Vec<_> = messages.iter().map(|message| message.read(format)).collect();
        prop_assert_eq!(read(&bytes, format, &pieces), (expected, 0));
    }

    #[test]
    fn any_bytes_mean_the_same_in_any_pieces(
        bytes in proptest::collection::vec(any_text(), 0..20),
        format in any_format(),
        pieces in proptest::collection::vec(1usize..50, 1..5),
    ) {
        let bytes = bytes.concat();
        prop_assert_eq!(read(&bytes, format, &pieces), read(&bytes, format, &[LONGEST]));
    }

    #[test]
    fn any_prefix_is_compiled_and_read_of_any_line(setting in "[ -~]{0,30}", line in any_text()) {
        let body = |rest: &[u8]| rest.starts_with(b"E").then_some(());
        let _ = Prefix::compile(&setting).read(&line, body);
    }

    #[test]
    fn any_message_is_classified(severity in any_format(), start in 0usize..BEGINNINGS.len(), rest in any_text()) {
        let message = [BEGINNINGS[start].as_bytes(), &rest].concat();
        let severities = [Severity::Log, Severity::Error, Severity::Fatal];
        let severity = severities[severity as usize];
        let _ = classify(&Record { severity, sqlstate: None, message: &message }, true);
    }
}

/// How messages begin that are looked into.
const BEGINNINGS: [&str; 12] = [
    "duration: 1.5 ms  statement: ",
    "disconnection: session time: ",
    "checkpoint starting:",
    "checkpoint complete: total=",
    "process 1 still waiting for ",
    "process 1 acquired x after ",
    "automatic vacuum of table \"x\": index scans: pages: 1 removed, tuples: elapsed: ",
    "temporary file: path \"x\", size ",
    "logical replication apply worker for subscription ",
    "background worker \"logical replication worker\"",
    "database \"x\" ",
    "connection received: ",
];

/// A log of one format with mistakes in it, small or some times longer than what is
/// kept of a message.
fn broken_log(random: &mut fastrand::Rng, format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    for _ in 0..random.usize(1..20) {
        let length = if random.u32(0..200) == 0 {
            random.usize(0..2 * LONGEST)
        } else {
            random.usize(0..80)
        };
        let beginning = BEGINNINGS[random.usize(0..BEGINNINGS.len())];
        let filler: Vec<u8> = (0..length).map(|_| b"\n\t\" \\,a"[random.usize(0..7)]).collect();
        let message = Message {
            severity: Severity::ALL[random.usize(0..8)],
            sqlstate: "40P01".into(),
            text: [beginning.as_bytes(), &filler].concat(),
            statement: random.bool().then(|| b"select\n1".to_vec()),
        };
        bytes.extend(message.written(format));
    }
    for _ in 0..random.usize(0..8) {
        let at = random.usize(0..bytes.len());
        let end = (at + random.usize(0..40)).min(bytes.len());
        match random.u32(0..4) {
            0 => bytes[at] = random.u8(..),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.extend_from_within(at..end),
            _ => bytes.insert(at, b"\n\t\"\\"[random.usize(0..4)]),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
#[ignore = "as long as PGLENS_FUZZ_MINUTES says"]
fn fuzz() {
    let minutes: f64 =
        std::env::var("PGLENS_FUZZ_MINUTES").map_or(1.0, |text| text.parse().unwrap());
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (began, mut logs, mut total) = (Instant::now(), 0_u64, 0_u64);
    while began.elapsed() < Duration::from_secs_f64(minutes * 60.0) {
        let format = Format::ALL[random.usize(0..3)];
        let bytes = broken_log(&mut random, format);
        let (whole, started) = (read(&bytes, format, &[LONGEST]), Instant::now());
        // A file is read in as large pieces as there is: no more than some hundred.
        let least = 1 + bytes.len() / 500;
        let pieces: Vec<usize> = (0..3).map(|_| random.usize(least..5000 + least)).collect();
        let pieced = read(&bytes, format, &pieces);
        assert!(started.elapsed() < Duration::from_secs(20), "{} bytes took too long", bytes.len());
        // How much is kept of a message that is too long depends on where it began.
        if bytes.len() < LONGEST {
            assert!(pieced == whole, "seed {seed}, log {logs}: {format:?} in pieces of {pieces:?}");
        }
        logs += 1;
        total += bytes.len() as u64;
    }
    println!("{logs} logs, {total} bytes, no finding");
}
