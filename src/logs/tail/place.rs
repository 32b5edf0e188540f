//! One place in one file of a log, and how it is known again.

use super::Format;

/// Enough to tell one place in a log from any other.
const FINGERPRINT: usize = 64;

/// What is to be read next of [`Tail::file`](super::Tail::file).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ask {
    /// These bytes, for a look at whether the file is still the same.
    Check {
        offset: u64,
        length: usize,
    },
    /// As much as there is space for.
    Read {
        offset: u64,
    },
    /// The same of the file that had the name when it was last read, if that one is
    /// still at hand.
    Rest {
        offset: u64,
    },
    Nothing,
}

#[derive(Clone, Debug)]
pub struct Place {
    pub format: Format,
    pub name: String,
    pub offset: u64,
    /// The bytes before `offset`, as far as they are known.
    before: Vec<u8>,
    /// As last seen.
    pub size: u64,
    pub modified: i64,
    /// Something was read in this poll.
    pub moved: bool,
}

impl Place {
    pub fn new(format: Format, name: &str, offset: u64, size: u64, modified: i64) -> Self {
        let name = name.to_owned();
        Self { format, name, offset, before: Vec::new(), size, modified, moved: true }
    }

    /// How many bytes before this place are to be looked at again.
    pub fn check(&self) -> usize {
        FINGERPRINT.min(usize::try_from(self.offset).unwrap_or(FINGERPRINT))
    }

    /// Whether this is still the place behind `bytes`. A place that was never read
    /// up to takes their word for it.
    pub fn follows(&mut self, bytes: &[u8]) -> bool {
        if self.before.is_empty() {
            self.before = bytes.to_vec();
        }
        let same = bytes.ends_with(&self.before) || self.before.ends_with(bytes);
        same && !bytes.is_empty()
    }

    /// These bytes were read from here on.
    pub fn advance(&mut self, bytes: &[u8]) {
        let fresh = &bytes[bytes.len().saturating_sub(FINGERPRINT)..];
        let keep = FINGERPRINT.saturating_sub(fresh.len());
        self.before.drain(..self.before.len().saturating_sub(keep));
        self.before.extend_from_slice(fresh);
        self.offset += bytes.len() as u64;
        self.size = self.size.max(self.offset);
        self.moved = true;
    }
}
