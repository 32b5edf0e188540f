//! One document fetched over HTTP: bounded in time and size, without redirects, with
//! files of passwords and certificates read anew each time.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, HOST, HeaderValue, USER_AGENT};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::DEADLINE;
use crate::config::{Login, Patroni};
use crate::dsn;

/// A cluster of a hundred members takes a twentieth of it.
const MOST_BYTES: usize = 1 << 20;

/// Why there is no document; says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("TLS: {0}")]
    Tls(String),
    #[error("basic_auth.password_file: {0}")]
    Password(dsn::FileProblem),
    #[error("no answer within {} s", DEADLINE.as_secs())]
    Deadline,
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    #[error("{path} answers {status}{}", advice(*.status))]
    Status { path: &'static str, status: StatusCode },
    #[error("{path} answers with more than 1 MiB")]
    Long { path: &'static str },
    #[error("{path} is not what Patroni answers: {message}")]
    Json { path: &'static str, message: serde_json::Error },
    #[error("{0}")]
    Content(String),
}

fn advice(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ": give basic_auth, or tls.cert_file",
        status if status.is_redirection() => {
            ": redirects are not followed, name the address itself"
        }
        _ => "",
    }
}

/// Whether the files can be used that a request will need.
pub fn check_files(patroni: &Patroni) -> Result<(), Refused> {
    for address in &patroni.addresses {
        request(patroni, address, "/cluster")?;
    }
    tls(patroni).map(drop).map_err(Refused::Tls)
}

/// The document at `path` below an address of Patroni.
pub async fn get<T: DeserializeOwned>(
    patroni: &Patroni,
    address: &Uri,
    path: &'static str,
) -> Result<T, Refused> {
    let bytes = timeout(DEADLINE, fetch(patroni, address, path));
    let bytes = bytes.await.map_err(|_| Refused::Deadline)??;
    serde_json::from_slice(&bytes).map_err(|message| Refused::Json { path, message })
}

async fn fetch(patroni: &Patroni, address: &Uri, path: &'static str) -> Result<Bytes, Refused> {
    let host = address.host().unwrap_or_default();
    // As in every URL an IPv6 address stands in brackets.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let secure = address.scheme_str() == Some("https");
    let port = address.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await.map_err(Refused::Connect)?;
    let request = request(patroni, address, path)?;
    if !secure {
        return exchange(stream, request, path).await;
    }
    let name =
        ServerName::try_from(host.to_owned()).map_err(|error| Refused::Tls(error.to_string()))?;
    let connector = TlsConnector::from(Arc::new(tls(patroni).map_err(Refused::Tls)?));
    let stream = connector.connect(name, stream).await;
    exchange(stream.map_err(|error| Refused::Tls(error.to_string()))?, request, path).await
}

fn request(
    patroni: &Patroni,
    address: &Uri,
    path: &'static str,
) -> Result<Request<Empty<Bytes>>, Refused> {
    let invalid = |error: hyper::http::Error| Refused::Content(error.to_string());
    let authority = address.authority().map_or("", |authority| authority.as_str());
    let mut request = Request::get(format!("{}{path}", address.path().trim_end_matches('/')))
        .header(HOST, authority)
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, concat!("pglens/", env!("CARGO_PKG_VERSION")));
    if let Some(Login { username, password_file }) = &patroni.login {
        let password = dsn::secret_file(password_file).map_err(Refused::Password)?;
        let pair = BASE64_STANDARD.encode(format!("{username}:{}", password.expose()));
        let value = HeaderValue::try_from(format!("Basic {pair}"));
        let mut value = value.map_err(|error| invalid(error.into()))?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    request.body(Empty::new()).map_err(invalid)
}

/// Sends a request on a connection of its own, and reads the answer.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Empty<Bytes>>,
    path: &'static str,
) -> Result<Bytes, Refused> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answer = async {
        let response = sender.send_request(request).await?;
        if response.status() != StatusCode::OK {
            return Err(Refused::Status { path, status: response.status() });
        }
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await;
        body.map(|body| body.to_bytes()).map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(broken) => Refused::Broken(*broken),
            Err(error) if error.is::<LengthLimitError>() => Refused::Long { path },
            Err(error) => Refused::Content(error.to_string()),
        })
    };
    // The connection moves bytes for as long as the answer is waited for.
    tokio::pin!(answer);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        answer = &mut answer => answer,
        ended = &mut connection => {
            ended?;
            answer.await
        }
    }
}

/// The system's certificates are trusted, or those of `tls.ca_file` alone.
fn tls(patroni: &Patroni) -> Result<ClientConfig, String> {
    let files = &patroni.tls;
    let mut roots = RootCertStore::empty();
    match &files.ca_file {
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(path) => {
            for certificate in certificates("ca_file", path)? {
                roots.add(certificate).map_err(|error| format!("ca_file: {error}"))?;
            }
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots);
    match (&files.cert_file, &files.key_file) {
        (Some(certificate), Some(key)) => {
            let chain = certificates("cert_file", certificate)?;
            let key =
                PrivateKeyDer::from_pem_file(key).map_err(|error| format!("key_file: {error}"))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| format!("cert_file: {error}"))
        }
        _ => Ok(builder.with_no_client_auth()),
    }
}

fn certificates(key: &str, path: &std::path::Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |error: String| format!("{key}: {error}");
    let chain = CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
    let chain: Vec<_> =
        chain.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
    match chain.is_empty() {
        true => Err(wrong("no certificate in PEM".to_owned())),
        false => Ok(chain),
    }
}
