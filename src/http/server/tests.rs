//! A listener with TLS and users, spoken to as scrapers do. No database.

use std::net::SocketAddr;
use std::time::Instant;

use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};

use super::*;
use crate::http::security;

/// An authority, with what it signed.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Certificate and key in PEM.
    fn sign(&self, names: &[&str]) -> (String, String) {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let signed = CertificateParams::new(names).unwrap().signed_by(&key, &self.0).unwrap();
        (signed.pem(), key.serialize_pem())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }
}

/// A server on a port of its own, with files in a directory.
struct Served {
    address: SocketAddr,
    _directory: tempfile::TempDir,
    authority: Authority,
    _shutdown: watch::Sender<bool>,
}

impl Served {
    async fn start(yaml: &str) -> Self {
        let authority = Authority::new();
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text);
        let (certificate, key) = authority.sign(&["localhost"]);
        write("server.crt", &certificate).unwrap();
        write("server.key", &key).unwrap();
        write("ca.crt", &authority.pem()).unwrap();
        write("web.yml", yaml).unwrap();

        let (current, _) = security::load(Some(&directory.path().join("web.yml"))).unwrap();
        let bound = bind(&["127.0.0.1:0".to_owned()]).await.unwrap();
        let address = bound.addresses[0];
        let (shutdown, stopping) = watch::channel(false);
        let router = Router::new().route("/", get(|| async { "inside" }));
        tokio::spawn(serve(bound, router, current, stopping));
        Self { address, _directory: directory, authority, _shutdown: shutdown }
    }

    /// Status line, head and body of `GET path`, or why there is none.
    async fn get(&self, client: &Client, path: &str, head: &str) -> Result<String, String> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let name = "localhost".try_into().unwrap();
        let connector = TlsConnector::from(Arc::new(client.config(&self.authority)));
        let stream = connector.connect(name, stream).await.map_err(|error| error.to_string())?;
        ask(stream, path, head).await
    }
}

async fn ask<S>(mut stream: S, path: &str, head: &str) -> Result<String, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n");
    stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    let mut answer = String::new();
    // A peer that is refused after the handshake hears so with the first read.
    stream.read_to_string(&mut answer).await.map_err(|error| error.to_string())?;
    Ok(answer)
}

/// A scraper with or without a certificate of its own.
#[derive(Default)]
struct Client {
    certificate: Option<(String, String)>,
    only: Option<&'static SupportedProtocolVersion>,
}

impl Client {
    fn config(&self, authority: &Authority) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let versions = self.only.map_or(vec![&version::TLS12, &version::TLS13], |only| vec![only]);
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&versions)
            .unwrap()
            .with_root_certificates(roots);
        match &self.certificate {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => builder
                .with_client_auth_cert(
                    vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()],
                    PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
                )
                .unwrap(),
        }
    }

    fn with(certificate: (String, String)) -> Self {
        Self { certificate: Some(certificate), only: None }
    }
}

const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

fn is_inside(answer: &Result<String, String>) -> bool {
    answer.as_ref().is_ok_and(|answer| answer.ends_with("inside"))
}

#[tokio::test]
async fn tls_is_spoken_with_a_certificate_beside_the_file() {
    let served = Served::start(TLS).await;
    for only in [&version::TLS12, &version::TLS13] {
        let client = Client { only: Some(only), ..Client::default() };
        let answer = served.get(&client, "/", "").await;
        assert!(is_inside(&answer), "{answer:?}");
    }
    // Plain HTTP gets no page.
    let stream = TcpStream::connect(served.address).await.unwrap();
    assert!(!is_inside(&ask(stream, "/", "").await));
}

#[tokio::test]
async fn versions_suites_and_curves_are_obeyed() {
    let served = Served::start(&format!(
        "{TLS}  min_version: TLS12\n  max_version: TLS12\n  curve_preferences: [CurveP256]\n  \
         cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n"
    ))
    .await;
    let only = |only| Client { only: Some(only), ..Client::default() };
    assert!(is_inside(&served.get(&only(&version::TLS12), "/", "").await));
    assert!(served.get(&only(&version::TLS13), "/", "").await.is_err());
}

