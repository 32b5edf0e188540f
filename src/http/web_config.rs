//! `--web.config.file`: the YAML of Prometheus' exporter-toolkit, read as it is.
//!
//! What a key means there it means here, or it is refused with the reason: a
//! security setting that is silently without effect is worse than no start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bcrypt::HashParts;
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::yaml::{self, Entries};

/// Why the file cannot be used; never with a value that may be secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}:{line}: {message}", path.display())]
    At { path: PathBuf, line: usize, message: String },
    #[error("{}: {message}", path.display())]
    Tls { path: PathBuf, message: String },
}

/// The file and all files that it names, as they are at one moment.
#[derive(PartialEq)]
pub struct WebConfig {
    pub path: PathBuf,
    pub tls: Option<TlsServer>,
    pub headers: HeaderMap,
    /// User to bcrypt hash; without users nobody is asked.
    pub users: BTreeMap<String, String>,
}

#[derive(PartialEq)]
pub struct TlsServer {
    pub certificate: Pem,
    pub key: Pem,
    pub client_ca: Option<Pem>,
    pub client_auth: ClientAuth,
    pub client_names: Vec<String>,
    pub versions: Vec<TlsVersion>,
    /// In order of preference; empty is all there are.
    pub cipher_suites: Vec<String>,
    pub curves: Vec<String>,
    pub prefer_our_order: bool,
}

