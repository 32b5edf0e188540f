//! The rules inside the binary, for the commands that print or quote them.

use crate::alerts::Alerts;

/// Tests hold them to be right; should they not be, this says where.
pub fn alerts() -> Result<Alerts, String> {
    Alerts::builtin().map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(|problem| format!("alerts: {problem}")).collect();
        lines.join("\n")
    })
}
