//! TLS for the listener: rustls set up from what the web configuration says.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::crypto::{
    self, CryptoProvider, SupportedKxGroup, WebPkiSupportedAlgorithms, ring,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig,
    SignatureScheme, SupportedCipherSuite, version,
};

use super::web_config::{ClientAuth, Pem, TlsServer, TlsVersion};

/// What accepts connections so; the error says which key is at fault.
pub fn acceptor(tls: &TlsServer) -> Result<TlsAcceptor, String> {
    let provider = Arc::new(provider(tls));
    let versions: Vec<_> = tls
        .versions
        .iter()
        .map(|version| match version {
            TlsVersion::Tls12 => &version::TLS12,
            TlsVersion::Tls13 => &version::TLS13,
        })
        .collect();
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&versions)
        .map_err(|error| format!("min_version, max_version and cipher_suites: {error}"))?;
    let builder = match tls.client_auth {
        ClientAuth::None => builder.with_no_client_auth(),
        _ => builder.with_client_cert_verifier(Arc::new(Verifier::new(tls, provider)?)),
    };
    let key = PrivateKeyDer::from_pem_slice(&tls.key.text)
        .map_err(|_| format!("{}: no private key in PEM", tls.key.key))?;
    let mut config = builder
        .with_single_cert(certificates(&tls.certificate)?, key)
        .map_err(|error| format!("{} and {}: {error}", tls.certificate.key, tls.key.key))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ignore_client_order = tls.prefer_our_order;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// As Go does, the list is about TLS 1.2; the suites of 1.3 are always there.
fn provider(tls: &TlsServer) -> CryptoProvider {
    let mut provider = ring::default_provider();
    if !tls.cipher_suites.is_empty() {
        let all = std::mem::take(&mut provider.cipher_suites);
        let named = tls.cipher_suites.iter();
        let older = named.filter_map(|name| all.iter().find(|s| !is_13(s) && suite(s) == *name));
        provider.cipher_suites = all.iter().filter(|s| is_13(s)).chain(older).copied().collect();
    }
    if !tls.curves.is_empty() {
        let all = std::mem::take(&mut provider.kx_groups);
        let named = tls.curves.iter();
        provider.kx_groups = named
            .filter_map(|name| all.iter().find(|group| curve(**group) == *name).copied())
            .collect();
    }
    provider
}

/// The names of the suites that there are, as Go calls them.
pub fn cipher_suites() -> Vec<String> {
    ring::ALL_CIPHER_SUITES.iter().map(suite).collect()
}

/// The names of the curves that there are, as Go calls them.
pub fn curves() -> Vec<String> {
    ring::ALL_KX_GROUPS.iter().map(|group| curve(*group)).collect()
}

fn suite(suite: &SupportedCipherSuite) -> String {
    format!("{:?}", suite.suite()).replace("TLS13_", "TLS_")
}

fn is_13(suite: &SupportedCipherSuite) -> bool {
    suite.tls13().is_some()
}

fn curve(group: &dyn SupportedKxGroup) -> String {
    format!("{:?}", group.name()).replace("secp", "CurveP").replace("r1", "")
}

fn certificates(pem: &Pem) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem.text).collect();
    chain
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| format!("{}: no certificate in PEM", pem.key))
}

/// The policy about clients' certificates.
#[derive(Debug)]
struct Verifier {
    /// None believes every certificate whose key its bearer has.
    chain: Option<Arc<dyn ClientCertVerifier>>,
    mandatory: bool,
    /// One of these must be in the certificate, if there are any.
    names: Vec<String>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn new(tls: &TlsServer, provider: Arc<CryptoProvider>) -> Result<Self, String> {
        let verifies =
            matches!(tls.client_auth, ClientAuth::VerifiedIfGiven | ClientAuth::Verified);
        let algorithms = provider.signature_verification_algorithms;
        let chain = match &tls.client_ca {
            Some(authorities) if verifies => {
                let mut roots = RootCertStore::empty();
                for authority in certificates(authorities)? {
                    roots
                        .add(authority)
                        .map_err(|error| format!("{}: {error}", authorities.key))?;
                }
                let chain =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                Some(chain.map_err(|error| format!("{}: {error}", authorities.key))?)
            }
            _ => None,
        };
        let mandatory = matches!(tls.client_auth, ClientAuth::Any | ClientAuth::Verified);
        Ok(Self { chain, mandatory, names: tls.client_names.clone(), algorithms })
    }

    /// Whether one of the allowed names is among the certificate's.
    fn is_allowed(&self, certificate: &CertificateDer<'_>) -> bool {
        let Ok(certificate) = webpki::EndEntityCert::try_from(certificate) else { return false };
        self.names.iter().any(|name| match IpAddr::from_str(name) {
            Ok(address) => certificate
                .verify_is_valid_for_subject_name(&ServerName::IpAddress(address.into()))
                .is_ok(),
            Err(_) => {
                let mut names = certificate.valid_dns_names().chain(certificate.valid_uri_names());
                names.any(|given| given == name)
            }
        })
    }
}

impl ClientCertVerifier for Verifier {
    fn client_auth_mandatory(&self) -> bool {
        self.mandatory
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.as_ref().map_or(&[], |chain| chain.root_hint_subjects())
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if let Some(chain) = &self.chain {
            chain.verify_client_cert(certificate, intermediates, now)?;
        }
        if !self.names.is_empty() && !self.is_allowed(certificate) {
            return Err(CertificateError::ApplicationVerificationFailure.into());
        }
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
