//! What a load balancer asks: is this the primary, is this a replica that keeps
//! up? 200 or 503, from memory.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use crate::store::{Store, TargetId};

/// How far a standby's own data is behind, in seconds.
const LAG: &str = "pg_replication_lag_seconds";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// May be left out where there is one target only.
    target: Option<String>,
    #[serde(default, with = "humantime_serde::option")]
    max_lag: Option<Duration>,
}

pub async fn primary(State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    answer(&app.store(), &asked, |store, target| match in_recovery(store, target) {
        Some(false) => Ok("primary".to_owned()),
        Some(true) => Err("a standby".to_owned()),
        None => Err("not known to be up".to_owned()),
    })
}

/// A standby whose lag is not known may be arbitrarily far behind: with a limit
/// it is none that keeps up.
pub async fn replica(State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    answer(&app.store(), &asked, |store, target| {
        match (in_recovery(store, target), asked.max_lag) {
            (Some(true), None) => Ok("replica".to_owned()),
            (Some(true), Some(most)) => match store.largest(target, LAG) {
                Some(lag) if lag <= most.as_secs_f64() => Ok(format!("replica, {lag} s behind")),
                Some(lag) => Err(format!("{lag} s behind")),
                None => Err("a replica whose lag is not known".to_owned()),
            },
            (Some(false), _) => Err("the primary".to_owned()),
            (None, _) => Err("not known to be up".to_owned()),
        }
    })
}

/// Unknown while the server does not answer.
fn in_recovery(store: &Store, target: TargetId) -> Option<bool> {
    let role = |up: Option<bool>, in_recovery| if up == Some(true) { in_recovery } else { None };
    store.read(target, |view| role(view.status.up, view.status.in_recovery))?
}

fn answer(
    store: &Store,
    asked: &Asked,
    role: impl FnOnce(&Store, TargetId) -> Result<String, String>,
) -> Response {
    let target = match (&asked.target, store.targets().as_slice()) {
        (Some(name), _) => store.target(name).ok_or_else(|| {
            let text = format!("there is no target \"{name}\"; see /sd for those there are\n");
            (StatusCode::NOT_FOUND, text)
        }),
        (None, [only]) => Ok(*only),
        (None, _) => Err((StatusCode::BAD_REQUEST, "expected ?target=NAME\n".to_owned())),
    };
    match target.map(|target| role(store, target)) {
        Ok(Ok(text)) => format!("{text}\n").into_response(),
        Ok(Err(text)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{text}\n")).into_response(),
        Err(refused) => refused.into_response(),
    }
}
