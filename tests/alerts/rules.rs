//! What makes an alert one that can fire, and does not for nothing.

use pglens::alerts::{Alert, Alerts, Per, Severity};
use promql_parser::parser::token::{T_DIV, T_EQLC, T_LSS, T_LTE, T_NEQ};
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{Expr, parse};

use crate::promql::{is_per_server, labels, walk};
use crate::vocabulary::Vocabulary;

/// Everything that is wrong with an alert.
pub fn judge(alert: &Alert, alerts: &Alerts, known: &Vocabulary) -> Result<(), String> {
    let expr = parse(&alerts.expression(&alert.expr)?)?;
    let labels = labels(&expr, known)?;
    if alert.per == Per::Server && !is_per_server(&labels) {
        return Err(format!("the labels of a server are lost, {labels:?} are left"));
    }
    if alert.per == Per::Cluster && !labels.contains("cluster") {
        return Err("the label cluster is lost".into());
    }
    for text in [&alert.summary, &alert.what, &alert.impact, &alert.first] {
        for part in text.split("$labels.").skip(1) {
            let label: String =
                part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if !labels.contains(&label) {
                return Err(format!("the text shows a label {label}, which the alert has not"));
            }
        }
    }
    if alert.severity != Severity::None {
        condition(&expr)?;
    }
    literals(alert, alerts)
}

/// It compares, it can see zero, and what is divided or low has a floor.
fn condition(expr: &Expr) -> Result<(), String> {
    let (mut compares, mut sets, mut fault) = (false, 0, None);
    let (mut divides, mut is_low, mut predicts, mut against_series) = (false, false, false, false);
    walk(expr, &mut |inner| match inner {
        Expr::Call(call) if call.func.name == "absent" => compares = true,
        Expr::Call(call) if call.func.name == "predict_linear" => predicts = true,
        Expr::VectorSelector(selector) => {
            if selector.matchers.matchers.iter().any(|matcher| matcher.name == "mode")
                && selector.name.as_deref().is_some_and(|name| name.starts_with("pg_locks"))
            {
                fault = Some(format!("{selector}: who waits may wait in any mode"));
            }
            let is_ratio = |name: &str| name.contains(":ratio");
            divides |= selector.name.as_deref().is_some_and(is_ratio);
        }
        Expr::Binary(binary) => {
            let operator = binary.op.id();
            sets += usize::from(binary.op.is_set_operator());
            divides |= operator == T_DIV
                && reads_rates(&binary.lhs)
                && reads_rates(&binary.rhs)
                && !is_count(&binary.rhs);
            if binary.op.is_comparison_operator() {
                compares = true;
                let is_below = matches!(operator, T_LSS | T_LTE);
                is_low |= is_below && reads_rates(&binary.lhs);
                let counts = matches!(operator, T_LSS | T_LTE | T_EQLC | T_NEQ);
                if counts && is_count(&binary.lhs) {
                    fault = Some(format!("{binary}: a count of nothing is not 0 but absent"));
                }
                // A forecast against another series has its floor in it.
                against_series |= binary.rhs.value_type() != ValueType::Scalar;
            }
        }
        _ => {}
    });
    match fault {
        Some(fault) => Err(fault),
        None if !compares => Err("it compares nothing, and fires whenever there is data".into()),
        None if sets == 0 && divides => Err("a ratio needs a floor: it is noise when idle".into()),
        None if sets == 0 && is_low => Err("a low rate needs a floor: quiet is no fault".into()),
        None if sets == 0 && predicts && !against_series => {
            Err("a forecast needs a floor below which it rests".into())
        }
        None => Ok(()),
    }
}

fn reads_rates(expr: &Expr) -> bool {
    let mut found = false;
    walk(expr, &mut |inner| {
        found |= match inner {
            Expr::Call(call) => ["rate", "irate", "increase"].contains(&call.func.name),
            _ => false,
        };
    });
    found
}

fn is_count(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_count(&inner.expr),
        Expr::Aggregate(inner) => ["count", "group"].contains(&inner.op.to_string().as_str()),
        _ => false,
    }
}

/// Values are named: what stands in a rule itself is 0 or 1.
fn literals(alert: &Alert, alerts: &Alerts) -> Result<(), String> {
    let mut blank = alerts.clone();
    for threshold in blank.thresholds.values_mut() {
        threshold.value = 0.0;
    }
    let expr = parse(&blank.expression(&alert.expr)?)?;
    let mut fault = Ok(());
    walk(&expr, &mut |inner| {
        if let Expr::NumberLiteral(number) = inner
            && ![0.0, 1.0].contains(&number.val)
        {
            fault = Err(format!("{} is a value without a name", number.val));
        }
    });
    fault
}
