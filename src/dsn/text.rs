//! A connection string, in any form that it may have.

use super::error::{Error, Origin};
use super::parameters::Parameters;
use super::{conninfo, url};

/// A URL, `keyword=value` pairs, or the bare name of a database.
pub(super) fn parse(text: &str) -> Result<Parameters, Error> {
    if let Some(rest) = url::after_scheme(text.trim()) {
        return url::parse(rest);
    }
    // Not trimmed: a password may end in an escaped space.
    if text.contains('=') {
        return conninfo::parse(text);
    }
    let text = text.trim();
    let mut parameters = Parameters::default();
    if text.is_empty() {
        return Ok(parameters);
    }
    // A URL that lost its scheme is not the name of a database, and would
    // carry its password into every log line.
    if text.contains(|letter: char| letter.is_whitespace() || ":/@?,'\\".contains(letter)) {
        return Err(Error::NotADsn);
    }
    parameters.set("dbname", text.to_owned(), Origin::Text, true)?;
    Ok(parameters)
}
