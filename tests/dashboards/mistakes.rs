//! The linter's rules see: a page without a fault has no finding, and each rule finds
//! the mistake that is made for it.

use serde_json::{Value, json};

use crate::linter::lint;
use crate::pages::made;

/// A page without exclusions, so that whatever is found is of the mistake.
const PAGE: &str = "pg-cluster";

const QUERY: &str = "/panels/1/targets/0/expr";

/// A rule, and what is put where to break it.
fn mistakes() -> [(&'static str, &'static str, Value); 17] {
    [
        ("template-datasource-rule", "/templating/list/0/label", json!("Source")),
        ("template-job-rule", "/templating/list/1/multi", json!(false)),
        ("template-instance-rule", "/templating/list/3/allValue", json!(".*")),
        (
            "template-label-promql-rule",
            "/templating/list/1/query/query",
            json!("label_values(pg_up{, job)"),
        ),
        ("template-on-time-change-reload-rule", "/templating/list/1/refresh", json!(1)),
        ("panel-datasource-rule", "/panels/1/datasource/uid", json!("prometheus")),
        ("panel-title-description-rule", "/panels/1/description", json!("")),
        ("panel-units-rule", "/panels/1/fieldConfig/defaults/unit", json!("rows/s")),
        ("panel-no-targets-rule", "/panels/1/targets", json!([])),
        ("target-promql-rule", QUERY, json!("sum(")),
        ("target-rate-interval-rule", QUERY, query("rate(pg_x_total{}[5m])")),
        ("target-job-rule", QUERY, json!("pg_up{instance=~\"$instance\"}")),
        ("target-instance-rule", QUERY, json!("pg_up{job=~\"$job\"}")),
        ("target-logql-rule", "/panels/1/targets/0/datasource/type", json!("loki")),
        ("target-logql-auto-rule", "/panels/1/targets/0/datasource/type", json!("loki")),
        ("target-counter-agg-rule", QUERY, query("sum(pg_x_total{})")),
        ("uneditable-dashboard", "/editable", json!(true)),
    ]
}

fn query(written: &str) -> Value {
    written.replace("{}", "{job=~\"$job\",instance=~\"$instance\"}").into()
}

#[test]
fn each_rule_of_the_linter_finds_its_mistake() {
    let made = made();
    let page = &made.iter().find(|page| page.uid == PAGE).unwrap().json;
    let rules = |page: &Value| lint(PAGE, page).into_iter().map(|it| it.rule).collect::<Vec<_>>();
    assert!(rules(page).is_empty());
    for (rule, place, wrong) in mistakes() {
        let mut page = page.clone();
        *page.pointer_mut(place).unwrap_or_else(|| panic!("{PAGE} has no {place}")) = wrong;
        assert!(rules(&page).contains(&rule), "{rule}: {:?}", rules(&page));
    }
}
