//! The page for people: is each server watched, how fresh is what we know, and
//! how do the core areas do right now.

use std::time::{Duration, SystemTime};

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use tokio::time::Instant;

use super::App;
use super::style::CSS;
use crate::catalog::{Catalog, Software};
use crate::store::{CollectorStatus, Database, FIGURES, Figure, Outcome, Unit, View};

/// Seconds between two loads of the page by itself.
const REFRESH: u32 = 10;

/// Answers 200 whatever the servers do.
pub async fn page(State(app): State<App>) -> Response {
    let store = app.store();
    let targets: Vec<Markup> = store
        .targets()
        .into_iter()
        .filter_map(|target| store.read(target, |view| section(view, store.catalog())))
        .collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="refresh" content=(REFRESH);
                title { "pglens" }
                style { (PreEscaped(CSS)) }
            }
            body {
                header {
                    h1 { "pglens" }
                    nav {
                        a href=(app.telemetry_path) { "Metrics" }
                        a href="/readyz" { "Ready" }
                        a href="/sd" { "Targets" }
                    }
                }
                @for target in &targets { (target) }
                footer { "pglens " (env!("CARGO_PKG_VERSION")) " · from memory, loaded again every " (REFRESH) " s" }
            }
        }
    };
    ([(header::CACHE_CONTROL, "no-store")], Html(page.into_string())).into_response()
}

fn section(view: &View<'_>, catalog: &Catalog) -> Markup {
    let status = view.status;
    let since = seconds(Instant::now() - status.since);
    let is_down = status.up == Some(false);
    html! {
        section.target {
            h2 {
                (status.name)
                @match status.up {
                    Some(true) => span.up { "up" },
                    Some(false) => span.down { "down" },
                    None => span.wait { "connecting" },
                }
                small {
                    "for " (since)
                    @if let Some(version) = &status.version { " · " (version) }
                    @match status.in_recovery { Some(true) => " · standby", Some(false) => " · primary", None => "" }
                    " · " (status.connections) @if status.connections == 1 { " connection" } @else { " connections" }
                    @if let Some(section) = &status.found_by { " · found by " (section) }
                }
            }
            @if let (Some(false), Some(failure)) = (status.up, &status.failure) {
                p.error { (failure.reason.as_str()) ": " (failure) }
                @if let Some(step) = failure.next_step() { p { "Next: " (step) "." } }
            }
            // What was last known helps to find out why, but must not look like now.
            @if status.software == Software::PostgreSql {
                div.figures.old[is_down] { @for figure in FIGURES { (card(figure, &view.history.course(figure))) } }
            }
            (collectors(view, catalog))
        }
    }
}

fn card(figure: &Figure, course: &[f64]) -> Markup {
    html! {
        div.figure {
            div.area { (figure.area.title()) }
            div.title { (figure.title) }
            @match course.last() {
                Some(now) => div.value { (written(*now, figure.unit)) },
                None => div.value.none { "–" },
            }
            (sparkline(course))
        }
    }
}

/// A line from the oldest to the newest value, its floor at zero.
fn sparkline(course: &[f64]) -> Markup {
    let highest = course.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let last = course.len().saturating_sub(1).max(1) as f64;
    let points: Vec<String> = course
        .iter()
        .enumerate()
        .map(|(position, value)| {
            let x = position as f64 / last * 100.0;
            let y = 29.0 - (value / highest).clamp(0.0, 1.0) * 27.0;
            format!("{x:.1},{y:.1}")
        })
        .collect();
    html! {
        svg viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true" {
            @if points.len() > 1 { polyline points=(points.join(" ")) {} }
        }
    }
}

