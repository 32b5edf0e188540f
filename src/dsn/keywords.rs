//! Every keyword libpq accepts, its variable, and what we do about it.
//!
//! The rule: what changes which server we reach or how safely is done or
//! refused, never dropped in silence; what only tunes libpq's own machinery is
//! accepted and ignored, so that a working connection string keeps working.

use super::error::{Error, Origin};

pub(super) struct Keyword {
    pub name: &'static str,
    pub variable: Option<&'static str>,
    pub treatment: Treatment,
}

pub(super) enum Treatment {
    Used,
    Ignored,
    /// These values describe what happens anyway; another one is refused.
    Only(&'static [&'static str], &'static str),
    Refused(&'static str),
}

use Treatment::{Ignored, Only, Refused, Used};

const fn keyword(
    name: &'static str,
    variable: Option<&'static str>,
    treatment: Treatment,
) -> Keyword {
    Keyword { name, variable, treatment }
}

const NO_CRL: &str = "revocation lists are not checked; remove it";
const NO_OAUTH: &str = "use a password or a client certificate";
const NO_KEYS: &str = "give the password instead";

#[rustfmt::skip] // One line a keyword reads as the table it is.
pub(super) static KEYWORDS: &[Keyword] = &[
    keyword("host", Some("PGHOST"), Used),
    keyword("hostaddr", Some("PGHOSTADDR"), Used),
    keyword("port", Some("PGPORT"), Used),
    keyword("dbname", Some("PGDATABASE"), Used),
    keyword("user", Some("PGUSER"), Used),
    keyword("password", Some("PGPASSWORD"), Used),
    keyword("passfile", Some("PGPASSFILE"), Used),
    keyword("service", Some("PGSERVICE"), Used),
    keyword("servicefile", Some("PGSERVICEFILE"), Used),
    keyword("sslmode", Some("PGSSLMODE"), Used),
    keyword("sslrootcert", Some("PGSSLROOTCERT"), Used),
    keyword("sslcert", Some("PGSSLCERT"), Used),
    keyword("sslkey", Some("PGSSLKEY"), Used),
    keyword("application_name", Some("PGAPPNAME"), Used),
    keyword("connect_timeout", Some("PGCONNECT_TIMEOUT"), Used),
    keyword("options", Some("PGOPTIONS"), Used),
    keyword("target_session_attrs", Some("PGTARGETSESSIONATTRS"), Used),

    // Every query has a deadline of its own, which finds a dead peer sooner.
    keyword("keepalives", None, Ignored),
    keyword("keepalives_idle", None, Ignored),
    keyword("keepalives_interval", None, Ignored),
    keyword("keepalives_count", None, Ignored),
    keyword("tcp_user_timeout", None, Ignored),
    // We always speak UTF-8, and always name ourselves.
    keyword("client_encoding", Some("PGCLIENTENCODING"), Ignored),
    keyword("fallback_application_name", None, Ignored),
    // There is no TLS compression any more, and a name is sent when there is one.
    keyword("sslcompression", Some("PGSSLCOMPRESSION"), Ignored),
    keyword("sslsni", Some("PGSSLSNI"), Ignored),
    // Kerberos is never tried.
    keyword("krbsrvname", Some("PGKRBSRVNAME"), Ignored),
    keyword("krbspn", None, Ignored),
    keyword("gsslib", Some("PGGSSLIB"), Ignored),
    keyword("gssdelegation", Some("PGGSSDELEGATION"), Ignored),
    // Hosts are tried in their order: a server that changed by chance would be no series.
    keyword("load_balance_hosts", Some("PGLOADBALANCEHOSTS"), Ignored),
    // We speak 3.0, which every upper bound allows.
    keyword("max_protocol_version", Some("PGMAXPROTOCOLVERSION"), Ignored),
    // lib/pq, the driver of postgres_exporter, has these; they choose its wire format.
    keyword("binary_parameters", None, Ignored),
    keyword("disable_prepared_binary_result", None, Ignored),

    keyword("channel_binding", Some("PGCHANNELBINDING"), Only(&["disable", "prefer"], "channel binding is not available; use sslmode=verify-full")),
    keyword("gssencmode", Some("PGGSSENCMODE"), Only(&["disable", "prefer"], "GSSAPI encryption is not available; use sslmode=verify-full")),
    keyword("sslnegotiation", Some("PGSSLNEGOTIATION"), Only(&["postgres"], "TLS is negotiated in PostgreSQL's way; remove it")),
    keyword("sslcertmode", Some("PGSSLCERTMODE"), Only(&["allow"], "a client certificate is sent when it is configured and asked for; remove it")),
    keyword("ssl_min_protocol_version", Some("PGSSLMINPROTOCOLVERSION"), Only(&["TLSv1", "TLSv1.1", "TLSv1.2"], "TLS 1.2 is the lowest version and 1.3 is preferred; require more on the server")),
    keyword("ssl_max_protocol_version", Some("PGSSLMAXPROTOCOLVERSION"), Only(&["TLSv1.3"], "the highest version that both sides know is used; limit it on the server")),
    keyword("min_protocol_version", Some("PGMINPROTOCOLVERSION"), Only(&["3.0"], "protocol 3.0 is spoken; remove it")),
    keyword("replication", None, Only(&["false", "off", "no", "0"], "statistics need an ordinary connection; remove it")),

    keyword("requiressl", Some("PGREQUIRESSL"), Refused("write sslmode=require")),
    keyword("sslcrl", Some("PGSSLCRL"), Refused(NO_CRL)),
    keyword("sslcrldir", Some("PGSSLCRLDIR"), Refused(NO_CRL)),
    keyword("sslpassword", None, Refused("store the client key without a passphrase, readable only by this process")),
    keyword("sslkeylogfile", None, Refused("session keys are not logged; remove it")),
    keyword("sslinline", None, Refused("store certificates and keys in files")),
    keyword("requirepeer", Some("PGREQUIREPEER"), Refused("the server's user is not checked; remove it")),
    keyword("require_auth", Some("PGREQUIREAUTH"), Refused("the authentication method is chosen by the server; remove it and use sslmode=verify-full")),
    keyword("scram_client_key", None, Refused(NO_KEYS)),
    keyword("scram_server_key", None, Refused(NO_KEYS)),
    keyword("oauth_issuer", None, Refused(NO_OAUTH)),
    keyword("oauth_client_id", None, Refused(NO_OAUTH)),
    keyword("oauth_client_secret", None, Refused(NO_OAUTH)),
    keyword("oauth_scope", None, Refused(NO_OAUTH)),
];

/// libpq's keywords are case-sensitive.
pub(super) fn find(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name == name)
}

