//! Where the next bytes come from: one value follows the log of one server through
//! its files.
//!
//! It reads nothing itself. It is shown the log directory, says what it wants to
//! read, and is given it, so that files and SQL are followed by the same rules:
//!
//! - A file is left when a later one exists and its end has been read since: the
//!   server opens the next file before it tells of it, and writes no more to the old.
//! - The bytes before our position must still be those that we read. If they are
//!   not, the file was truncated or replaced and is read from its beginning.
//! - A later file is read from its beginning, or from where it ended when it was
//!   older than ours: a name may come round again, such as `postgresql-Fri.log`.
//! - The format is kept as long as the server writes it, because what several
//!   destinations hold is the same.

mod place;

use std::collections::HashMap;

use super::classify::classify;
use super::counts::Counts;
use super::feed::Feed;
use super::format::{Format, Parser};
use super::listing::Listing;
use super::prefix::Prefix;
use super::record::Record;
pub use place::Ask;
use place::Place;

/// Where reading begins when nothing has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Begin {
    /// What is written from now on; history is not news.
    #[default]
    End,
    /// The beginning of the file that is written now.
    Beginning,
}

#[derive(Debug)]
pub struct Tail {
    begin: Begin,
    place: Option<Place>,
    step: Step,
    listing: Listing,
    looked: bool,
    /// How long files were that are not ours to read, or were read already.
    passed: HashMap<String, u64>,
    prefixes: Vec<Prefix>,
    parser: Parser,
    feed: Feed,
    english: bool,
    /// Bytes that may still be read in this poll.
    budget: u64,
    pub counts: Counts,
    pub reading: Reading,
}

/// What there is to say about the reading itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    pub read_bytes: u64,
    pub unparsed_lines: u64,
    pub skipped_bytes: u64,
    pub rotations: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Check,
    Read,
    Rest,
    Nothing,
}

impl Tail {
    pub fn new(begin: Begin) -> Self {
        Self {
            begin,
            place: None,
            step: Step::Nothing,
            listing: Listing::default(),
            looked: false,
            passed: HashMap::new(),
            prefixes: Vec::new(),
            parser: Parser::Jsonlog,
            feed: Feed::default(),
            english: false,
            budget: 0,
            counts: Counts::default(),
            reading: Reading::default(),
        }
    }

    /// A new poll: the log directory as it is now, and how much may be read.
    pub fn look(&mut self, listing: Listing, budget: u64) {
        let before = std::mem::replace(&mut self.listing, listing);
        self.budget = budget;
        self.english = self.listing.settings.is_english();
        if self.looked && self.is_elsewhere(&before) {
            self.place = None;
            self.passed.clear();
            self.feed.clear();
            self.looked = false;
        }
        self.change_format(&before);
        if self.place.is_none() {
            self.start();
        }
        self.looked = true;
        self.step = if self.place.is_some() { Step::Check } else { Step::Nothing };
        let listing = &self.listing;
        if let Some(place) = &mut self.place {
            place.moved = false;
            if let Some(file) = listing.file(&place.name) {
                place.modified = file.modified;
                // What a smaller file lost is known by the size that it had.
                place.size = if file.size < place.offset { place.size } else { file.size };
            }
        }
        self.compile();
    }

