//! How much of TLS is asked for.

use std::fmt;
use std::path::PathBuf;

use super::error::Error;
use super::files;
use super::parameters::Parameters;

/// libpq's `sslmode`, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    const ALL: [Self; 6] =
        [Self::Disable, Self::Allow, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];

    /// The name libpq gives it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The mode, and the files it works with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    pub mode: SslMode,
    /// The certificates to trust; None trusts the system's.
    pub root_cert: Option<PathBuf>,
    /// The client's certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// TLS over a network. Over a socket there is none, whatever was asked:
    /// see [`Tls::none`].
    pub(super) fn read(parameters: &Parameters) -> Result<Self, Error> {
        let path = |keyword| parameters.get(keyword).map(PathBuf::from);
        let expected = "must be disable, allow, prefer, require, verify-ca or verify-full";
        let mode = parameters.read("sslmode", expected, |value| {
            SslMode::ALL.into_iter().find(|mode| mode.name() == value)
        })?;
        let client = match (path("sslcert"), path("sslkey")) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(Error::HalfCertificate),
        };
        let (mode, root_cert) = match (mode, path("sslrootcert")) {
            // libpq's word for the system's certificates. Anyone can have a
            // certificate signed by one of these, so the name must be checked.
            (mode, Some(path)) if path.as_os_str() == "system" => match mode {
                None | Some(SslMode::VerifyFull) => (SslMode::VerifyFull, None),
                Some(_) => {
                    let expected = "must be verify-full with sslrootcert=system";
                    let origin = parameters.origin("sslmode");
                    return Err(Error::Value { keyword: "sslmode", origin, expected });
                }
            },
            // As in libpq: who names a root certificate wants it used.
            (Some(SslMode::Require), Some(path)) => (SslMode::VerifyCa, Some(path)),
            (mode, path) => (mode.unwrap_or(SslMode::Prefer), path),
        };
        Ok(Self { mode, root_cert, client })
    }

    /// Whether the files can be read that a connection will need.
    pub fn check_files(&self) -> Result<(), Error> {
        let verifies = self.mode >= SslMode::VerifyCa;
        let root_cert = self.root_cert.as_ref().filter(|_| verifies);
        let client = self.client.as_ref().filter(|_| self.mode != SslMode::Disable);
        for (named_by, path) in [
            ("sslrootcert", root_cert),
            ("sslcert", client.map(|(certificate, _)| certificate)),
            ("sslkey", client.map(|(_, key)| key)),
        ] {
            if let Some(Err(reason)) = path.map(|path| files::read(path)) {
                return Err(Error::File { named_by, reason });
            }
        }
        Ok(())
    }

    /// libpq ignores the mode on a Unix-domain socket, where the server offers
    /// no TLS; asking for it would fail.
    pub(super) fn none() -> Self {
        Self { mode: SslMode::Disable, root_cert: None, client: None }
    }
}

#[cfg(test)]
mod tests {
    use super::super::text;
    use super::*;

    #[test]
    fn files_that_a_connection_needs_are_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there.pem");
        std::fs::write(&there, "").unwrap();
        let there = there.to_str().unwrap();
        let check = |text: &str| {
            let tls = Tls::read(&text::parse(&text.replace("THERE", there)).unwrap()).unwrap();
            tls.check_files().map_err(|error| error.to_string())
        };
        for fine in [
            "sslmode=verify-full sslrootcert=THERE sslcert=THERE sslkey=THERE",
            "sslmode=prefer sslrootcert=/gone",
            "sslmode=disable sslcert=/gone sslkey=/gone",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for (keyword, text) in [
            ("sslrootcert", "sslmode=require sslrootcert=/gone"),
            ("sslcert", "sslcert=/gone sslkey=THERE"),
            ("sslkey", "sslcert=THERE sslkey=/gone"),
        ] {
            let said = format!("the file of {keyword} cannot be read: there is no such file");
            assert_eq!(check(text), Err(said), "{text}");
        }
    }

    #[test]
    fn modes_are_read_and_raised_as_libpq_does() {
        let read = |text: &str| Tls::read(&text::parse(text).unwrap());
        for (text, mode, root_cert) in [
            ("", SslMode::Prefer, None),
            ("sslmode=disable", SslMode::Disable, None),
            ("sslmode=allow", SslMode::Allow, None),
            ("sslmode=require", SslMode::Require, None),
            ("sslmode=require sslrootcert=/ca", SslMode::VerifyCa, Some("/ca")),
            ("sslmode=prefer sslrootcert=/ca", SslMode::Prefer, Some("/ca")),
            ("sslmode=verify-full sslrootcert=/ca", SslMode::VerifyFull, Some("/ca")),
            ("sslrootcert=system", SslMode::VerifyFull, None),
            ("sslmode=verify-ca", SslMode::VerifyCa, None),
        ] {
            let expected = Tls { mode, root_cert: root_cert.map(PathBuf::from), client: None };
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        let both = read("sslcert=/c sslkey=/k").unwrap().client;
        assert_eq!(both, Some((PathBuf::from("/c"), PathBuf::from("/k"))));
        assert_eq!(read("sslcert=/c"), Err(Error::HalfCertificate));
        for refused in ["sslmode=REQUIRE", "sslmode=1", "sslmode=require sslrootcert=system"] {
            assert!(matches!(read(refused), Err(Error::Value { keyword: "sslmode", .. })));
        }
    }
}
