//! What the tests look at: pages as they are made, and their parts.

use pglens::alerts::{Alerts, Links};
use pglens::catalog::Catalog;
use pglens::dashboards::{Dashboard, Vocabulary, all};
use promql_parser::parser::{self, Expr};
use serde_json::Value;

pub fn catalog() -> Catalog {
    Catalog::builtin().unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub fn alerts() -> Alerts {
    Alerts::builtin().unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub fn vocabulary() -> Vocabulary {
    Vocabulary::new(&catalog(), &alerts())
}

pub fn made() -> Vec<Dashboard> {
    all(&catalog(), &alerts(), &Links::default()).unwrap_or_else(|problem| panic!("{problem}"))
}

/// Panels of a page, rows and what is in shut ones among them.
pub fn panels(dashboard: &Value) -> Vec<&Value> {
    let mut all = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        all.push(panel);
        all.extend(panel["panels"].as_array().into_iter().flatten());
    }
    all
}

pub fn targets(panel: &Value) -> impl Iterator<Item = &str> {
    panel["targets"].as_array().into_iter().flatten().map(|target| target["expr"].as_str().unwrap())
}

/// The variables that are queries.
pub fn variables(dashboard: &Value) -> impl Iterator<Item = &Value> {
    let list = dashboard["templating"]["list"].as_array().unwrap();
    list.iter().filter(|variable| variable["type"] == "query")
}

/// The selector and the label of `label_values(selector, label)`.
pub fn label_values(variable: &Value) -> (&str, &str) {
    let query = variable["query"]["query"].as_str().unwrap();
    let inside = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
    inside.and_then(|inside| inside.rsplit_once(", ")).unwrap_or_else(|| panic!("{query}"))
}

/// What stands for `$__rate_interval`: no author would write it.
pub const RATE_INTERVAL: std::time::Duration = std::time::Duration::from_secs(4321);

pub fn parse(expr: &str) -> Result<Expr, String> {
    let filled = expr
        .replace("$__rate_interval", "4321s")
        .replace("$__range_s", "3600")
        .replace("$__range", "3600s");
    parser::parse(&filled)
}

/// A selector, with the function and the range that it stands in.
pub struct Selector<'a> {
    pub selector: &'a parser::VectorSelector,
    pub range: Option<std::time::Duration>,
    pub function: Option<&'a str>,
}

impl Selector<'_> {
    pub fn metric(&self) -> &str {
        self.selector.name.as_deref().unwrap_or_default()
    }
}

pub fn selectors(expr: &Expr) -> Vec<Selector<'_>> {
    let mut found = Vec::new();
    walk(expr, None, &mut found);
    found
}

fn walk<'a>(expr: &'a Expr, function: Option<&'a str>, found: &mut Vec<Selector<'a>>) {
    match expr {
        Expr::VectorSelector(selector) => {
            found.push(Selector { selector, range: None, function });
        }
        Expr::MatrixSelector(matrix) => {
            found.push(Selector { selector: &matrix.vs, range: Some(matrix.range), function });
        }
        Expr::Aggregate(aggregate) => {
            walk(&aggregate.expr, None, found);
            aggregate.param.iter().for_each(|param| walk(param, None, found));
        }
        Expr::Unary(unary) => walk(&unary.expr, None, found),
        Expr::Binary(binary) => {
            walk(&binary.lhs, None, found);
            walk(&binary.rhs, None, found);
        }
        Expr::Paren(inner) => walk(&inner.expr, function, found),
        Expr::Subquery(subquery) => walk(&subquery.expr, None, found),
        Expr::Call(call) => {
            for argument in &call.args.args {
                walk(argument, Some(call.func.name), found);
            }
        }
        _ => {}
    }
}

/// Every label that an expression groups by, joins on or matches.
pub fn labels(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    label_walk(expr, &mut found);
    found
}

fn label_walk(expr: &Expr, found: &mut Vec<String>) {
    use parser::LabelModifier;
    let mut modifier = |modifier: &Option<LabelModifier>| {
        if let Some(LabelModifier::Include(labels) | LabelModifier::Exclude(labels)) = modifier {
            found.extend(labels.labels.iter().cloned());
        }
    };
    match expr {
        Expr::Aggregate(aggregate) => {
            modifier(&aggregate.modifier);
            label_walk(&aggregate.expr, found);
        }
        Expr::Binary(binary) => {
            if let Some(binary) = &binary.modifier {
                modifier(&binary.matching);
            }
            label_walk(&binary.lhs, found);
            label_walk(&binary.rhs, found);
        }
        Expr::Paren(inner) => label_walk(&inner.expr, found),
        Expr::Unary(unary) => label_walk(&unary.expr, found),
        Expr::Call(call) => call.args.args.iter().for_each(|argument| label_walk(argument, found)),
        Expr::VectorSelector(selector) => {
            found.extend(selector.matchers.matchers.iter().map(|matcher| matcher.name.clone()));
        }
        Expr::MatrixSelector(matrix) => {
            found.extend(matrix.vs.matchers.matchers.iter().map(|matcher| matcher.name.clone()));
        }
        _ => {}
    }
}
