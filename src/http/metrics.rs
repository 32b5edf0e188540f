//! The exposition: pages of the store joined, compressed where asked for.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;
use crate::catalog::Collector;
use crate::expose::Page;

const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `?target=NAME` and any number of `?collect[]=COLLECTOR`.
type Parameters = Query<Vec<(String, String)>>;

/// All targets, or the one that is asked for.
pub async fn metrics(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Response {
    let named = parameters.iter().find(|(name, _)| name == "target");
    respond(&app, named.map(|(_, target)| target.as_str()), &parameters, &headers)
}

/// One configured target, as Prometheus' multi-target scrape jobs ask for it.
pub async fn probe(
    State(app): State<App>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Response {
    match parameters.iter().find(|(name, _)| name == "target") {
        Some((_, target)) => respond(&app, Some(target), &parameters, &headers),
        None => (StatusCode::BAD_REQUEST, "expected ?target=NAME\n").into_response(),
    }
}

fn respond(
    app: &App,
    target: Option<&str>,
    parameters: &[(String, String)],
    headers: &HeaderMap,
) -> Response {
    let began = Instant::now();
    let collect: HashSet<&str> = parameters
        .iter()
        .filter(|(name, _)| name == "collect[]")
        .map(|(_, collector)| collector.as_str())
        .collect();
    let unknown = collect.iter().find(|name| app.store.catalog().collector(name).is_none());
    if let Some(unknown) = unknown {
        let text = format!("there is no collector \"{unknown}\"\n");
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let wanted = |collector: &Collector| {
        collect.is_empty() || !collector.is_polled() || collect.contains(&*collector.name)
    };

    let mut pages = match target {
        None => app.store.pages(wanted),
        // Only what is configured, by name: an address from outside is never
        // connected to.
        Some(name) => match position(app, name) {
            Some(target) => vec![app.store.target_page(target, wanted)],
            None => {
                let text = format!("there is no target \"{name}\"; see /sd for those there are\n");
                return (StatusCode::NOT_FOUND, text).into_response();
            }
        },
    };
    app.process.scraped(began.elapsed(), app.store.all_well());
    pages.push(Arc::new(Page::new(app.process.exposition())));

    if accepts_gzip(headers) {
        let body: Vec<u8> = pages.iter().flat_map(|page| page.gzip()).copied().collect();
        let headers = [(header::CONTENT_TYPE, CONTENT_TYPE), (header::CONTENT_ENCODING, "gzip")];
        (headers, body).into_response()
    } else {
        let body: Vec<u8> = pages.iter().flat_map(|page| page.text()).copied().collect();
        ([(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response()
    }
}

fn position(app: &App, name: &str) -> Option<usize> {
    (0..app.store.targets()).find(|target| app.store.read(*target, |view| view.status.name == name))
}

/// Whether `Accept-Encoding` lists gzip with a weight that is not zero.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
            let refused = parts
                .filter_map(|part| part.strip_prefix("q="))
                .any(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
            gzip && !refused
        })
}

/// One entry a target, for Prometheus' HTTP service discovery.
pub async fn service_discovery(State(app): State<App>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host else {
        return (StatusCode::BAD_REQUEST, "expected a Host header\n").into_response();
    };
    let entries: Vec<_> = (0..app.store.targets())
        .map(|target| {
            let name = app.store.read(target, |view| view.status.name.clone());
            serde_json::json!({
                "targets": [host],
                "labels": {
                    "__metrics_path__": "/probe",
                    "__param_target": name,
                    "instance": name,
                },
            })
        })
        .collect();
    Json(entries).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            accepts_gzip(&headers)
        };
        assert!(accepts("gzip"));
        assert!(accepts("deflate, GZIP;q=0.5"));
        assert!(!accepts("gzip;q=0"));
        assert!(!accepts("br"));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
