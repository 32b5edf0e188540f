//! From the files to the model, every problem in them found at once.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Alert, Alerts, Area, Recording, Threshold, check};
use crate::catalog::Problem;

/// The files of rules, in the order of the reference: what hurts users first.
const AREAS: [(&str, &str); 12] = [
    ("availability", include_str!("availability.toml")),
    ("connections", include_str!("connections.toml")),
    ("pooler", include_str!("pooler.toml")),
    ("replication", include_str!("replication.toml")),
    ("wal", include_str!("wal.toml")),
    ("locks", include_str!("locks.toml")),
    ("vacuum", include_str!("vacuum.toml")),
    ("performance", include_str!("performance.toml")),
    ("capacity", include_str!("capacity.toml")),
    ("configuration", include_str!("configuration.toml")),
    ("logs", include_str!("logs.toml")),
    ("exporter", include_str!("exporter.toml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaFile {
    title: String,
    alert: Vec<Alert>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordingFile {
    record: Vec<Recording>,
}

impl Alerts {
    /// The rules inside the binary.
    pub fn builtin() -> Result<Self, Vec<Problem>> {
        Self::from_files(include_str!("thresholds.toml"), include_str!("recording.toml"), AREAS)
    }

    /// Rules of named files.
    pub fn from_files(
        thresholds: &str,
        recording: &str,
        areas: impl IntoIterator<Item = (&'static str, &'static str)>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let thresholds: BTreeMap<String, Threshold> =
            read("thresholds.toml", thresholds, &mut problems).unwrap_or_default();
        let recordings = read::<RecordingFile>("recording.toml", recording, &mut problems)
            .map(|file| file.record)
            .unwrap_or_default();
        let mut read_areas = Vec::new();
        for (name, text) in areas {
            if let Some(file) = read::<AreaFile>(&format!("{name}.toml"), text, &mut problems) {
                read_areas.push(Area { name, title: file.title, alerts: file.alert });
            }
        }
        let alerts = Self { thresholds, recordings, areas: read_areas };
        if problems.is_empty() {
            problems = check::all(&alerts);
        }
        if problems.is_empty() { Ok(alerts) } else { Err(problems) }
    }
}

fn read<T: DeserializeOwned>(file: &str, text: &str, problems: &mut Vec<Problem>) -> Option<T> {
    let read = toml::from_str(text).map_err(|error| Problem::in_toml(file, text, &error));
    read.map_err(|problem| problems.push(problem)).ok()
}
