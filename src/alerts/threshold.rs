//! The named values that rules compare with and dashboards draw.

use std::fmt::Write;

use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub value: f64,
    pub unit: Unit,
    /// The lesson that names this very value.
    pub lesson: Option<String>,
    /// Why this value and no other.
    pub why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A share, 0 to 1.
    Ratio,
    /// Seconds that something has lasted: where time is compressed, so is this.
    Age,
    /// Seconds that one operation takes: the same however time passes.
    Seconds,
    /// Seconds that a forecast looks ahead: always compressed with its window.
    Horizon,
    Bytes,
    BytesPerSecond,
    PerSecond,
    Transactions,
    Multixacts,
    Rows,
    /// A number of things.
    Count,
    /// How many times as much.
    Times,
}

impl Threshold {
    /// As PromQL writes it.
    pub fn number(&self) -> String {
        self.value.to_string()
    }

    /// As a sentence says it.
    pub fn text(&self) -> String {
        let value = self.value;
        match self.unit {
            // Rounded, for 0.07 * 100 is a little more than 7.
            Unit::Ratio => format!("{} %", (value * 1e4).round() / 100.0),
            Unit::Age | Unit::Horizon => duration(value),
            Unit::Seconds if value < 1.0 => format!("{} ms", value * 1000.0),
            Unit::Seconds => format!("{value} s"),
            Unit::Bytes => bytes(value),
            Unit::BytesPerSecond => format!("{}/s", bytes(value)),
            Unit::PerSecond => format!("{value}/s"),
            Unit::Transactions => format!("{} transactions", thousands(value)),
            Unit::Multixacts => format!("{} multixacts", thousands(value)),
            Unit::Rows => format!("{} rows", thousands(value)),
            Unit::Count => thousands(value),
            Unit::Times => format!("{value} times"),
        }
    }
}

fn duration(seconds: f64) -> String {
    let (count, unit) = match seconds {
        s if s >= 172_800.0 && s % 86_400.0 == 0.0 => (s / 86_400.0, "day"),
        s if s >= 3600.0 && s % 3600.0 == 0.0 => (s / 3600.0, "hour"),
        s if s >= 60.0 && s % 60.0 == 0.0 => (s / 60.0, "minute"),
        s => (s, "second"),
    };
    format!("{count} {unit}{}", if count == 1.0 { "" } else { "s" })
}

fn bytes(value: f64) -> String {
    let (count, unit) = match value {
        v if v >= 1_073_741_824.0 => (v / 1_073_741_824.0, "GiB"),
        v if v >= 1_048_576.0 => (v / 1_048_576.0, "MiB"),
        v if v >= 1024.0 => (v / 1024.0, "KiB"),
        v => (v, "bytes"),
    };
    format!("{count} {unit}")
}

fn thousands(value: f64) -> String {
    let digits = value.to_string();
    let whole = digits.split('.').next().map_or(0, str::len);
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && position < whole && (whole - position).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        let _ = write!(out, "{digit}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_number_to_prometheus_and_a_quantity_to_people() {
        for (value, unit, number, text) in [
            (0.07, Unit::Ratio, "0.07", "7 %"),
            (0.0144, Unit::Ratio, "0.0144", "1.44 %"),
            (86400.0, Unit::Age, "86400", "24 hours"),
            (60.0, Unit::Age, "60", "1 minute"),
            (0.25, Unit::Seconds, "0.25", "250 ms"),
            (1_073_741_824.0, Unit::Bytes, "1073741824", "1 GiB"),
            (52_428_800.0, Unit::BytesPerSecond, "52428800", "50 MiB/s"),
            (1_600_000_000.0, Unit::Transactions, "1600000000", "1 600 000 000 transactions"),
            (0.5, Unit::PerSecond, "0.5", "0.5/s"),
            (3.0, Unit::Times, "3", "3 times"),
        ] {
            let threshold = Threshold { value, unit, lesson: None, why: String::new() };
            assert_eq!(threshold.number(), number);
            assert_eq!(threshold.text().replace('\u{202f}', " "), text);
        }
    }
}