    /// The file that is being read.
    pub fn file(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.name.as_str())
    }

    pub fn format(&self) -> Option<Format> {
        self.place.as_ref().map(|place| place.format)
    }

    /// What was written and is not read yet.
    pub fn behind(&self) -> Option<u64> {
        let place = self.place.as_ref()?;
        let here = self.listing.file(&place.name).map_or(0, |file| file.size);
        let later = self.later().into_iter().map(|(_, offset, size)| size - offset).sum::<u64>();
        Some(here.saturating_sub(place.offset) + later)
    }

    pub fn ask(&mut self) -> Ask {
        if self.budget == 0 {
            self.step = Step::Nothing;
        }
        let Some(place) = &self.place else { return Ask::Nothing };
        let offset = place.offset;
        if self.step == Step::Check {
            match self.listing.file(&place.name).map(|file| file.size) {
                None => self.step = Step::Rest,
                Some(size) if size < offset => self.step = Step::Rest,
                Some(size) if size == offset && self.later().is_empty() => {
                    self.settle();
                    return Ask::Nothing;
                }
                Some(_) if offset == 0 => self.step = Step::Read,
                Some(_) => {
                    let length = place.check();
                    return Ask::Check { offset: offset - length as u64, length };
                }
            }
        }
        match self.step {
            Step::Check | Step::Nothing => Ask::Nothing,
            Step::Read => Ask::Read { offset },
            Step::Rest => Ask::Rest { offset },
        }
    }

    /// The bytes that [`Ask::Check`] asked for.
    pub fn checked(&mut self, bytes: &[u8]) {
        let Some(place) = &mut self.place else { return };
        let same = place.follows(bytes);
        self.step = if same { Step::Read } else { Step::Rest };
    }

    /// Where the bytes belong that [`Ask::Read`] and [`Ask::Rest`] ask for.
    pub fn space(&mut self) -> &mut [u8] {
        let space = self.feed.space();
        let most = usize::try_from(self.budget).unwrap_or(usize::MAX).min(space.len());
        &mut space[..most]
    }

    /// So many bytes were put there; none means that there are no more.
    pub fn read(&mut self, count: usize) {
        let Some(place) = &mut self.place else { return };
        if count == 0 {
            match self.step {
                Step::Rest => self.rest_is_read(),
                _ => self.file_is_read(),
            }
            return;
        }
        place.advance(&self.feed.space()[..count]);
        self.budget = self.budget.saturating_sub(count as u64);
        self.reading.read_bytes += count as u64;
        let (counts, reading, english) = (&mut self.counts, &mut self.reading, self.english);
        self.feed
            .advance(count, &self.parser, |record| count_one(counts, reading, english, record));
    }

    /// The file that was asked for is not there.
    pub fn gone(&mut self) {
        self.step = Step::Rest;
    }

    /// Another server answers: nothing that we know is about its files.
    fn is_elsewhere(&self, before: &Listing) -> bool {
        let server = |listing: &Listing| listing.settings.get("server").to_owned();
        let known = |name: &str| self.listing.file(name).is_some();
        server(before) != server(&self.listing)
            || (!before.files.is_empty() && !before.files.iter().any(|file| known(&file.name)))
    }

    /// The server stopped writing our format. Where it wrote the next one beside it,
    /// that one goes on where ours was; else ours is read to its end first.
    fn change_format(&mut self, before: &Listing) {
        let Some(place) = &self.place else { return };
        let formats = self.listing.settings.formats();
        if formats.contains(&place.format) {
            return;
        }
        let Some(next) = formats.first() else { return };
        if before.settings.formats().contains(next) {
            self.reading.skipped_bytes += place.size.saturating_sub(place.offset);
            self.end_file();
            self.place = None;
        }
    }

    /// Takes the file that is written now.
    fn start(&mut self) {
        let listing = &self.listing;
        let found = listing.settings.formats().into_iter().find_map(|format| {
            let newest = listing.files_of(format).pop()?.clone();
            Some((format, newest))
        });
        let Some((format, file)) = found else { return };
        let offset = match (self.passed.get(&file.name), self.looked, self.begin) {
            (Some(passed), ..) if *passed <= file.size => *passed,
            (Some(_), ..) | (None, true, _) | (None, false, Begin::Beginning) => 0,
            (None, false, Begin::End) => file.size,
        };
        self.enter(format, &file.name, offset);
        self.pass();
    }

    fn enter(&mut self, format: Format, name: &str, offset: u64) {
        let file = self.listing.file(name);
        let (size, modified) = file.map_or((offset, 0), |file| (file.size, file.modified));
        self.place = Some(Place::new(format, name, offset, size, modified));
        self.compile();
    }

    /// Files behind ours in the order of writing: name, from where, and size.
    fn later(&self) -> Vec<(String, u64, u64)> {
        let Some(place) = &self.place else { return Vec::new() };
        let formats = self.listing.settings.formats();
        let mut files = match formats.contains(&place.format) {
            true => self.listing.files_of(place.format),
            false => match formats.first().and_then(|next| self.listing.files_of(*next).pop()) {
                Some(newest) => vec![newest],
                None => Vec::new(),
            },
        };
        if formats.contains(&place.format) {
            files.retain(|file| file.order() > (place.modified, &place.name));
        }
        let from = |name: &str, size| {
            self.passed.get(name).copied().filter(|passed| *passed <= size).unwrap_or(0)
        };
        files.into_iter().map(|f| (f.name.clone(), from(&f.name, f.size), f.size)).collect()
    }

    fn file_is_read(&mut self) {
        match self.later().into_iter().next() {
            Some((name, offset, _)) => self.move_on(&name, offset),
            None => self.settle(),
        }
    }

    /// What the name stood for is read as far as it can be had.
    fn rest_is_read(&mut self) {
        let Some(place) = &self.place else { return };
        self.reading.skipped_bytes += place.size.saturating_sub(place.offset);
        let (format, name) = (place.format, place.name.clone());
        if self.listing.file(&name).is_some() {
            self.end_file();
            self.reading.rotations += 1;
            self.enter(format, &name, 0);
            self.step = Step::Read;
        } else if let Some((next, offset, _)) = self.later().into_iter().next() {
            self.move_on(&next, offset);
        } else {
            self.end_file();
            self.place = None;
            self.step = Step::Nothing;
        }
    }

    fn move_on(&mut self, name: &str, offset: u64) {
        let formats = self.listing.settings.formats();
        let here = self.format().filter(|format| formats.contains(format));
        let Some(format) = here.or(formats.first().copied()) else { return };
        self.end_file();
        self.reading.rotations += 1;
        self.enter(format, name, offset);
        self.step = if offset == 0 { Step::Read } else { Step::Check };
    }

    /// All is read that there is. The last message of a text file is whole when
    /// nothing has come behind it from one poll to the next.
    fn settle(&mut self) {
        self.step = Step::Nothing;
        self.pass();
        if self.place.as_ref().is_some_and(|place| !place.moved) && self.feed.rests_on_a_line() {
            self.end_feed();
        }
    }

    /// Remembers how long the files are that are older than ours, or of a format
    /// that we do not read.
    fn pass(&mut self) {
        let Some(place) = &self.place else { return };
        let pattern = self.listing.settings.filename(place.format);
        for file in &self.listing.files {
            let older = file.order() < (place.modified, place.name.as_str());
            if older || !pattern.matches(&file.name) {
                self.passed.insert(file.name.clone(), file.size);
            }
        }
        let listing = &self.listing;
        self.passed.retain(|name, _| listing.file(name).is_some());
    }

    fn end_file(&mut self) {
        if let Some(place) = &self.place {
            self.passed.insert(place.name.clone(), place.offset);
        }
        self.end_feed();
    }

    fn end_feed(&mut self) {
        let (counts, reading, english) = (&mut self.counts, &mut self.reading, self.english);
        self.feed.end(&self.parser, |record| count_one(counts, reading, english, record));
    }

    /// The parser for the file and the settings of now.
    fn compile(&mut self) {
        let prefix = self.listing.settings.prefix();
        if self.prefixes.first() != Some(&prefix) {
            self.prefixes.insert(0, prefix);
            self.prefixes.truncate(2);
        }
        if let Some(format) = self.format() {
            let verbose = self.listing.settings.is_verbose();
            self.parser = Parser::new(format, self.prefixes.clone(), verbose);
        }
    }

    /// What the server's settings say now.
    pub fn settings(&self) -> &super::settings::Settings {
        &self.listing.settings
    }
}

fn count_one(
    counts: &mut Counts,
    reading: &mut Reading,
    english: bool,
    record: Option<Record<'_>>,
) {
    match record {
        Some(record) => counts.add(&record, classify(&record, english)),
        None => reading.unparsed_lines += 1,
    }
}

#[cfg(test)]
mod tests;
