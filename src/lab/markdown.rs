//! The list of scenarios, as `docs/lab.md` has it.

use std::fmt::Write;

use super::scenarios::ALL;
use crate::lessons;

/// A table: each scenario with its lesson, what moves and what fires.
pub fn markdown() -> String {
    let mut text = "| scenario | lesson | metrics | alerts |\n|---|---|---|---|\n".to_owned();
    for scenario in ALL {
        let lesson = scenario.lessons[0];
        let title = lessons::title(lesson);
        let address = lessons::address(lessons::DEFAULT_BASE, lesson);
        let moves = scenario.moves.iter().map(|moved| format!("`{moved}` {}", moved.to));
        let alerts = scenario.alerts.iter().map(|alert| format!("`{alert}`"));
        let _ = writeln!(
            text,
            "| `{}` | [{title}]({address}) | {} | {} |",
            scenario.name,
            moves.collect::<Vec<_>>().join("<br>"),
            alerts.collect::<Vec<_>>().join("<br>")
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_list() {
        let page = include_str!("../../docs/lab.md");
        let table = page.split_once("## The incidents\n\n").map(|(_, table)| table);
        assert!(table == Some(markdown().as_str()), "run .ci/generate");
    }
}
