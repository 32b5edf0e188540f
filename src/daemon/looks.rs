//! Looking for servers, section by section, for as long as the configuration has it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::tasks::Tasks;
use crate::config::Discover;
use crate::discovery::{self, Listed};
use crate::store::Store;

/// Between two looks while it is too early to say who is there.
const EARLY: Duration = Duration::from_secs(1);

/// What one look showed.
pub struct Look {
    pub section: String,
    pub listed: Result<Vec<Listed>, discovery::Error>,
}

pub struct Looks {
    tell: mpsc::Sender<Look>,
    store: watch::Receiver<Arc<Store>>,
    running: Vec<(Discover, Tasks)>,
}

impl Looks {
    /// Every look at the servers in `store` is told to `tell`.
    pub fn new(store: watch::Receiver<Arc<Store>>, tell: mpsc::Sender<Look>) -> Self {
        Self { tell, store, running: Vec::new() }
    }

    /// Looks as these sections say, from now on, and leaves those alone that are as
    /// they were.
    pub async fn follow(&mut self, sections: &[Discover]) {
        let stays = |running: &(Discover, Tasks)| sections.contains(&running.0);
        let (stay, mut go): (Vec<_>, Vec<_>) = self.running.drain(..).partition(stays);
        for (_, looking) in &mut go {
            looking.stop().await;
        }
        self.running = stay;
        for section in sections {
            if self.running.iter().any(|(running, _)| running == section) {
                continue;
            }
            let mut tasks = Tasks::new();
            let mut shutdown = tasks.shutdown.subscribe();
            let again = look_again(section.clone(), self.store.clone(), self.tell.clone());
            tasks.running.spawn(async move {
                // A look changes nothing, so it may end anywhere.
                tokio::select! {
                    () = again => {}
                    _ = shutdown.changed() => {}
                }
            });
            self.running.push((section.clone(), tasks));
        }
    }

    pub async fn stop(&mut self) {
        self.follow(&[]).await;
    }
}

async fn look_again(
    section: Discover,
    store: watch::Receiver<Arc<Store>>,
    tell: mpsc::Sender<Look>,
) {
    loop {
        let known = store.borrow().clone();
        let listed = match discovery::look(&section, &known).await {
            Ok(None) => {
                sleep(EARLY).await;
                continue;
            }
            Ok(Some(listed)) => Ok(listed),
            Err(error) => Err(error),
        };
        let look = Look { section: section.name.clone(), listed };
        // The daemon is stopping when nobody takes it.
        if tell.send(look).await.is_err() {
            return;
        }
        sleep(section.interval).await;
    }
}
