//! One message of the log, whatever the file's format.

use super::severity::Severity;

/// What the counts are made of. The text stays as it stands in the file, with the
/// quotes and line ends of its format, and goes no further than the classifier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record<'a> {
    pub severity: Severity,
    /// Unknown in stderr, unless `log_line_prefix` has `%e` or the server is verbose.
    pub sqlstate: Option<Sqlstate>,
    pub message: &'a [u8],
}

/// Five letters or digits; the first two are the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sqlstate([u8; 5]);

impl Sqlstate {
    /// The code at the beginning of `bytes`.
    pub fn at(bytes: &[u8]) -> Option<Self> {
        let code: [u8; 5] = bytes.first_chunk().copied()?;
        let valid = code.iter().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        valid.then_some(Self(code))
    }

    pub fn is(&self, code: &str) -> bool {
        self.0 == code.as_bytes()
    }

    pub fn in_class(&self, class: &str) -> bool {
        self.0.starts_with(class.as_bytes())
    }
}
