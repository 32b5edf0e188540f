//! Tables: a query for each column of figures, joined by their labels.

use serde_json::{Map, Value, json};

use super::links;
use super::panel::{Context, UNKNOWN, display, has_limits, nothing, ref_id, target, title_of};
use super::source::{Column, Panel};

/// Columns that are of no use when they are cut, in pixels.
const WIDTHS: [(&str, u32); 3] = [("queryid", 190), ("alertname", 240), ("severity", 80)];

pub fn draw(context: &Context<'_>, panel: &Panel) -> Result<(Value, Vec<String>), String> {
    let mut metrics = Vec::new();
    let mut targets = Vec::new();
    // The name that Grafana gives each column before it is renamed.
    let mut names = Vec::new();
    for column in &panel.columns {
        match (&column.label, &column.query) {
            (Some(label), None) => names.push(label.clone()),
            (None, Some(written)) => {
                let query = context.query(written)?;
                let mut target = target(targets.len(), &query, false);
                target["format"] = "table".into();
                names.push(format!("Value #{}", ref_id(targets.len())));
                targets.push(target);
                metrics.extend(query.metrics);
            }
            _ => return Err(format!("column \"{}\" needs a label or a query", column.title)),
        }
    }
    // With one query there is nothing to tell apart.
    if let [_] = targets.as_slice() {
        names.iter_mut().filter(|name| *name == "Value #A").for_each(|name| *name = "Value".into());
    }
    let overrides = panel
        .columns
        .iter()
        .map(|column| look(context, panel, column))
        .collect::<Result<Vec<_>, _>>()?;
    let sort: Vec<_> =
        panel.sort.iter().map(|name| json!({ "displayName": name, "desc": true })).collect();
    let json = json!({
        "type": "table", "targets": targets,
        "transformations": transformations(panel, &names),
        "options": { "cellHeight": "sm", "showHeader": true, "sortBy": sort },
        "fieldConfig": {
            "defaults": {
                "custom": { "align": "auto", "filterable": false, "inspect": false },
                "unit": "short", "mappings": [], "noValue": nothing(panel),
                "color": { "mode": "thresholds" },
                "thresholds": { "mode": "absolute", "steps": [{ "color": "text", "value": null }] },
            },
            "overrides": overrides,
        },
    });
    Ok((json, metrics))
}

/// One row for each set of labels, and only the columns that were asked for.
fn transformations(panel: &Panel, names: &[String]) -> Value {
    let order: Map<_, _> =
        names.iter().enumerate().map(|(index, name)| (name.clone(), index.into())).collect();
    let titles: Map<_, _> = names
        .iter()
        .zip(&panel.columns)
        .map(|(name, column)| (name.clone(), column.title.as_str().into()))
        .collect();
    json!([
        { "id": "merge", "options": {} },
        { "id": "filterFieldsByName", "options": { "include": { "names": names } } },
        { "id": "organize", "options": {
            "excludeByName": {}, "indexByName": order, "renameByName": titles,
        } },
    ])
}

/// Unit, colour, bar and link of one column.
fn look(context: &Context<'_>, panel: &Panel, column: &Column) -> Result<Value, String> {
    let mut properties = Vec::new();
    let mut set = |id: &str, value: Value| properties.push(json!({ "id": id, "value": value }));
    if column.query.is_some() {
        let Value::Object(mut defaults) = display(context, &column.display)? else {
            return Err("has no display".into());
        };
        if !column.bar {
            // In a table only what is wrong has a colour, and is seen among all the rest.
            for step in defaults["thresholds"]["steps"].as_array_mut().into_iter().flatten() {
                if step["color"] == "green" {
                    step["color"] = "transparent".into();
                }
            }
        }
        for (id, value) in defaults {
            set(&id, value);
        }
        set("custom.align", "right".into());
        if column.bar {
            set("custom.cellOptions", json!({ "type": "gauge", "mode": "basic" }));
            set("min", 0.into());
            set("max", 1.into());
        } else if has_limits(&column.display) || !column.display.values.is_empty() {
            set("custom.cellOptions", json!({ "type": "color-background", "mode": "basic" }));
        }
    }
    if column.label.is_some() {
        set("noValue", UNKNOWN.into());
        // A name may look like a number, and would be written as 5.58 Quint.
        set("unit", "string".into());
    }
    if let Some((_, width)) =
        WIDTHS.iter().find(|(label, _)| column.label.as_deref() == Some(*label))
    {
        set("custom.width", (*width).into());
    }
    if let Some(uid) = &column.opens {
        let url = links::drill_down(context.page, uid, context.pages, |label| {
            let has = panel.columns.iter().any(|column| column.label.as_deref() == Some(label));
            has.then(|| format!("${{__data.fields.{label}}}"))
        })?;
        let title = format!("Open {}", title_of(context, uid));
        set("links", json!([{ "title": title, "url": url }]));
    }
    let matcher = json!({ "id": "byName", "options": column.title });
    Ok(json!({ "matcher": matcher, "properties": properties }))
}
