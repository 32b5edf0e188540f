use std::collections::BTreeMap;

use super::super::listing::File;
use super::*;

/// A server's log directory, and what of it may vanish.
#[derive(Default)]
struct Directory {
    files: BTreeMap<String, (Vec<u8>, i64)>,
    /// What the reader still has open of a file that was replaced.
    held: Option<Vec<u8>>,
    destination: &'static str,
    server: &'static str,
    now: i64,
}

impl Directory {
    fn new() -> Self {
        Self { destination: "stderr", server: "a", ..Self::default() }
    }

    fn write(&mut self, name: &str, text: &str) {
        self.now += 1;
        let file = self.files.entry(name.to_owned()).or_default();
        file.0.extend_from_slice(text.as_bytes());
        file.1 = self.now;
    }

    fn listing(&self) -> Listing {
        let settings = [
            ("log_destination", self.destination),
            ("log_filename", "pg-%a.log"),
            ("log_line_prefix", ""),
            ("lc_messages", "C"),
            ("server", self.server),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let files = self.files.iter().map(|(name, (bytes, modified))| File {
            name: name.clone(),
            size: bytes.len() as u64,
            modified: *modified,
        });
        Listing { settings: settings.into_iter().collect(), files: files.collect() }
    }

    /// One poll, and how many messages are counted by then.
    fn poll(&mut self, tail: &mut Tail) -> u64 {
        tail.look(self.listing(), 1 << 20);
        for _ in 0..1000 {
            let part = |bytes: &[u8], offset: u64| bytes[offset as usize..].to_vec();
            let file = tail.file().map(str::to_owned).unwrap_or_default();
            let bytes = self.files.get(&file).map(|(bytes, _)| bytes.clone());
            let bytes = match tail.ask() {
                Ask::Nothing => return tail.counts.messages.iter().sum(),
                Ask::Check { offset, length } => match bytes {
                    Some(bytes) => {
                        tail.checked(&part(&bytes, offset)[..length]);
                        continue;
                    }
                    None => {
                        tail.gone();
                        continue;
                    }
                },
                Ask::Read { offset } => match bytes {
                    Some(bytes) => part(&bytes, offset),
                    None => {
                        tail.gone();
                        continue;
                    }
                },
                Ask::Rest { offset } => {
                    self.held.as_ref().map_or_else(Vec::new, |bytes| part(bytes, offset))
                }
            };
            let space = tail.space();
            // In small pieces, so that messages are cut.
            let count = bytes.len().min(space.len()).min(7);
            space[..count].copy_from_slice(&bytes[..count]);
            tail.read(count);
        }
        panic!("it never ends");
    }
}

#[test]
fn reading_begins_at_the_end_or_where_it_is_told_to() {
    let mut directory = Directory::new();
    directory.write("pg-Mon.log", "LOG:  a\nLOG:  b\n");
    let mut beginning = Tail::new(Begin::Beginning);
    directory.poll(&mut beginning);
    assert_eq!(directory.poll(&mut beginning), 2, "the last one when nothing followed");
    let mut tail = Tail::new(Begin::End);
    assert_eq!(directory.poll(&mut tail), 0);
    directory.write("pg-Mon.log", "LOG:  c\nLOG:  ");
    directory.poll(&mut tail);
    assert_eq!(tail.behind(), Some(0));
    assert_eq!(directory.poll(&mut tail), 1, "half a line waits");
    directory.write("pg-Mon.log", "d\n");
    directory.poll(&mut tail);
    assert_eq!(directory.poll(&mut tail), 2);
}

#[test]
fn every_file_is_read_once_and_in_order() {
    let mut directory = Directory::new();
    directory.write("pg-Mon.log", "LOG:  old\n");
    directory.write("pg-Tue.log", "LOG:  old\n");
    let mut tail = Tail::new(Begin::End);
    directory.poll(&mut tail);
    directory.write("pg-Tue.log", "LOG:  1\nLOG:  2");
    directory.write("pg-Wed.log", "LOG:  3\n");
    directory.write("pg-Thu.log", "LOG:  4\n");
    directory.write("notes.txt", "LOG:  ours?\n");
    assert_eq!(directory.poll(&mut tail), 3);
    assert_eq!(tail.file(), Some("pg-Thu.log"));
    // Names come round; what stands there from last week was not for us.
    directory.write("pg-Mon.log", "LOG:  5\n");
    assert_eq!(directory.poll(&mut tail), 4);
    assert_eq!(directory.poll(&mut tail), 5);
    assert_eq!(tail.reading.rotations, 3);
    assert_eq!(tail.reading.skipped_bytes, 0);
}

#[test]
fn a_truncated_file_is_read_from_its_beginning() {
    let mut directory = Directory::new();
    directory.write("pg-Mon.log", "LOG:  1\nLOG:  2\n");
    let mut tail = Tail::new(Begin::Beginning);
    directory.poll(&mut tail);
    directory.poll(&mut tail);
    directory.files.clear();
    directory.write("pg-Mon.log", "LOG:  3\n");
    directory.poll(&mut tail);
    assert_eq!(directory.poll(&mut tail), 3);
    // It may have grown past our place by the time that we look.
    directory.files.clear();
    directory.write("pg-Mon.log", "LOG:  4 and more\nLOG:  5\n");
    directory.poll(&mut tail);
    assert_eq!(directory.poll(&mut tail), 5);
}

/// A file is removed of which something has not been read; what is counted then,
/// and how many bytes were skipped.
fn removed(held: bool) -> (u64, u64) {
    let mut directory = Directory::new();
    directory.write("pg-Mon.log", "LOG:  1\n");
    directory.write("README", "");
    let mut tail = Tail::new(Begin::Beginning);
    directory.poll(&mut tail);
    directory.write("pg-Mon.log", "LOG:  2\n");
    // Behind by what it may not read in this poll.
    tail.look(directory.listing(), 0);
    assert_eq!((tail.ask(), tail.behind()), (Ask::Nothing, Some(8)));
    let file = directory.files.remove("pg-Mon.log").unwrap();
    directory.held = held.then_some(file.0);
    directory.write("pg-Tue.log", "LOG:  3\n");
    directory.poll(&mut tail);
    assert_eq!(tail.file(), Some("pg-Tue.log"));
    (directory.poll(&mut tail), tail.reading.skipped_bytes)
}

#[test]
fn what_is_lost_is_counted_and_what_is_held_is_read() {
    assert_eq!(removed(true), (3, 0));
    assert_eq!(removed(false), (2, 8));
}

#[test]
fn the_format_is_kept_while_it_is_written() {
    let json = |n: u32| {
        format!("{{\"timestamp\":\"{n}\",\"error_severity\":\"LOG\",\"message\":\"m\"}}\n")
    };
    let mut directory = Directory::new();
    directory.write("pg-Mon.log", "LOG:  1\n");
    let mut tail = Tail::new(Begin::End);
    directory.poll(&mut tail);
    // Both are written now, and say the same.
    directory.destination = "stderr,jsonlog";
    directory.write("pg-Mon.log", "LOG:  2\n");
    directory.write("pg-Mon.json", &json(2));
    directory.poll(&mut tail);
    assert_eq!(directory.poll(&mut tail), 1);
    assert_eq!(tail.format(), Some(Format::Stderr));
    // Only the other goes on.
    directory.destination = "jsonlog";
    directory.write("pg-Mon.json", &json(3));
    assert_eq!(directory.poll(&mut tail), 2);
    assert_eq!(tail.format(), Some(Format::Jsonlog));
    // Back, and the old one was not written meanwhile.
    directory.destination = "stderr";
    directory.write("pg-Mon.json", &json(4));
    directory.write("pg-Mon.log", "LOG:  5\n");
    directory.poll(&mut tail);
    assert_eq!(directory.poll(&mut tail), 4);
}

#[test]
fn another_servers_files_are_history() {
    let mut directory = Directory::new();
    directory.write("pg-Mon.log", "LOG:  1\n");
    let mut tail = Tail::new(Begin::End);
    directory.poll(&mut tail);
    directory.server = "b";
    directory.write("pg-Mon.log", "LOG:  2\nLOG:  3\n");
    directory.poll(&mut tail);
    assert_eq!(directory.poll(&mut tail), 0);
    directory.write("pg-Mon.log", "LOG:  4\n");
    directory.poll(&mut tail);
    assert_eq!(directory.poll(&mut tail), 1);
}

#[test]
fn a_poll_reads_no_more_than_it_may() {
    let mut directory = Directory::new();
    directory.write("pg-Mon.log", &"LOG:  x\n".repeat(100));
    let mut tail = Tail::new(Begin::Beginning);
    tail.look(directory.listing(), 10);
    assert_eq!(tail.space().len(), 10);
    tail.ask();
    tail.space().copy_from_slice(b"LOG:  x\nLO");
    tail.read(10);
    assert_eq!(tail.ask(), Ask::Nothing);
    assert_eq!(tail.behind(), Some(790));
}
