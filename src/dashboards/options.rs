//! What Grafana is told beside the queries: how each type of panel draws.

use serde_json::{Value, json};

use super::panel::{Context, has_limits, ref_id};
use super::source::{Display, Panel};

/// How the lines of a graph are drawn, and where its axis ends.
pub fn graph(context: &Context<'_>, panel: &Panel) -> Result<Value, String> {
    let mut graph = json!({
        "drawStyle": if panel.bars { "bars" } else { "line" }, "lineWidth": 1, "showPoints": "auto", "pointSize": 4,
        "fillOpacity": if panel.bars { 80 } else if panel.stacked { 50 } else { 10 },
        "stacking": { "mode": if panel.stacked { "normal" } else { "none" }, "group": "A" },
        "thresholdsStyle": { "mode": if has_limits(&panel.display) { "dashed" } else { "off" } },
    });
    reach(&mut graph, context, panel)?;
    Ok(graph)
}

/// The ends of the axis that Grafana may go beyond, and need not.
fn reach(graph: &mut Value, context: &Context<'_>, panel: &Panel) -> Result<(), String> {
    let display = &panel.display;
    let limit = context.limit(display.critical.as_ref().or(display.warning.as_ref()))?;
    let limit = limit.filter(|_| panel.to_limit);
    // With a soft end Grafana forgets a hard one.
    if panel.max.is_none() {
        // On an axis where nothing happens it ends at 100: ten thousand per cent.
        let quiet: f64 = match display.unit.as_deref() {
            Some("percentunit") => 0.01,
            Some("s") => 0.001,
            Some("bytes" | "Bps") => 1024.0,
            _ => 1.0,
        };
        let above = limit.filter(|_| !display.below).map_or(quiet, |limit| quiet.max(limit * 1.1));
        graph["axisSoftMax"] = above.into();
    }
    if let Some(limit) = limit.filter(|_| display.below) {
        graph["axisSoftMin"] = (limit * 0.9).into();
    }
    Ok(())
}

/// A series under a name that says more than its label.
pub fn called((legend, name): &(String, String)) -> Value {
    json!({
        "matcher": { "id": "byName", "options": legend },
        "properties": [{ "id": "displayName", "value": name }],
    })
}

/// A limit is a line, whatever the others are.
pub fn dashed(position: usize) -> Value {
    json!({
        "matcher": { "id": "byFrameRefID", "options": ref_id(position) },
        "properties": [
            { "id": "custom.fillOpacity", "value": 0 },
            { "id": "custom.lineStyle", "value": { "fill": "dash", "dash": [8, 6] } },
            { "id": "custom.stacking", "value": { "mode": "none", "group": "A" } },
            { "id": "color", "value": { "mode": "fixed", "fixedColor": "text" } },
        ],
    })
}

pub fn of_graph(named: bool) -> Value {
    json!({
        "legend": {
            "showLegend": named, "displayMode": "list", "placement": "bottom", "calcs": [],
        },
        "tooltip": { "mode": if named { "multi" } else { "single" }, "sort": "desc" },
    })
}

pub fn of_states() -> Value {
    json!({
        "mergeValues": true, "showValue": "auto", "alignValue": "left", "rowHeight": 0.8,
        "legend": { "showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": [] },
        "tooltip": { "mode": "single", "sort": "none" },
    })
}

fn now() -> Value {
    json!({ "values": false, "calcs": ["lastNotNull"], "fields": "" })
}

pub fn of_bars() -> Value {
    json!({
        "reduceOptions": now(), "orientation": "horizontal", "displayMode": "basic",
        "valueMode": "color", "namePlacement": "left", "showUnfilled": true,
        "sizing": "manual", "minVizWidth": 8, "minVizHeight": 16, "maxVizHeight": 28,
    })
}

/// What a word may be high in pixels: "streaming" has to go into a narrow panel.
const WORD: u32 = 32;

/// A figure with limits or names colours its whole panel: it is seen from afar.
pub fn of_stat(display: &Display, named: bool) -> Value {
    let has_words = !display.values.is_empty();
    let judged = has_limits(display) || has_words;
    json!({
        "reduceOptions": now(), "orientation": "auto", "graphMode": "none",
        "colorMode": if judged { "background_solid" } else { "none" },
        "textMode": if named { "value_and_name" } else { "value" },
        "text": if has_words { json!({ "valueSize": WORD }) } else { json!({}) },
        "justifyMode": "center", "wideLayout": true,
    })
}
