//! Keywords and their values, before defaults and before they are understood.

use std::collections::BTreeMap;

use super::error::{Error, Origin, Unknown};
use super::keywords::{self, Keyword};
use super::secret::Secret;

/// What a connection string says. Every value is kept as a secret: which one
/// holds a password is the business of whoever reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters(BTreeMap<&'static str, (Secret, Origin)>);

impl Parameters {
    /// Sets a keyword; the last one wins. `echo` says whether an unknown one
    /// may be shown.
    pub fn set(
        &mut self,
        name: &str,
        value: String,
        origin: Origin,
        echo: bool,
    ) -> Result<(), Error> {
        let keyword = keywords::find(name).ok_or_else(|| {
            let shown = if echo { Unknown::shown(name) } else { Unknown::hidden() };
            Error::Unknown(shown, origin)
        })?;
        self.insert(keyword, value, origin)
    }

    /// Fills in a keyword that is not set yet.
    pub fn set_default(
        &mut self,
        keyword: &'static Keyword,
        value: &str,
        origin: Origin,
    ) -> Result<(), Error> {
        if self.0.contains_key(keyword.name) {
            return Ok(());
        }
        self.insert(keyword, value.to_owned(), origin)
    }

    fn insert(
        &mut self,
        keyword: &'static Keyword,
        value: String,
        origin: Origin,
    ) -> Result<(), Error> {
        if value.contains('\0') {
            let expected = "must not hold a NUL byte";
            return Err(Error::Value { keyword: keyword.name, origin, expected });
        }
        if keyword.wanted(&value, origin)? {
            self.0.insert(keyword.name, (Secret::new(value), origin));
        }
        Ok(())
    }

    /// Puts another value in the place of one that is set.
    pub fn replace(&mut self, name: &str, value: &str) {
        if let Some((current, _)) = self.0.get_mut(name) {
            *current = Secret::new(value);
        }
    }

    /// A value, unless it is absent or empty: both mean the default.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(value, _)| value.expose()).filter(|value| !value.is_empty())
    }

    pub fn origin(&self, name: &str) -> Origin {
        self.0.get(name).map_or(Origin::Text, |(_, origin)| *origin)
    }

    /// Reads a value by a rule that states what it expects.
    pub fn read<T>(
        &self,
        keyword: &'static str,
        expected: &'static str,
        rule: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        let Some(value) = self.get(keyword) else { return Ok(None) };
        let origin = self.origin(keyword);
        rule(value).map(Some).ok_or(Error::Value { keyword, origin, expected })
    }

    #[cfg(test)]
    pub fn listed(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, (value, _))| (*name, value.expose())).collect()
    }
}
