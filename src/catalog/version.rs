//! Versions of a server (`17`) or of an extension (`1.10`), compared by number.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Vec<u32>);

/// The text is not numbers separated by dots.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a version: expected numbers separated by dots")]
pub struct InvalidVersion(String);

impl Version {
    pub fn major(major: u32) -> Self {
        Self(vec![major])
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split('.')
            .map(str::parse)
            .collect::<Result<Vec<u32>, _>>()
            .map(Self)
            .map_err(|_| InvalidVersion(text.to_owned()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, part) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(".")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        assert!(version("1.10") > version("1.9"));
        assert!(version("17") < version("18"));
        assert!(version("1.4") >= version("1.4"));
        assert_eq!(version("1.10").to_string(), "1.10");
        assert!("1.x".parse::<Version>().is_err());
        assert!("".parse::<Version>().is_err());
    }
}