impl Keyword {
    /// Says whether the value has to be kept. An empty value asks for nothing,
    /// and so nothing of it can go unheard.
    pub fn wanted(&self, value: &str, origin: Origin) -> Result<bool, Error> {
        let refuse = |advice| Err(Error::Unsupported { keyword: self.name, origin, advice });
        match self.treatment {
            Used => Ok(true),
            Only(values, advice) if !value.is_empty() && !values.contains(&value) => refuse(advice),
            Refused(advice) if !value.is_empty() => refuse(advice),
            Ignored | Only(..) | Refused(_) => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_keyword_and_each_variable_stands_once() {
        let mut names: Vec<_> = KEYWORDS.iter().map(|keyword| keyword.name).collect();
        names.extend(KEYWORDS.iter().filter_map(|keyword| keyword.variable));
        let total = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), total);
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_and_what_is_harmless_is_not() {
        let wanted = |name: &str, value: &str| find(name).unwrap().wanted(value, Origin::Text);
        for (name, value) in [
            ("keepalives_idle", "30"),
            ("channel_binding", "prefer"),
            ("gssencmode", "disable"),
            ("ssl_min_protocol_version", "TLSv1.2"),
            ("sslcrl", ""),
        ] {
            assert_eq!(wanted(name, value), Ok(false), "{name}={value}");
        }
        for (name, value) in [
            ("channel_binding", "require"),
            ("ssl_min_protocol_version", "TLSv1.3"),
            ("sslcrl", "/crl.pem"),
            ("sslpassword", "x"),
            ("requiressl", "1"),
            ("require_auth", "scram-sha-256"),
            ("replication", "database"),
        ] {
            assert!(wanted(name, value).is_err(), "{name}={value}");
        }
        assert_eq!(wanted("host", ""), Ok(true), "an empty host still hides PGHOST");
    }
}
