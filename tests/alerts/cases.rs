//! The unit tests for promtool: every alert has its three cases.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    tests: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    #[serde(default)]
    input_series: Vec<Input>,
    #[serde(default)]
    promql_expr_test: Vec<Test>,
}

#[derive(Deserialize)]
struct Input {
    series: String,
}

#[derive(Deserialize)]
struct Test {
    expr: String,
    #[serde(default)]
    exp_samples: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    labels: String,
}

const FIRES: &str = "fires";
const BELOW: &str = "below";
const FALSE_ALARM: &str = "false_alarm";

/// What the unit tests have of one alert.
#[derive(Default)]
pub struct Cases {
    fires: bool,
    below: bool,
    false_alarm: bool,
    /// Something else is expected to fire.
    astray: bool,
}

impl Cases {
    pub fn lacking(&self) -> Option<&'static str> {
        match self {
            Self { fires: false, .. } => Some("no case in which it fires"),
            Self { below: false, .. } => Some("no case just below"),
            Self { false_alarm: false, .. } => Some("no case of its false alarm"),
            Self { astray: true, .. } => Some("a case that must be silent is expected to fire"),
            _ => None,
        }
    }
}

/// By alert. A group has its cases side by side, told apart by the value of a label
/// (target, instance or cluster); where labels cannot tell, each has a group of its
/// own, named `<alert>: <case>`.
pub fn read(folder: &Path) -> HashMap<String, Cases> {
    let mut found: HashMap<String, Cases> = HashMap::new();
    for entry in folder.read_dir().unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let file: File = serde_saphyr::from_str(&text).unwrap();
        for group in file.tests {
            let (name, case) = group.name.split_once(": ").unwrap_or((&group.name, ""));
            let cases = found.entry(name.to_owned()).or_default();
            let of_alert = |test: &&Test| test.expr.contains(&format!("alertname=\"{name}\""));
            let expected: Vec<&str> = group
                .promql_expr_test
                .iter()
                .filter(of_alert)
                .flat_map(|test| &test.exp_samples)
                .map(|sample| sample.labels.as_str())
                .collect();
            let has = |case: &str| {
                group.input_series.iter().any(|input| input.series.contains(&format!("\"{case}")))
            };
            match case {
                "" => {
                    cases.fires |= expected.iter().any(|labels| labels.contains(FIRES));
                    cases.below |= has(BELOW);
                    cases.false_alarm |= has(FALSE_ALARM);
                    cases.astray |= !expected.iter().all(|labels| labels.contains("\"fires"));
                }
                "fires" => cases.fires |= !expected.is_empty(),
                "below" => (cases.below, cases.astray) = (true, !expected.is_empty()),
                "false alarm" => {
                    cases.false_alarm = true;
                    cases.astray |= !expected.is_empty();
                }
                other => panic!("{}: {other} is no case", group.name),
            }
        }
    }
    found
}
