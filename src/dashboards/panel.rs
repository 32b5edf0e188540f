//! One panel, from what its author says to Grafana's options.

use serde_json::{Value, json};

use super::layout::Height;
use super::source::{Display, Kind, Page, Panel, Scope};
use super::vocabulary::Vocabulary;
use super::{expression, links, table};
use crate::lessons;

/// The oldest Grafana whose options we write.
pub const PLUGIN_VERSION: &str = "11.0.0";

/// What a panel can refer to.
pub struct Context<'a> {
    pub page: &'a Page,
    pub variables: Vec<&'a str>,
    pub vocabulary: &'a Vocabulary,
    pub pages: &'a [Page],
}

/// Every query goes to the source that is chosen at the top of the page.
pub fn data_source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

pub fn height(panel: &Panel) -> Height {
    panel.height.unwrap_or(match panel.kind {
        Kind::Stat => Height::Low,
        _ => Height::Normal,
    })
}

/// What a reader sees behind the little i.
pub fn description(panel: &Panel) -> String {
    let mut said = format!(
        "{}\n\n**Normal:** {}\n\n**Lesson:** {}",
        panel.tells,
        panel.normal,
        lessons::title(&panel.lesson),
    );
    if let Some(lab) = &panel.lab {
        said.push_str(&format!("\n\n**Try it:** `pglens lab run {lab}`"));
    }
    said
}

/// The panel without its place, and the metrics that it reads.
pub fn draw(context: &Context<'_>, panel: &Panel) -> Result<(Value, Vec<String>), String> {
    if lessons::section(&panel.lesson).is_none() {
        return Err(format!("no lesson is called \"{}\"", panel.lesson));
    }
    match panel.kind {
        Kind::Text => Ok((text(context, panel)?, Vec::new())),
        Kind::Table => table::draw(context, panel),
        _ => figures(context, panel),
    }
}

fn text(context: &Context<'_>, panel: &Panel) -> Result<Value, String> {
    let written = panel.text.as_deref().ok_or("has no text")?;
    // [Vacuum](pg-vacuum) leads to that page, with what is chosen here.
    let mut content = String::new();
    let mut parts = written.split("](pg-");
    content.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (uid, after) = part.split_once(')').ok_or("has a link without an end")?;
        let url = links::drill_down(context.page, &format!("pg-{uid}"), context.pages, |_| None)?;
        content.push_str(&format!("]({url}){after}"));
    }
    Ok(json!({ "type": "text", "options": { "mode": "markdown", "content": content } }))
}

/// Everything that draws series.
fn figures(context: &Context<'_>, panel: &Panel) -> Result<(Value, Vec<String>), String> {
    let mut metrics = Vec::new();
    let mut targets = Vec::new();
    let nameless = panel.query.iter().map(|query| (panel.title.as_str(), query.as_str()));
    let named = panel.queries.iter().map(|(legend, query)| (legend.as_str(), query.as_str()));
    let over_time = matches!(panel.kind, Kind::Timeseries | Kind::StateTimeline);
    for (legend, written) in nameless.chain(named) {
        let query = expression::query(written, &context.variables, context.vocabulary)?;
        let mut target = target(targets.len(), &query, over_time);
        target["legendFormat"] = legend.replace("{{server}}", "{{instance}} {{target}}").into();
        targets.push(target);
        metrics.extend(query.metrics);
    }
    if targets.is_empty() {
        return Err("asks nothing".into());
    }
    let mut defaults = display(&panel.display);
    if !panel.floating {
        defaults["min"] = 0.into();
    }
    if let Some(max) = panel.max {
        defaults["max"] = max.into();
    }
    if let Some(uid) = &panel.opens {
        defaults["links"] = json!([drill_down(context, panel, uid)?]);
    }
    let named = targets.len() > 1 || panel.queries.iter().any(|(legend, _)| legend.contains("{{"));
    let (kind, options) = match panel.kind {
        Kind::Timeseries => {
            defaults["custom"] = graph(panel);
            defaults["color"] = json!({ "mode": "palette-classic" });
            ("timeseries", graph_options(named))
        }
        Kind::StateTimeline => {
            defaults["custom"] = json!({ "fillOpacity": 70, "lineWidth": 0 });
            ("state-timeline", state_options())
        }
        Kind::Bargauge => ("bargauge", bar_options()),
        _ => ("stat", stat_options(&panel.display, named)),
    };
    let panel = json!({
        "type": kind, "targets": targets, "options": options,
        "fieldConfig": { "defaults": defaults, "overrides": [] },
    });
    Ok((panel, metrics))
}

/// One query of a panel: over the time shown, or as of now. A figure of now is asked
/// for now, and so an old one never passes for it.
pub fn target(position: usize, query: &expression::Query, over_time: bool) -> Value {
    let mut target = json!({
        "refId": ref_id(position), "expr": query.expr, "datasource": data_source(),
        "editorMode": "code", "range": over_time, "instant": !over_time,
    });
    if let Some(step) = &query.min_step {
        target["interval"] = step.as_str().into();
    }
    target
}

