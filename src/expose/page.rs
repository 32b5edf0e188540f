//! A finished piece of the exposition, as text and compressed.

use std::io::Write;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;

/// Text that never changes, and its gzip member once somebody asked for it.
///
/// A gzip stream may be several members one after the other, so pages are
/// compressed apart from each other and joined as they are.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    gzip: OnceLock<Box<[u8]>>,
}

impl Page {
    pub fn new(text: String) -> Self {
        Self { text, gzip: OnceLock::new() }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn gzip(&self) -> &[u8] {
        self.gzip.get_or_init(|| compress(self.text.as_bytes()).into())
    }
}

fn compress(text: &[u8]) -> Vec<u8> {
    // The fastest level: the text repeats itself so much that a higher one gains
    // a tenth in size and costs several times as long.
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 8), Compression::fast());
    encoder.write_all(text).and_then(|()| encoder.finish()).expect("a Vec takes every byte")
}