/// PEM text and the key that it comes from, for messages.
#[derive(PartialEq)]
pub struct Pem {
    pub key: &'static str,
    pub text: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientAuth {
    None,
    /// Asked for, and neither needed nor checked.
    Requested,
    /// Needed, and anybody's will do.
    Any,
    VerifiedIfGiven,
    Verified,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
pub enum TlsVersion {
    Tls12,
    Tls13,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    tls_server_config: Option<Spanned<TlsSection>>,
    http_server_config: Option<HttpSection>,
    basic_auth_users: Option<Entries<String>>,
    rate_limit: Option<Spanned<serde::de::IgnoredAny>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct TlsSection {
    cert: Option<String>,
    key: Option<String>,
    client_ca: Option<String>,
    cert_file: Option<Spanned<PathBuf>>,
    key_file: Option<Spanned<PathBuf>>,
    client_ca_file: Option<Spanned<PathBuf>>,
    client_auth_type: Option<Spanned<String>>,
    client_allowed_sans: Option<Spanned<Vec<Spanned<String>>>>,
    min_version: Option<Spanned<String>>,
    max_version: Option<Spanned<String>>,
    cipher_suites: Option<Vec<Spanned<String>>>,
    curve_preferences: Option<Vec<Spanned<String>>>,
    prefer_server_cipher_suites: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct HttpSection {
    /// A permission that we do not use: everyone who speaks HTTP/2 speaks 1.1.
    #[serde(rename = "http2")]
    _http2: Option<bool>,
    headers: Option<Entries<String>>,
}

/// The headers that may be set, and the values of those that are enumerations.
const HEADERS: [(&str, &[&str]); 5] = [
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
    ("Content-Security-Policy", &[]),
];

const UNUSED_CA: &str = "client_ca_file without a client_auth_type would verify nobody";

impl WebConfig {
    /// Reads the file and what it names; relative paths are relative to it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::Read { path: path.into(), source })?;
        let reader = Reader { path };
        let file: File =
            yaml::parse(&text).map_err(|error| reader.wrong(error.line, error.message))?;
        if let Some(limit) = file.rate_limit {
            let reason = "rate_limit is not supported: connections and their time are bounded \
                          anyway; remove it";
            return Err(reader.at(&limit, reason));
        }
        let http = file.http_server_config.unwrap_or_default();
        Ok(Self {
            path: path.to_owned(),
            tls: file.tls_server_config.map_or(Ok(None), |section| reader.tls(section))?,
            headers: reader.headers(http.headers.unwrap_or_default())?,
            users: reader.users(file.basic_auth_users.unwrap_or_default())?,
        })
    }
}

struct Reader<'a> {
    path: &'a Path,
}

impl Reader<'_> {
    fn wrong(&self, line: usize, message: impl Into<String>) -> Error {
        Error::At { path: self.path.into(), line, message: message.into() }
    }

    fn at<T>(&self, place: &Spanned<T>, message: impl Into<String>) -> Error {
        self.wrong(yaml::line(place.referenced), message)
    }

    fn tls(&self, section: Spanned<TlsSection>) -> Result<Option<TlsServer>, Error> {
        let start = yaml::line(section.referenced);
        let section = section.value;
        let certificate = self.pem("cert_file", section.cert_file, "cert", section.cert)?;
        let key = self.pem("key_file", section.key_file, "key", section.key)?;
        let client_ca =
            self.pem("client_ca_file", section.client_ca_file, "client_ca", section.client_ca)?;
        let (certificate, key) = match (certificate, key) {
            (Some(certificate), Some(key)) => (certificate, key),
            // Versions and the like alone do not switch TLS on.
            (None, None) if client_ca.is_none() && section.client_auth_type.is_none() => {
                return Ok(None);
            }
            (None, _) => return Err(self.wrong(start, "tls_server_config: cert_file is missing")),
            (_, None) => return Err(self.wrong(start, "tls_server_config: key_file is missing")),
        };
        let client_auth = match section.client_auth_type {
            Some(policy) => self.client_auth(&policy, client_ca.is_some())?,
            None if client_ca.is_some() => return Err(self.wrong(start, UNUSED_CA)),
            None => ClientAuth::None,
        };
        Ok(Some(TlsServer {
            certificate,
            key,
            client_ca,
            client_auth,
            client_names: match section.client_allowed_sans {
                Some(names) => self.client_names(names, client_auth)?,
                None => Vec::new(),
            },
            versions: self.versions(section.min_version, section.max_version)?,
            cipher_suites: self.among(
                "cipher_suites",
                section.cipher_suites,
                &super::tls::cipher_suites(),
            )?,
            curves: self.among(
                "curve_preferences",
                section.curve_preferences,
                &super::tls::curves(),
            )?,
            prefer_our_order: section.prefer_server_cipher_suites.unwrap_or(true),
        }))
    }

    /// A file wins over text in the YAML, and an empty string is nothing.
    fn pem(
        &self,
        file_key: &'static str,
        file: Option<Spanned<PathBuf>>,
        inline_key: &'static str,
        inline: Option<String>,
    ) -> Result<Option<Pem>, Error> {
        if let Some(file) = file.filter(|file| !file.value.as_os_str().is_empty()) {
            let directory = self.path.parent().unwrap_or(Path::new(""));
            let text = std::fs::read(directory.join(&file.value))
                .map_err(|error| self.at(&file, format!("{file_key} cannot be read: {error}")))?;
            return Ok(Some(Pem { key: file_key, text }));
        }
        let inline = inline.filter(|text| !text.is_empty());
        Ok(inline.map(|text| Pem { key: inline_key, text: text.into_bytes() }))
    }

    fn client_auth(&self, written: &Spanned<String>, has_ca: bool) -> Result<ClientAuth, Error> {
        match written.value.as_str() {
            "" | "NoClientCert" if has_ca => Err(self.at(written, UNUSED_CA)),
            "" | "NoClientCert" => Ok(ClientAuth::None),
            "RequestClientCert" => Ok(ClientAuth::Requested),
            "RequireAnyClientCert" | "RequireClientCert" => Ok(ClientAuth::Any),
            "VerifyClientCertIfGiven" | "RequireAndVerifyClientCert" if !has_ca => {
                Err(self.at(written, "client_auth_type: verifying needs client_ca_file"))
            }
            "VerifyClientCertIfGiven" => Ok(ClientAuth::VerifiedIfGiven),
            "RequireAndVerifyClientCert" => Ok(ClientAuth::Verified),
            other => Err(self.at(written, format!("client_auth_type: there is no \"{other}\""))),
        }
    }

    fn client_names(
        &self,
        names: Spanned<Vec<Spanned<String>>>,
        policy: ClientAuth,
    ) -> Result<Vec<String>, Error> {
        let Some(first) = names.value.first() else {
            return Err(self.at(&names, "client_allowed_sans is empty: nobody could come in"));
        };
        if !matches!(policy, ClientAuth::VerifiedIfGiven | ClientAuth::Verified) {
            let message = "client_allowed_sans: a name proves nothing unless client_auth_type \
                           verifies the certificate";
            return Err(self.at(first, message));
        }
        let mail =
            |name: &&Spanned<String>| name.value.contains('@') && !name.value.contains("://");
        if let Some(name) = names.value.iter().find(mail) {
            return Err(self.at(name, "client_allowed_sans: e-mail addresses are not supported"));
        }
        Ok(names.value.into_iter().map(|name| name.value).collect())
    }

    fn versions(
        &self,
        min: Option<Spanned<String>>,
        max: Option<Spanned<String>>,
    ) -> Result<Vec<TlsVersion>, Error> {
        let read = |key: &str, version: &Option<Spanned<String>>, default| match version {
            None => Ok(default),
            Some(version) => match version.value.as_str() {
                "TLS12" => Ok(TlsVersion::Tls12),
                "TLS13" => Ok(TlsVersion::Tls13),
                "TLS10" | "TLS11" => {
                    let message = format!("{key}: TLS before 1.2 is broken and not offered");
                    Err(self.at(version, message))
                }
                _ => Err(self.at(version, format!("{key}: expected TLS12 or TLS13"))),
            },
        };
        let lowest = read("min_version", &min, TlsVersion::Tls12)?;
        let highest = read("max_version", &max, TlsVersion::Tls13)?;
        let versions: Vec<_> = [TlsVersion::Tls12, TlsVersion::Tls13]
            .into_iter()
            .filter(|version| lowest <= *version && *version <= highest)
            .collect();
        match versions.is_empty() {
            true => {
                let place = max.as_ref().or(min.as_ref());
                let line = place.map_or(1, |version| yaml::line(version.referenced));
                Err(self.wrong(line, "max_version is below min_version"))
            }
            false => Ok(versions),
        }
    }

    fn among(
        &self,
        key: &str,
        written: Option<Vec<Spanned<String>>>,
        offered: &[String],
    ) -> Result<Vec<String>, Error> {
        let written = written.unwrap_or_default();
        if let Some(unknown) = written.iter().find(|name| !offered.contains(&name.value)) {
            let message =
                format!("{key}: {} is not offered, only {}", unknown.value, offered.join(", "));
            return Err(self.at(unknown, message));
        }
        Ok(written.into_iter().map(|name| name.value).collect())
    }

    fn headers(&self, written: Entries<String>) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        for (name, value) in written.0.iter().filter(|(_, value)| !value.is_empty()) {
            let Some((_, values)) = HEADERS.iter().find(|(known, _)| *known == name.value) else {
                return Err(self.at(name, format!("headers: {} cannot be set", name.value)));
            };
            if !values.is_empty() && !values.contains(&value.as_str()) {
                let message = format!("{}: expected {}", name.value, values.join(" or "));
                return Err(self.at(name, message));
            }
            let parsed = (HeaderName::from_str(&name.value), HeaderValue::from_str(value));
            let (Ok(header), Ok(value)) = parsed else {
                return Err(self.at(name, format!("{}: not a header's value", name.value)));
            };
            headers.insert(header, value);
        }
        Ok(headers)
    }

    fn users(&self, written: Entries<String>) -> Result<BTreeMap<String, String>, Error> {
        let mut users = BTreeMap::new();
        for (name, hash) in written.0 {
            if HashParts::from_str(&hash).is_err() {
                let message =
                    format!("basic_auth_users: the value of {} is no bcrypt hash", name.value);
                return Err(self.at(&name, message));
            }
            users.insert(name.value, hash);
        }
        Ok(users)
    }
}

#[cfg(test)]
mod tests;
