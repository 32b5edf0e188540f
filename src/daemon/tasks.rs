//! Tasks that run until they are told to stop.

use tokio::sync::watch;
use tokio::task::JoinSet;

pub struct Tasks {
    pub shutdown: watch::Sender<bool>,
    pub running: JoinSet<()>,
}

impl Tasks {
    pub fn new() -> Self {
        Self { shutdown: watch::Sender::new(false), running: JoinSet::new() }
    }

    pub async fn stop(&mut self) {
        self.shutdown.send_replace(true);
        while let Some(ended) = self.running.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task died; this is a defect");
            }
        }
    }
}
