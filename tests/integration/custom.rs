//! What users bring: postgres_exporter's queries.yaml and collectors in a directory.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pglens::catalog::Catalog;
use pglens::lab::Cluster;

use crate::support::{Tested, Watching, config};

const SOON: Duration = Duration::from_secs(40);

const QUERIES: &str = r#"
shop_orders:
  query: |
    -- Unqualified: it is found where an ordinary session finds it.
    select state, sum(amount) as amount, count(*) as total, max(placed) as newest,
           bool_or(paid) as any_paid, max(wait) as wait, max(took) as took,
           'none' as secret, '12.5' as textual, 'words' as words
    from orders group by state; -- the end
  master: true
  metrics:
    - state: {usage: "LABEL", description: "State"}
    - amount: {usage: "GAUGE", description: "Amount"}
    - total: {usage: "COUNTER", description: "Orders"}
    - newest: {usage: "GAUGE", description: "When the newest was placed"}
    - any_paid: {usage: "GAUGE", description: "Whether one is paid"}
    - wait: {usage: "GAUGE", description: "Longest wait"}
    - took: {usage: "DURATION", description: "Longest work"}
    - secret: {usage: "DISCARD", description: "Nobody's business"}
    - textual: {usage: "GAUGE", description: "A number as text"}
    - words: {usage: "GAUGE", description: "No number"}
shop_broken:
  query: "select nothing from nowhere"
  metrics:
    - nothing: {usage: "GAUGE", description: "Nothing"}
shop_many:
  query: "select n::text as n, n as value from generate_series(1, 1234) as n order by n.n"
  metrics:
    - n: {usage: "LABEL", description: "Number"}
    - value: {usage: "GAUGE", description: "Value"}
shop_constant:
  query: "select 1"
  metrics:
    - '?column?': {usage: "GAUGE", description: "Not a name"}
    - one: {usage: "GAUGE", description: "No such column"}
shop_clients:
  query: "select inet '10.0.0.1' as client, numeric '2.5' as score"
  metrics:
    - client: {usage: "LABEL", description: "Address"}
    - score: {usage: "GAUGE", description: "Score"}
shop_tomorrow:
  query: "select 1 as x"
  runonserver: ">=18.0.0"
  metrics:
    - x: {usage: "GAUGE", description: "Not on this server"}
"#;

const CARTS: &str = r#"
about = "Carts."
area = "custom"
interval = "5s"
timeout = "1s"
runs_on = "any"
scope = "server"
labels = ["shop"]
max_rows = 2
[metrics]
carts_open = { gauge = "Open carts." }
"#;

fn catalog(directory: &Path) -> Arc<Catalog> {
    let write = |name: &str, text: &str| std::fs::write(directory.join(name), text).unwrap();
    write("queries.yaml", QUERIES);
    write("carts.toml", CARTS);
    write(
        "carts.sql",
        "select shop, open::float8 as carts_open from public.carts order by open desc",
    );
    let queries = directory.join("queries.yaml");
    Arc::new(Catalog::builtin().unwrap().extended(Some(directory), Some(&queries)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_collectors_of_the_user_run_beside_ours() -> Tested {
    let primary = Cluster::builder().major(17).start().await?;
    primary.create_monitor().await?;
    primary
        .execute(
            "create table orders (state text, amount numeric, placed timestamptz, paid bool, \
                                  wait interval, took text); \
             insert into orders values \
             ('new', 10.25, 'epoch', false, '90 seconds', '1m30s'), \
             ('new', 2, '2001-09-09 01:46:40+00', true, '5 seconds', '-1'), \
             (null, 7, null, null, null, null); \
             create table carts (shop text, open int); \
             insert into carts values ('a', 5), ('b', 4), ('c', 3); \
             grant select on orders, carts to pglens",
        )
        .await?;
    let directory = tempfile::tempdir()?;
    let catalog = catalog(directory.path());
    let left_out: Vec<_> = catalog.left_out().iter().map(ToString::to_string).collect();
    assert_eq!(left_out.len(), 1, "{left_out:?}");

    let config = config(&[("server", primary.dsn_as("pglens", "postgres"))]);
    let watching = Watching::with(&config, catalog).await;
    let page = watching
        .until("all polled", SOON, |page| {
            page.has("shop_orders_amount{")
                && page.has("shop_many_value{")
                && page.has("shop_clients_score{")
                && page.has("carts_open{")
                && page.has("pglens_collector_success{collector=\"custom_shop_broken\"}")
                && page.has("pglens_collector_success{collector=\"custom_shop_constant\"}")
        })
        .await;

    let server = format!("server=\"127.0.0.1:{}\"", primary.port());
    let of = |metric: &str| page.value(&format!("{metric}{{{server},state=\"new\"}}"));
    assert_eq!(of("shop_orders_amount"), Some(12.25));
    assert_eq!(of("shop_orders_total"), Some(2.0));
    assert_eq!(of("shop_orders_newest"), Some(1e9));
    assert_eq!(of("shop_orders_any_paid"), Some(1.0));
    assert_eq!(of("shop_orders_wait"), Some(90.0));
    assert_eq!(of("shop_orders_took_milliseconds"), Some(90_000.0));
    assert_eq!(of("shop_orders_textual"), Some(12.5));
    assert_eq!(page.value(&format!("shop_orders_amount{{{server}}}")), Some(7.0));
    let score = page.value(&format!("shop_clients_score{{{server},client=\"10.0.0.1\"}}"));
    assert_eq!(score, Some(2.5));
    assert!(!page.has("shop_orders_words") && !page.has("shop_orders_secret"));
    assert!(page.has("# TYPE shop_orders_total counter\n"));
    assert!(page.has("# HELP shop_orders_amount Amount\n"));

    // What is wrong fails alone, and what is too much is cut and counted.
    let success =
        |name: &str| page.value(&format!("pglens_collector_success{{collector=\"{name}\"}}"));
    assert_eq!(success("custom_shop_orders"), Some(1.0));
    assert_eq!(success("custom_shop_broken"), Some(0.0));
    assert_eq!(success("custom_shop_constant"), Some(0.0));
    assert_eq!(
        page.samples().filter(|(series, _)| series.starts_with("shop_many_value")).count(),
        1000
    );
    let dropped = |name: &str| {
        let prefix =
            format!("pglens_collector_dropped_total{{collector=\"{name}\",because=\"cap\"}}");
        page.value(&prefix)
    };
    assert!(dropped("custom_shop_many") >= Some(234.0), "{:?}", dropped("custom_shop_many"));
    assert!(page.has("collector=\"custom_shop_tomorrow\",because=\"version\"} 1"));

    assert_eq!(page.value("carts_open{shop=\"a\"}"), Some(5.0));
    assert_eq!(page.value("carts_open{shop=\"c\"}"), None);
    assert_eq!(page.value("pg_up"), Some(1.0));
    Ok(())
}
