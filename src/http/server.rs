//! Listening and serving, bounded against peers that are slow on purpose.
//!
//! `axum::serve` gives hyper no timer, without which its header timeout does not
//! exist, so hyper is driven from here.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

use super::guard;
use super::security::Current;

/// Time to send a request's head, and to begin the next on a kept connection:
/// more than a usual scrape interval, so that Prometheus keeps its connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(75);

/// Time for a TLS handshake, from the first byte to the last.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Time to take each piece of an answer.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections at once; a few Prometheis, and people, need a dozen.
const CONNECTIONS: usize = 512;

/// What a head may weigh.
const HEADER_BYTES: usize = 16 * 1024;

/// How long open answers may take when we stop.
const GRACE: Duration = Duration::from_secs(3);

/// Listeners with the addresses that they really have.
pub struct Bound {
    listeners: Vec<TcpListener>,
    pub addresses: Vec<SocketAddr>,
}

/// Opens every listen address; `:9187` is all of them, on both families where
/// the machine has both.
pub async fn bind(addresses: &[String]) -> io::Result<Bound> {
    let mut bound = Bound { listeners: Vec::new(), addresses: Vec::new() };
    for address in addresses {
        let listener = match split(address)? {
            ("", port) => match TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).await {
                Ok(listener) => Ok(listener),
                Err(_) => TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await,
            },
            _ => TcpListener::bind(address.as_str()).await,
        };
        let listener = listener.map_err(|error| {
            let step = match error.kind() {
                io::ErrorKind::AddrInUse => {
                    "; see who does with ss -ltnp, or give another --web.listen-address"
                }
                _ => "",
            };
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}{step}"))
        })?;
        bound.addresses.push(listener.local_addr()?);
        bound.listeners.push(listener);
    }
    Ok(bound)
}

/// Host and port; an empty host is every address.
pub(super) fn split(address: &str) -> io::Result<(&str, u16)> {
    address.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?))).ok_or_else(
        || {
            let message = format!(
                "cannot listen on {address}: write host:port or :port, with a port up to 65535"
            );
            io::Error::new(io::ErrorKind::InvalidInput, message)
        },
    )
}

/// Serves until the shutdown signal, then lets open answers end. The guard is
/// put around the routes here, so that none can be served without.
pub async fn serve(
    bound: Bound,
    router: Router,
    current: Current,
    shutdown: watch::Receiver<bool>,
) {
    let router = router.layer(middleware::from_fn_with_state(current.clone(), guard::guard));
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut accepting = tokio::task::JoinSet::new();
    for listener in bound.listeners {
        let door = Door { router: router.clone(), current: current.clone() };
        accepting.spawn(accept(listener, door, places.clone(), shutdown.clone()));
    }
    while accepting.join_next().await.is_some() {}
}

async fn accept(
    listener: TcpListener,
    door: Door,
    places: Arc<Semaphore>,
    mut shutdown: watch::Receiver<bool>,
) {
    let open = GracefulShutdown::new();
    loop {
        // The place first: beyond the bound, peers wait in the kernel's queue.
        let Ok(place) = places.clone().acquire_owned().await else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, most likely: pause rather than spin.
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(Duration::from_millis(200)).await;
                    continue;
                }
            },
            _ = shutdown.changed() => break,
        };
        let (door, watcher) = (door.clone(), open.watcher());
        tokio::spawn(async move {
            if let Err(error) = door.serve(stream, watcher).await {
                tracing::debug!(error, "connection of a scraper ended");
            }
            drop(place);
        });
    }
    if timeout(GRACE, open.shutdown()).await.is_err() {
        tracing::debug!("answers were still being read when we stopped");
    }
}

/// What a connection comes through.
#[derive(Clone)]
struct Door {
    router: Router,
    current: Current,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Door {
    async fn serve(self, stream: TcpStream, watcher: Watcher) -> Result<(), Failed> {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_TIMEOUT));
        let stream = Box::pin(stream);
        let tls = self.current.borrow().tls.clone();
        match tls {
            None => self.speak(stream, watcher).await,
            Some(tls) => {
                let stream = timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await??;
                self.speak(stream, watcher).await
            }
        }
    }

    async fn speak<S>(self, stream: S, watcher: Watcher) -> Result<(), Failed>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(self.router));
        Ok(watcher.watch(connection).await?)
    }
}

#[cfg(test)]
mod tests;
