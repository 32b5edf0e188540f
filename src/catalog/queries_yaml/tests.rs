use super::*;

fn read_text(text: &str) -> (Vec<Collector>, Vec<String>) {
    let known = Catalog::builtin().unwrap();
    let (collectors, left_out) = read("q.yaml", text, &known).unwrap();
    (collectors, left_out.iter().map(ToString::to_string).collect())
}

fn error(text: &str) -> String {
    read("q.yaml", text, &Catalog::default()).err().unwrap().to_string()
}

const SHOP: &str = r#"
shop:
  query: "select state, count(*) as orders, max(age) as age from orders group by 1; -- all"
  master: true
  cache_seconds: 60
  runonserver: ">=14.0.0"
  metrics:
    - state:
        usage: "LABEL"
        description: "State"
    - orders:
        usage: "COUNTER"
        description: "Orders so far"
    - age:
        usage: "DURATION"
    - note:
        usage: "DISCARD"
"#;

#[test]
fn a_namespace_becomes_a_collector() {
    let (collectors, left_out) = read_text(SHOP);
    assert!(left_out.is_empty(), "{left_out:?}");
    let [shop] = &collectors[..] else { panic!("one collector") };
    assert_eq!((&*shop.name, shop.since, shop.until), ("custom_shop", 14, None));
    assert_eq!((shop.interval, shop.runs_on), (Duration::from_secs(60), RunsOn::Any));
    assert_eq!(shop.labels, ["state"]);
    let metrics: Vec<_> =
        shop.metrics.iter().map(|metric| (&*metric.name, metric.kind, &*metric.help)).collect();
    assert_eq!(
        metrics,
        [
            ("shop_orders", Kind::Counter, "Orders so far"),
            ("shop_age_milliseconds", Kind::Gauge, "Column age of your query shop."),
        ]
    );
    let sql = &shop.variants[0].sql;
    assert!(sql.contains("q.\"state\"::text end as \"state\""), "{sql}");
    assert!(sql.contains("select state, count(*)") && !sql.contains(';'), "{sql}");
}

#[test]
fn what_cannot_be_had_is_left_out_with_line_and_key() {
    let text = r"
a:
  query: select 1 as x, 2 as h
  metrics:
    - x: {usage: GAUGE}
    - h: {usage: HISTOGRAM}
    - m: {usage: MAPPEDMETRIC, metric_mapping: {on: 1}}
    - y: {usage: gauge}
    - z: {description: nothing}
    - target: {usage: LABEL}
    - 'per cent': {usage: GAUGE}
pg_stat_database:
  query: select 1 as xact_commit, 2 as mine
  metrics:
    - xact_commit: {usage: COUNTER}
    - mine: {usage: COUNTER}
nothing:
  metrics:
    - x: {usage: GAUGE}
two:
  query: select 1; select 2
  metrics: [{x: {usage: GAUGE}}]
old:
  query: select 1 as x
  runonserver: <10.0.0
  metrics: [{x: {usage: GAUGE}}]
pglens:
  query: select 1 as x
  metrics: [{x: {usage: GAUGE}}]
";
    let (collectors, left_out) = read_text(text);
    let names: Vec<_> = collectors
        .iter()
        .flat_map(|collector| collector.metrics.iter().map(|metric| metric.name.as_str()))
        .collect();
    assert_eq!(names, ["a_x", "pg_stat_database_mine"]);
    let reserved =
        "names that begin with pglens_ or process_ are what this program says about itself";
    assert_eq!(
        left_out,
        [
            "q.yaml:6: a.h: left out: HISTOGRAM is not supported",
            "q.yaml:7: a.m: left out: MAPPEDMETRIC is not supported",
            "q.yaml:8: a.y: left out: usage gauge: expected LABEL, GAUGE, COUNTER, DURATION or DISCARD",
            "q.yaml:9: a.z: left out: it has no usage",
            "q.yaml:10: a.target: left out: no label can be called so",
            "q.yaml:11: a.per cent: left out: a_per cent: a metric's name is letters, digits and underscores",
            "q.yaml:12: pg_stat_database: left out: collector stat_database has pg_stat_database_xact_commit",
            "q.yaml:17: nothing: left out: it has no query",
            "q.yaml:21: two: left out: query: expected one statement",
            "q.yaml:25: old: left out: runonserver: <10.0.0 has no version from 13 on",
            &format!("q.yaml:29: pglens.x: left out: pglens_x: {reserved}"),
            "q.yaml:27: pglens: left out: no metric of it remains",
        ]
    );
}

#[test]
fn two_namespaces_cannot_have_one_metric() {
    let text = "a: {query: select 1, metrics: [{b_c: {usage: GAUGE}}]}\n\
                a_b: {query: select 1, metrics: [{c: {usage: GAUGE}}, {d: {usage: GAUGE}}]}\n";
    let (collectors, left_out) = read_text(text);
    assert_eq!(collectors.len(), 2);
    assert_eq!(left_out, ["q.yaml:2: a_b.c: left out: a_b_c is there already"]);
}

#[test]
fn what_is_not_this_format_is_an_error_with_its_line() {
    assert!(
        error("a:\n  query: x\n  cache_second: 5\n")
            .starts_with("q.yaml:3: unknown field `cache_second`")
    );
    assert!(
        error("a:\n  metrics:\n    - x: {usege: GAUGE}\n")
            .starts_with("q.yaml:3: unknown field `usege`")
    );
    assert!(error("a: {query: x}\na: {query: y}\n").starts_with("q.yaml:2: duplicate mapping key"));
    assert!(error("a:\n  cache_seconds: -1\n").starts_with("q.yaml:2: "));
    assert!(error("- a\n").starts_with("q.yaml:1: "));
    assert!(error("a: 'x\n").starts_with("q.yaml:"));
}

#[test]
fn an_empty_file_adds_nothing() {
    assert!(read_text("# nothing yet\n").0.is_empty());
}

#[test]
fn the_whole_catalogue_holds_together_with_them() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), SHOP).unwrap();
    let catalog = Catalog::builtin().unwrap().extended(None, Some(file.path())).unwrap();
    assert!(catalog.declares("shop_orders"));
    assert!(catalog.collector("custom_shop").is_some());
}