fn collectors(view: &View<'_>, catalog: &Catalog) -> Markup {
    let count = |wanted: fn(&Outcome) -> bool| {
        view.collectors.values().filter(|status| wanted(&status.outcome)).count()
    };
    let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
    let skipped = count(|outcome| matches!(outcome, Outcome::Skipped(_)));
    let well = count(|outcome| matches!(outcome, Outcome::Success));
    // Where the server is down, its reason stands above and not once a collector.
    let open = failed > 0 && view.status.up != Some(false);
    // Failures first: who opens the list wants to know what is missing.
    let mut entries: Vec<_> = view.collectors.iter().collect();
    entries.sort_by_key(|((collector, database), status)| {
        (rank(&status.outcome), *collector, database.clone())
    });
    html! {
        details open[open] {
            summary {
                (well) " collectors fresh"
                @if failed > 0 { ", " span.failed { (failed) " failed" } }
                @if skipped > 0 { ", " (skipped) " not for this server" }
            }
            div.scroll { table {
                thead { tr {
                    th { "collector" } th { "database" } th { "state" } th.number { "age" }
                    th.number { "took" } th.number { "every" } th.number { "series" }
                } }
                tbody {
                    @for ((collector, database), status) in entries {
                        (row(&catalog.collectors()[*collector].name, database, status))
                    }
                }
            } }
        }
    }
}

fn rank(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Failed(_) => 0,
        Outcome::Pending => 1,
        Outcome::Success => 2,
        Outcome::Skipped(_) => 3,
    }
}

fn row(name: &str, database: &Database, status: &CollectorStatus) -> Markup {
    let age =
        status.last_success.and_then(|at| SystemTime::now().duration_since(at).ok()).map(seconds);
    html! {
        tr {
            td { (name) }
            td { (database) }
            td {
                @match &status.outcome {
                    Outcome::Success => span.ok { "fresh" },
                    Outcome::Pending => span.pending { "waiting" },
                    Outcome::Skipped(skip) => span.skipped { (skip) },
                    Outcome::Failed(failure) => span.failed { (failure.reason.as_str()) ": " (failure) },
                }
            }
            td.number { @if let Some(age) = age { (age) } }
            td.number { @if let Some(took) = status.duration { (format!("{:.1} ms", took.as_secs_f64() * 1e3)) } }
            td.number { @if let Some(interval) = status.interval { (seconds(interval)) } }
            td.number { @if let Some(series) = status.series { (series) } }
        }
    }
}

/// A time as people say it: two of its units at most.
fn seconds(time: Duration) -> String {
    let total = time.as_secs();
    match (total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, 0) => format!("{minutes} min"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

fn written(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count => scaled(value, 1000.0, &["", " k", " M", " G"]),
        Unit::PerSecond => format!("{}/s", scaled(value, 1000.0, &["", " k", " M", " G"])),
        Unit::Bytes => scaled(value, 1024.0, &[" B", " KiB", " MiB", " GiB", " TiB"]),
        Unit::BytesPerSecond => {
            format!("{}/s", scaled(value, 1024.0, &[" B", " KiB", " MiB", " GiB", " TiB"]))
        }
        Unit::Seconds if value >= 60.0 => seconds(Duration::from_secs_f64(value)),
        Unit::Seconds => format!("{value:.1} s"),
        Unit::Ratio => format!("{:.1} %", value * 100.0),
    }
}

fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    let mut scaled = value;
    let mut units = units.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    for larger in units {
        if scaled.abs() < step {
            break;
        }
        scaled /= step;
        unit = larger;
    }
    let digits = usize::from(scaled.fract() != 0.0 && scaled.abs() < 100.0);
    format!("{scaled:.digits$}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        assert_eq!(written(3.0, Unit::Count), "3");
        assert_eq!(written(12_345.0, Unit::PerSecond), "12.3 k/s");
        assert_eq!(written(1_572_864.0, Unit::Bytes), "1.5 MiB");
        assert_eq!(written(0.9876, Unit::Ratio), "98.8 %");
        assert_eq!(written(12.34, Unit::Seconds), "12.3 s");
        assert_eq!(written(3723.0, Unit::Seconds), "1 h 2 min");
        assert_eq!(seconds(Duration::from_secs(120)), "2 min");
    }
}