#[tokio::test]
async fn a_client_certificate_is_required_and_verified() {
    let served = Served::start(&format!(
        "{TLS}  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n"
    ))
    .await;
    assert!(served.get(&Client::default(), "/", "").await.is_err());
    let stranger = Client::with(Authority::new().sign(&["prometheus"]));
    assert!(served.get(&stranger, "/", "").await.is_err());
    let ours = Client::with(served.authority.sign(&["prometheus"]));
    let answer = served.get(&ours, "/", "").await;
    assert!(is_inside(&answer), "{answer:?}");
}

#[tokio::test]
async fn a_certificate_that_is_only_asked_for_may_be_missing_or_anybodys() {
    let stranger = Client::with(Authority::new().sign(&["anybody"]));
    let served = Served::start(&format!("{TLS}  client_auth_type: RequestClientCert\n")).await;
    assert!(is_inside(&served.get(&Client::default(), "/", "").await));
    assert!(is_inside(&served.get(&stranger, "/", "").await));
    let served = Served::start(&format!("{TLS}  client_auth_type: RequireAnyClientCert\n")).await;
    assert!(served.get(&Client::default(), "/", "").await.is_err());
    assert!(is_inside(&served.get(&stranger, "/", "").await));
    let served = Served::start(&format!(
        "{TLS}  client_ca_file: ca.crt\n  client_auth_type: VerifyClientCertIfGiven\n"
    ))
    .await;
    assert!(is_inside(&served.get(&Client::default(), "/", "").await));
    assert!(served.get(&stranger, "/", "").await.is_err());
}

#[tokio::test]
async fn only_allowed_names_come_in() {
    let served = Served::start(&format!(
        "{TLS}  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n  \
         client_allowed_sans: [prometheus.example.com, 10.0.0.1]\n"
    ))
    .await;
    for (name, admitted) in [
        ("prometheus.example.com", true),
        ("10.0.0.1", true),
        ("10.0.0.2", false),
        ("grafana.example.com", false),
        ("*.example.com", false),
    ] {
        let client = Client::with(served.authority.sign(&[name]));
        assert_eq!(is_inside(&served.get(&client, "/", "").await), admitted, "{name}");
    }
}

#[tokio::test]
async fn users_are_asked_on_every_path_and_headers_are_on_every_answer() {
    let hash = bcrypt::hash("se:cret", 4).unwrap();
    let yaml = format!(
        "{TLS}basic_auth_users:\n  alice: {hash}\nhttp_server_config:\n  headers:\n    \
         X-Frame-Options: deny\n"
    );
    let served = Served::start(&yaml).await;
    let client = Client::default();
    let login = |login: &str| format!("Authorization: Basic {}\r\n", BASE64_STANDARD.encode(login));
    for path in ["/", "/healthz", "/nowhere"] {
        for head in [String::new(), login("alice:wrong"), login("eve:se:cret"), login("alice:")] {
            let answer = served.get(&client, path, &head).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
            assert!(answer.contains("www-authenticate: Basic"), "{answer}");
            assert!(answer.contains("x-frame-options: deny"), "{answer}");
        }
    }
    for _ in 0..2 {
        let answer = served.get(&client, "/", &login("alice:se:cret")).await;
        assert!(is_inside(&answer), "{answer:?}");
        assert!(answer.unwrap().contains("x-frame-options: deny"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_never_comes_ends() {
    let served = Served::start(TLS).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let began = Instant::now();
    let mut answer = Vec::new();
    // Time is ours here: it runs ahead while everyone waits.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
    assert!(began.elapsed() < HANDSHAKE_TIMEOUT, "took {:?}", began.elapsed());
}
