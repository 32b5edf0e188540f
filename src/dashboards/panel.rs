//! One panel, from what its author says to Grafana's options.

use serde_json::{Value, json};

use super::expression::Query;
use super::layout::Height;
use super::source::{Display, Kind, Limit, Page, Panel, Scope};
use super::vocabulary::Vocabulary;
use super::{colors, expression, links, options, table};
use crate::alerts::{Alert, Alerts};
use crate::lessons;

/// The oldest Grafana whose options we write.
pub const PLUGIN_VERSION: &str = "11.0.0";

/// In the place of a figure that is not there.
pub const UNKNOWN: &str = "–";

/// One bar: with a shorter step the same event would stand in several.
const BAR: &str = "1m";

/// What a panel can refer to.
pub struct Context<'a> {
    pub page: &'a Page,
    pub variables: Vec<&'a str>,
    pub vocabulary: &'a Vocabulary,
    pub alerts: &'a Alerts,
    pub pages: &'a [Page],
}

impl Context<'_> {
    pub fn query(&self, written: &str) -> Result<Query, String> {
        let filled = self.alerts.expression(written)?;
        expression::query(&filled, &self.variables, self.vocabulary)
    }

    pub fn limit(&self, limit: Option<&Limit>) -> Result<Option<f64>, String> {
        match limit {
            None => Ok(None),
            Some(Limit::Value(value)) => Ok(Some(*value)),
            Some(Limit::Named(name)) => match self.alerts.thresholds.get(name) {
                Some(threshold) => Ok(Some(threshold.value)),
                None => Err(format!("no threshold is called \"{name}\"")),
            },
        }
    }

    /// The alerts that compare with a panel's limits, and those that it names.
    pub fn watched_by(&self, panel: &Panel) -> Result<Vec<&Alert>, String> {
        if let Some(name) = panel.alerts.iter().find(|name| self.alerts.alert(name).is_none()) {
            return Err(format!("no alert is called \"{name}\""));
        }
        let limits: Vec<_> = [&panel.display.warning, &panel.display.critical]
            .into_iter()
            .flatten()
            .filter_map(|limit| match limit {
                Limit::Named(name) => Some(format!("{{{name}}}")),
                Limit::Value(_) => None,
            })
            .collect();
        let watches = |alert: &&Alert| {
            panel.alerts.contains(&alert.name)
                || limits.iter().any(|name| alert.expr.contains(name))
        };
        Ok(self.alerts.alerts().filter(watches).collect())
    }
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
pub fn description(panel: &Panel, watched_by: &[&Alert]) -> String {
    let mut said = format!(
        "{}\n\n**Normal:** {}\n\n**Lesson:** {}",
        panel.tells,
        panel.normal,
        lessons::title(&panel.lesson),
    );
    let of_alert = watched_by.iter().find_map(|alert| alert.scenario.as_ref());
    if let Some(lab) = panel.lab.as_ref().or(of_alert) {
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
    let named = panel.queries.iter().chain(&panel.limits);
    let named = named.map(|(legend, query)| (legend.as_str(), query.as_str()));
    let over_time = matches!(panel.kind, Kind::Timeseries | Kind::StateTimeline);
    for (legend, written) in nameless.chain(named) {
        let query = context.query(written)?;
        let mut target = target(targets.len(), &query, over_time);
        target["legendFormat"] = legend.replace("{{server}}", "{{instance}} {{target}}").into();
        targets.push(target);
        metrics.extend(query.metrics);
    }
    if targets.is_empty() {
        return Err("asks nothing".into());
    }
    let mut overrides = Vec::new();
    if panel.kind == Kind::Timeseries {
        overrides.extend(colors::of_series(&panel.queries));
        overrides.extend(panel.names.iter().map(options::called));
        overrides.extend((panel.queries.len()..targets.len()).map(options::dashed));
    }
    let mut defaults = display(context, &panel.display)?;
    if panel.kind != Kind::Stat {
        defaults["noValue"] = nothing(panel).into();
    }
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
            defaults["custom"] = options::graph(context, panel)?;
            defaults["color"] = colors::of_graph(named);
            ("timeseries", options::of_graph(named))
        }
        Kind::StateTimeline => {
            defaults["custom"] = json!({ "fillOpacity": 70, "lineWidth": 0 });
            ("state-timeline", options::of_states())
        }
        Kind::Bargauge => ("bargauge", options::of_bars()),
        _ => ("stat", options::of_stat(&panel.display, named)),
    };
    let mut json = json!({
        "type": kind, "targets": targets, "options": options,
        "fieldConfig": { "defaults": defaults, "overrides": overrides },
    });
    if panel.bars {
        json["interval"] = BAR.into();
    }
    Ok((json, metrics))
}

/// One query of a panel: over the time shown, or as of now. A figure of now is asked
/// for now, and so an old one never passes for it.
pub fn target(position: usize, query: &Query, over_time: bool) -> Value {
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
pub fn display(context: &Context<'_>, display: &Display) -> Result<Value, String> {
    let warning = context.limit(display.warning.as_ref())?;
    let critical = context.limit(display.critical.as_ref())?;
    let mut defaults = json!({
        "unit": display.unit.as_deref().unwrap_or("short"),
        "mappings": mappings(display),
        "thresholds": { "mode": "absolute", "steps": steps(display, warning, critical) },
        "color": { "mode": "thresholds" },
        "noValue": UNKNOWN,
    });
    if let Some(decimals) = display.decimals {
        defaults["decimals"] = decimals.into();
    }
    Ok(defaults)
}

pub fn has_limits(display: &Display) -> bool {
    display.warning.is_some() || display.critical.is_some()
}

/// Green is said only where there is something to compare with.
fn steps(display: &Display, warning: Option<f64>, critical: Option<f64>) -> Vec<Value> {
    let step = |color: &str, value: Option<f64>| json!({ "color": color, "value": value });
    if !has_limits(display) {
        return vec![step("text", None)];
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

/// Names of values. What is unknown is neither green nor red.
fn mappings(display: &Display) -> Vec<Value> {
    let unknown = json!({
        "type": "special",
        "options": { "match": "null+nan", "result": { "text": UNKNOWN, "color": "transparent" } },
    });
    let named: serde_json::Map<_, _> = display
        .values
        .iter()
        .enumerate()
        .map(|(index, (value, text, color))| {
            (value.to_string(), json!({ "text": text, "color": color, "index": index }))
        })
        .collect();
    let named = (!named.is_empty()).then(|| json!({ "type": "value", "options": named }));
    named.into_iter().chain([unknown]).collect()
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

/// In the place of a graph or a table without anything to show.
pub fn nothing(panel: &Panel) -> &str {
    panel.empty.as_deref().unwrap_or("No data")
}
