//! Grafana's own schema of a dashboard, and of the options of the panels that we use.

use serde_json::{Value, json};

use crate::pages::{made, panels};

/// Made from Grafana's types; `schema/README.md` says how, and under which licence.
const SCHEMA: &str = include_str!("schema/grafana.json");

/// A validator for one part of the schema.
fn validator(part: &str) -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap();
    schema["$ref"] = json!(part);
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn valid(validator: &jsonschema::Validator, value: &Value, what: &str) {
    let errors: Vec<_> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}:\n{}", errors.join("\n"));
}

#[test]
fn pages_are_what_grafana_calls_a_dashboard() {
    let dashboard = validator("#/definitions/Dashboard");
    for mut page in made() {
        // The Prometheus source keeps keys of its own beside those of the type.
        for event in page.json["annotations"]["list"].as_array_mut().unwrap() {
            let event = event.as_object_mut().unwrap();
            for own in ["expr", "step", "tagKeys", "textFormat", "titleFormat"] {
                event.remove(own);
            }
        }
        valid(&dashboard, &page.json, &page.uid);
        assert_eq!(page.json["schemaVersion"], 42);
    }
}

#[test]
fn panels_have_the_options_that_their_types_know() {
    for kind in ["timeseries", "stat", "table", "bargauge", "state-timeline", "text"] {
        let part = |part: &str| {
            validator(&format!("#/definitions/Schema/properties/{kind}/properties/{part}"))
        };
        let (options, custom) = (part("options"), part("custom"));
        for page in made() {
            for panel in panels(&page.json).into_iter().filter(|panel| panel["type"] == kind) {
                let what = format!("{}: {}", page.uid, panel["title"]);
                valid(&options, &panel["options"], &what);
                if let Some(custom_options) = panel["fieldConfig"]["defaults"].get("custom") {
                    valid(&custom, custom_options, &what);
                }
            }
        }
    }
}