/// A, B, C: what transformations call the answers.
pub fn ref_id(position: usize) -> String {
    char::from_u32(u32::from(b'A') + position as u32).unwrap_or('Z').to_string()
}

/// Unit, limits and names of values.
pub fn display(display: &Display) -> Value {
    let mut defaults = json!({
        "unit": display.unit.as_deref().unwrap_or("short"),
        "mappings": mappings(display),
        "thresholds": { "mode": "absolute", "steps": steps(display) },
        "color": { "mode": "thresholds" },
        "noValue": "–",
    });
    if let Some(decimals) = display.decimals {
        defaults["decimals"] = decimals.into();
    }
    defaults
}

pub fn has_limits(display: &Display) -> bool {
    display.warning.is_some() || display.critical.is_some()
}

/// Green is said only where there is something to compare with.
fn steps(display: &Display) -> Vec<Value> {
    let step = |color: &str, value: Option<f64>| json!({ "color": color, "value": value });
    let (warning, critical) = (display.warning, display.critical);
    if !has_limits(display) {
        // Where values have colours, what is unknown has none.
        let color = if display.values.is_empty() { "text" } else { "transparent" };
        return vec![step(color, None)];
    }
    if display.below {
        let lowest = if critical.is_some() { "red" } else { "orange" };
        let mut steps = vec![step(lowest, None)];
        if warning.is_some() {
            steps.extend(critical.map(|value| step("orange", Some(value))));
        }
        steps.push(step("green", warning.or(critical)));
        return steps;
    }
    let mut steps = vec![step("green", None)];
    steps.extend(warning.map(|value| step("orange", Some(value))));
    steps.extend(critical.map(|value| step("red", Some(value))));
    steps
}

fn mappings(display: &Display) -> Vec<Value> {
    if display.values.is_empty() {
        return Vec::new();
    }
    let options: serde_json::Map<_, _> = display
        .values
        .iter()
        .enumerate()
        .map(|(index, (value, text, color))| {
            (value.to_string(), json!({ "text": text, "color": color, "index": index }))
        })
        .collect();
    vec![json!({ "type": "value", "options": options })]
}

/// A click on a series keeps what its legend names.
fn drill_down(context: &Context<'_>, panel: &Panel, uid: &str) -> Result<Value, String> {
    let legends: Vec<_> = panel.queries.iter().map(|(legend, _)| legend.as_str()).collect();
    let named =
        |label: &str| legends.iter().any(|legend| legend.contains(&format!("{{{{{label}}}}}")));
    let server = context.page.scope == Scope::Servers && named("server");
    let url = links::drill_down(context.page, uid, context.pages, |label| {
        let is_server = matches!(label, "instance" | "target");
        (named(label) || is_server && server).then(|| format!("${{__field.labels.{label}}}"))
    })?;
    Ok(json!({ "title": format!("Open {}", title_of(context, uid)), "url": url }))
}

pub fn title_of(context: &Context<'_>, uid: &str) -> String {
    let page = context.pages.iter().find(|page| page.uid == uid);
    page.map(|page| page.title.clone()).unwrap_or_default()
}

fn graph(panel: &Panel) -> Value {
    json!({
        "drawStyle": "line", "lineWidth": 1, "showPoints": "auto", "pointSize": 4,
        "fillOpacity": if panel.stacked { 50 } else { 10 },
        "stacking": { "mode": if panel.stacked { "normal" } else { "none" }, "group": "A" },
        "thresholdsStyle": { "mode": if has_limits(&panel.display) { "dashed" } else { "off" } },
    })
}

fn graph_options(named: bool) -> Value {
    json!({
        "legend": {
            "showLegend": named, "displayMode": "list", "placement": "bottom", "calcs": [],
        },
        "tooltip": { "mode": if named { "multi" } else { "single" }, "sort": "desc" },
    })
}

fn state_options() -> Value {
    json!({
        "mergeValues": true, "showValue": "auto", "alignValue": "left", "rowHeight": 0.8,
        "legend": { "showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": [] },
        "tooltip": { "mode": "single", "sort": "none" },
    })
}

fn now() -> Value {
    json!({ "values": false, "calcs": ["lastNotNull"], "fields": "" })
}

fn bar_options() -> Value {
    json!({
        "reduceOptions": now(), "orientation": "horizontal", "displayMode": "basic",
        "valueMode": "color", "namePlacement": "left", "showUnfilled": true,
        "sizing": "manual", "minVizWidth": 8, "minVizHeight": 16, "maxVizHeight": 28,
    })
}

/// A figure with limits or names colours its whole panel: it is seen from afar.
fn stat_options(display: &Display, named: bool) -> Value {
    let judged = has_limits(display) || !display.values.is_empty();
    json!({
        "reduceOptions": now(), "orientation": "auto", "graphMode": "none",
        "colorMode": if judged { "background_solid" } else { "none" },
        "textMode": if named { "value_and_name" } else { "value" },
        "justifyMode": "center", "wideLayout": true,
    })
}
