//! What an expression reads and which labels its result has, by Prometheus' grammar.

use std::time::Duration;

use promql_parser::label::Labels as PromLabels;
use promql_parser::parser::token::{T_LAND, T_LOR, T_LUNLESS};
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorMatchCardinality, VectorSelector,
};

use crate::vocabulary::{Labels, Vocabulary, server};

/// A scrape each fifteen seconds, four of which make a range.
const SHORTEST_RANGE: Duration = Duration::from_secs(60);

/// Every expression inside, itself among them.
pub fn walk<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    match expr {
        Expr::Aggregate(inner) => {
            walk(&inner.expr, visit);
            if let Some(param) = &inner.param {
                walk(param, visit);
            }
        }
        Expr::Unary(inner) => walk(&inner.expr, visit),
        Expr::Binary(inner) => {
            walk(&inner.lhs, visit);
            walk(&inner.rhs, visit);
        }
        Expr::Paren(inner) => walk(&inner.expr, visit),
        Expr::Subquery(inner) => walk(&inner.expr, visit),
        Expr::Call(call) => call.args.args.iter().for_each(|argument| walk(argument, visit)),
        _ => {}
    }
}

/// The labels of the result; an error is what makes the expression wrong.
pub fn labels(expr: &Expr, known: &Vocabulary) -> Result<Labels, String> {
    match expr {
        Expr::Paren(inner) => labels(&inner.expr, known),
        Expr::Unary(inner) => labels(&inner.expr, known),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(Labels::new()),
        Expr::VectorSelector(selector) => {
            let series = known.series(name(selector)?)?;
            if series.is_counter {
                return Err(format!("{selector} is a counter, and is compared as it is"));
            }
            of_selector(selector, known)
        }
        Expr::MatrixSelector(inner) => of_selector(&inner.vs, known),
        Expr::Subquery(inner) => {
            ranges(inner.range, Duration::ZERO, expr)?;
            labels(&inner.expr, known)
        }
        Expr::Call(call) => of_call(call, known),
        Expr::Aggregate(inner) => of_aggregate(inner, known),
        Expr::Binary(inner) => of_binary(inner, known),
        Expr::Extension(_) => Err("an extension is no PromQL".into()),
    }
}

pub fn name(selector: &VectorSelector) -> Result<&str, String> {
    selector.name.as_deref().ok_or_else(|| format!("{selector} names no series"))
}

fn of_selector(selector: &VectorSelector, known: &Vocabulary) -> Result<Labels, String> {
    let labels = &known.series(name(selector)?)?.labels;
    match selector.matchers.matchers.iter().find(|matcher| !labels.contains(&matcher.name)) {
        Some(matcher) => Err(format!("{selector}: there is no label {}", matcher.name)),
        None => Ok(labels.clone()),
    }
}

fn ranges(range: Duration, interval: Duration, at: &Expr) -> Result<(), String> {
    let shortest = SHORTEST_RANGE.max(4 * interval);
    if range < shortest {
        return Err(format!("{at}: the range holds less than four samples"));
    }
    Ok(())
}

fn of_call(call: &Call, known: &Vocabulary) -> Result<Labels, String> {
    let function = call.func.name;
    if function == "timestamp" {
        return Err("timestamp() of a sample is never old: compare a metric that is a time".into());
    }
    let mut result = Labels::new();
    for argument in &call.args.args {
        if let Expr::MatrixSelector(matrix) = argument.as_ref() {
            let series = known.series(name(&matrix.vs)?)?;
            ranges(matrix.range, series.interval, argument)?;
            let wants_counter = ["rate", "irate", "increase", "resets"].contains(&function);
            if wants_counter != series.is_counter {
                let kind = if series.is_counter { "counter" } else { "gauge" };
                return Err(format!("{function}() of {}, a {kind}", matrix.vs));
            }
        }
        result.extend(labels(argument, known)?);
    }
    if function == "label_replace"
        && let Some(Expr::StringLiteral(label)) = call.args.args.get(1).map(AsRef::as_ref)
    {
        result.insert(label.val.clone());
    }
    Ok(if ["absent", "vector", "time"].contains(&function) { Labels::new() } else { result })
}

fn of_aggregate(aggregate: &AggregateExpr, known: &Vocabulary) -> Result<Labels, String> {
    let below = labels(&aggregate.expr, known)?;
    let Some(LabelModifier::Include(by)) = &aggregate.modifier else {
        return Err(format!("{aggregate}: say by which labels, {} first", pglens::alerts::SERVER));
    };
    let mut result = Labels::new();
    for label in &by.labels {
        if !below.contains(label) {
            return Err(format!("{aggregate}: there is no label {label} to keep"));
        }
        result.insert(label.clone());
    }
    if let Some(Expr::StringLiteral(made)) = aggregate.param.as_deref() {
        result.insert(made.val.clone());
    }
    Ok(result)
}

fn of_binary(binary: &BinaryExpr, known: &Vocabulary) -> Result<Labels, String> {
    let (left, right) = (labels(&binary.lhs, known)?, labels(&binary.rhs, known)?);
    let is_scalar = |side: &Expr| side.value_type() == ValueType::Scalar;
    if is_scalar(&binary.lhs) || is_scalar(&binary.rhs) {
        return Ok(if is_scalar(&binary.lhs) { right } else { left });
    }
    let modifier = binary.modifier.as_ref();
    let on: Option<Labels> = match modifier.and_then(|modifier| modifier.matching.as_ref()) {
        Some(LabelModifier::Include(on)) => Some(on.labels.iter().cloned().collect()),
        Some(LabelModifier::Exclude(_)) => {
            return Err(format!("{binary}: say on which labels, not which to ignore"));
        }
        None => None,
    };
    let operator = binary.op.id();
    match &on {
        Some(on) if !on.is_subset(&left) || !on.is_subset(&right) => {
            return Err(format!("{binary}: a side lacks a label that they are matched on"));
        }
        // Servers are matched with themselves; only a host or a cluster is larger.
        Some(on) if !is_per_server(on) && !on.contains("host") && !is_cluster(on) => {
            return Err(format!("{binary}: a server is matched without all of its labels"));
        }
        // What unites may unite what differs; nothing is matched then.
        None if operator != T_LOR && left != right => {
            return Err(format!("{binary}: the sides have different labels and match never"));
        }
        _ => {}
    }
    let cardinality = modifier.map(|modifier| &modifier.card);
    Ok(match (operator, on, cardinality) {
        (T_LAND | T_LUNLESS, _, _) => left,
        (T_LOR, _, _) => left.union(&right).cloned().collect(),
        (_, _, Some(VectorMatchCardinality::ManyToOne(taken))) => with(left, taken, &right)?,
        (_, _, Some(VectorMatchCardinality::OneToMany(taken))) => with(right, taken, &left)?,
        (_, Some(on), _) => on,
        (_, None, _) => left,
    })
}

/// The many's labels, and those that they take from the one.
fn with(many: Labels, taken: &PromLabels, one: &Labels) -> Result<Labels, String> {
    match taken.labels.iter().find(|label| !one.contains(*label)) {
        Some(label) => Err(format!("there is no label {label} to take")),
        None => Ok(many.into_iter().chain(taken.labels.iter().cloned()).collect()),
    }
}

fn is_cluster(labels: &Labels) -> bool {
    labels.iter().all(|label| label == "job" || label == "cluster")
}

/// What tells one server's series from another's is kept, or a host or a cluster is.
pub fn is_per_server(labels: &Labels) -> bool {
    server().is_subset(labels)
}
