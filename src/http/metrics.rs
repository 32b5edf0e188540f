//! The exposition: pages of the store joined, compressed where asked for.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::App;
use crate::catalog::Collector;
use crate::expose::{OPENMETRICS, Page, openmetrics};
use crate::store::Store;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

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
    let unknown = collect.iter().find(|name| app.store().catalog().collector(name).is_none());
    if let Some(unknown) = unknown {
        let text = format!("there is no collector \"{unknown}\"\n");
        return (StatusCode::BAD_REQUEST, text).into_response();
    }
    let wanted = |collector: &Collector| {
        collect.is_empty() || !collector.is_polled() || collect.contains(&*collector.name)
    };

    let mut pages = match target {
        None => app.store().pages(wanted),
        // Only what is configured, by name: an address from outside is never
        // connected to.
        Some(name) => match target_page(&app.store(), name, wanted) {
            Some(page) => vec![page],
            None => {
                let text = format!("there is no target \"{name}\"; see /sd for those there are\n");
                return (StatusCode::NOT_FOUND, text).into_response();
            }
        },
    };
    app.process.scraped(began.elapsed(), app.store().all_well());
    pages.push(Arc::new(Page::new(app.process.exposition())));

    if app.openmetrics && accepts(headers, header::ACCEPT, "application/openmetrics-text") {
        let text: String = pages.iter().map(|page| page.text()).collect();
        let page = Page::new(openmetrics(&text));
        return answer(&[Arc::new(page)], OPENMETRICS, headers);
    }
    answer(&pages, TEXT, headers)
}

fn answer(pages: &[Arc<Page>], content_type: &'static str, headers: &HeaderMap) -> Response {
    if accepts(headers, header::ACCEPT_ENCODING, "gzip") {
        let body: Vec<u8> = pages.iter().flat_map(|page| page.gzip()).copied().collect();
        let headers = [(header::CONTENT_TYPE, content_type), (header::CONTENT_ENCODING, "gzip")];
        (headers, body).into_response()
    } else {
        let body: String = pages.iter().map(|page| page.text()).collect();
        ([(header::CONTENT_TYPE, content_type)], body).into_response()
    }
}

fn target_page(
    store: &Store,
    name: &str,
    wanted: impl Fn(&Collector) -> bool,
) -> Option<Arc<Page>> {
    store.target_page(store.target(name)?, wanted)
}

/// Whether a header lists something with a weight that is not zero.
fn accepts(headers: &HeaderMap, header: HeaderName, wanted: &str) -> bool {
    headers
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            let refused = parts
                .filter_map(|part| part.strip_prefix("q="))
                .any(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0));
            named && !refused
        })
}

/// One entry a target, for Prometheus' HTTP service discovery.
pub async fn service_discovery(State(app): State<App>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host else {
        return (StatusCode::BAD_REQUEST, "expected a Host header\n").into_response();
    };
    let store = app.store();
    let entries: Vec<_> = store
        .targets()
        .into_iter()
        .filter_map(|target| {
            store.read(target, |view| (view.status.name.clone(), view.status.found_by.clone()))
        })
        .map(|(name, found_by)| {
            let mut labels = serde_json::json!({
                "__metrics_path__": "/probe",
                "__param_target": name,
                "instance": name,
            });
            // For relabelling, as Prometheus' own discoveries name what they know.
            if let Some(section) = found_by {
                labels["__meta_pglens_discovery"] = section.into();
            }
            serde_json::json!({ "targets": [host], "labels": labels })
        })
        .collect();
    Json(entries).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(name: HeaderName, value: &str, wanted: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(name.clone(), value.parse().unwrap());
        super::accepts(&headers, name, wanted)
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let gzip = |value: &str| accepts(header::ACCEPT_ENCODING, value, "gzip");
        assert!(gzip("gzip"));
        assert!(gzip("deflate, GZIP;q=0.5"));
        assert!(!gzip("gzip;q=0"));
        assert!(!gzip("br"));
        assert!(!super::accepts(&HeaderMap::new(), header::ACCEPT_ENCODING, "gzip"));
    }

    /// What Prometheus 2.42 and 3.5 send, word for word.
    #[test]
    fn prometheus_prefers_openmetrics() {
        for value in [
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        ] {
            assert!(accepts(header::ACCEPT, value, "application/openmetrics-text"));
        }
        assert!(!accepts(header::ACCEPT, "text/plain", "application/openmetrics-text"));
    }
}
