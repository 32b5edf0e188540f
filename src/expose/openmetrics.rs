//! OpenMetrics 1.0, made of the text format for those who ask and where the user
//! allowed it.
//!
//! OpenMetrics names a counter's family without the `_total` that its samples must
//! have. A counter that postgres_exporter named without it cannot be one then: it is
//! exposed as unknown under its own name, never renamed, because renaming it would
//! darken every dashboard that its users have.

use std::collections::HashSet;
use std::fmt::Write;

pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Rewrites the families' headers; samples are the same in both formats.
pub fn openmetrics(text: &str) -> String {
    let families: HashSet<&str> =
        text.lines().filter_map(type_line).map(|(name, _)| name).collect();
    let mut out = String::with_capacity(text.len() + 64);
    let mut help = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = rest.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = type_line(line) {
            let short = name.strip_suffix("_total").filter(|short| !families.contains(short));
            let (name, kind) = match (kind, short) {
                ("counter", Some(short)) => (short, "counter"),
                ("counter" | "untyped", _) => (name, "unknown"),
                (kind, _) => (name, kind),
            };
            // Quotes are escaped here and are not in the text format.
            let help = help.replace('"', "\\\"");
            let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.push_str("# EOF\n");
    out
}

fn type_line(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("# TYPE ")?.split_once(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_keep_their_names_whatever_they_are() {
        let text = "# HELP a_total A \"b\".\n# TYPE a_total counter\na_total 1\n\
                    # HELP pg_x X.\n# TYPE pg_x counter\npg_x{l=\"v\"} 2\n\
                    # HELP pg_x_total X.\n# TYPE pg_x_total counter\npg_x_total 3\n\
                    # HELP g G.\n# TYPE g gauge\ng +Inf\n\
                    # HELP u U.\n# TYPE u untyped\nu 1\n";
        assert_eq!(
            openmetrics(text),
            "# HELP a A \\\"b\\\".\n# TYPE a counter\na_total 1\n\
             # HELP pg_x X.\n# TYPE pg_x unknown\npg_x{l=\"v\"} 2\n\
             # HELP pg_x_total X.\n# TYPE pg_x_total unknown\npg_x_total 3\n\
             # HELP g G.\n# TYPE g gauge\ng +Inf\n\
             # HELP u U.\n# TYPE u unknown\nu 1\n\
             # EOF\n"
        );
    }
}
