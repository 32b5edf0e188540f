//! What stands between a peer and the routes, and follows its files.
//!
//! The web configuration, certificates and keys are read again every few seconds
//! and compared by content, which sees what a modification time does not: a
//! mounted secret that is swapped by a link. What cannot be used changes nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use super::auth::Users;
use super::tls;
use super::web_config::{Error, WebConfig};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The security in force; connections and requests look when they begin.
pub type Current = watch::Receiver<Arc<Security>>;

/// Made of one state of the files.
#[derive(Default)]
pub struct Security {
    pub tls: Option<TlsAcceptor>,
    pub headers: HeaderMap,
    pub users: Option<Users>,
}

impl Security {
    fn new(config: &WebConfig) -> Result<Self, Error> {
        let wrong = |message| Error::Tls { path: config.path.clone(), message };
        Ok(Self {
            tls: config.tls.as_ref().map(tls::acceptor).transpose().map_err(wrong)?,
            headers: config.headers.clone(),
            users: Users::new(config.users.clone()).map_err(wrong)?,
        })
    }
}

/// Follows the files of one web configuration.
pub struct Follow {
    files: Arc<Path>,
    last: Result<WebConfig, String>,
    current: watch::Sender<Arc<Security>>,
}

/// Reads the file for the first time; without one everything is open.
pub fn load(path: Option<&Path>) -> Result<(Current, Option<Follow>), Error> {
    let Some(path) = path else {
        return Ok((watch::channel(Arc::default()).1, None));
    };
    let config = WebConfig::read(path)?;
    let (current, receiver) = watch::channel(Arc::new(Security::new(&config)?));
    Ok((receiver, Some(Follow { files: path.into(), last: Ok(config), current })))
}

impl Follow {
    /// Looks until the shutdown signal.
    pub async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = sleep(LOOK_EVERY) => {}
                _ = shutdown.changed() => return,
            }
            let files = self.files.clone();
            // A network file system may take its time.
            if let Ok(read) = tokio::task::spawn_blocking(move || WebConfig::read(&files)).await {
                self.look(read);
            }
        }
    }

    fn look(&mut self, read: Result<WebConfig, Error>) {
        let read = read.map_err(|error| error.to_string());
        if read == self.last {
            return;
        }
        match read.as_ref().map_err(Clone::clone).and_then(|config| self.replacement(config)) {
            Ok(security) => {
                self.current.send_replace(Arc::new(security));
                tracing::info!(file = %self.files.display(), "web configuration read again");
            }
            Err(error) => {
                tracing::error!(%error, "the web configuration before it stays in force");
            }
        }
        self.last = read;
    }

    fn replacement(&self, config: &WebConfig) -> Result<Security, String> {
        let security = Security::new(config).map_err(|error| error.to_string())?;
        // A file that is being written must not lead passwords over an open line.
        if security.tls.is_some() != self.current.borrow().tls.is_some() {
            return Err("tls_server_config: TLS goes on and off with a restart only".into());
        }
        Ok(security)
    }
}

#[cfg(test)]
mod tests;
