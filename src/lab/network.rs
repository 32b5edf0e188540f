//! A network between a server and its clients, to be cut or led elsewhere.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use super::{Result, io_error};

/// Passes connections on to a server; dropping it cuts them.
#[derive(Debug)]
pub struct Network {
    port: u16,
    state: watch::Sender<State>,
    accepting: AbortHandle,
}

#[derive(Clone, Copy, Debug)]
struct State {
    server: u16,
    /// Takes everything and passes nothing on, as a firewall that drops packets.
    swallow: bool,
    /// How long everything takes on its way.
    delay: Duration,
}

impl Network {
    pub async fn start(server: u16) -> Result<Self> {
        let failed = || io_error("listen on", "127.0.0.1");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed())?;
        let port = listener.local_addr().map_err(failed())?.port();
        let (state, watched) =
            watch::channel(State { server, swallow: false, delay: Duration::ZERO });
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass(client, watched.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self { port, state, accepting: accepting.abort_handle() })
    }

    /// Where clients connect.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts what is open and leads new connections to another server.
    pub fn lead_to(&self, server: u16) {
        self.state.send_modify(|state| state.server = server);
    }

    /// From now on nothing gets through and nobody is told; or again it does.
    /// Connections that were open then are cut when it does.
    pub fn swallow(&self, swallow: bool) {
        self.state.send_modify(|state| state.swallow = swallow);
    }

    /// From now on everything takes so much longer, in each direction.
    pub fn delay(&self, delay: Duration) {
        self.state.send_modify(|state| state.delay = delay);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(mut client: TcpStream, mut state: watch::Receiver<State>) -> io::Result<()> {
    let now = *state.borrow_and_update();
    let changed = |state: &State| state.server != now.server;
    let slow = state.clone();
    let mut server = None;
    if !now.swallow {
        let server = server.insert(TcpStream::connect(("127.0.0.1", now.server)).await?);
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::select! {
            ended = carry(from_client, to_server, &slow) => return ended,
            ended = carry(from_server, to_client, &slow) => return ended,
            _ = state.wait_for(|state| changed(state) || state.swallow) => {}
        }
    }
    // Holds both ends open in silence until the network heals, and cuts them then.
    // An error says that the network itself is gone, which cuts them as well.
    let _ = state.wait_for(|state| changed(state) || !state.swallow).await;
    Ok(())
}

/// Carries what one end says to the other.
async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    state: &watch::Receiver<State>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        let delay = state.borrow().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        to.write_all(&buffer[..read]).await?;
    }
}
