//! What the pages ask a server runs as it is written, and what they name exists.
//!
//! A block of ```` ```sql ```` is run, ```` ```sql mitigation ```` changes something
//! and is only parsed. The first line of a block may be a comment that says where it
//! runs: "from 16 on", "up to 16", "on the standby", "as superuser".

use std::collections::BTreeSet;
use std::path::Path;

use pglens::alerts::{Alerts, OUTSIDE};
use pglens::catalog::Kind;
use pglens::lab::Cluster;
use regex_lite::Regex;
use sqlx::{AssertSqlSafe, Executor, PgConnection, SqlSafeStr};

use crate::discovery::{SOON, looking};
use crate::support::{Tested, Watching, catalog, rich_primary};

/// What begins with pg_ and is neither a metric nor in the server's catalogs.
const PROGRAMS_AND_FILES: [&str; 18] = [
    "pg_amcheck",
    "pg_basebackup",
    "pg_catalog",
    "pg_checksums",
    "pg_ctl",
    "pg_dump",
    "pg_exporter",
    "pg_hba",
    "pg_ident",
    "pg_isready",
    "pg_receivewal",
    "pg_repack",
    "pg_resetwal",
    "pg_rewind",
    "pg_squeeze",
    "pg_subtrans",
    "pg_wal",
    "pg_waldump",
];

/// What another exporter serves, and we do not, as a migration guide says.
const THEIRS: [(&str, &str); 2] = [
    ("migrating-from-postgres_exporter.md", "pg_stat_database_sessions"),
    ("migrating-from-postgres_exporter.md", "pg_stat_replication_reply_time"),
];

/// A page below docs/.
struct Page {
    name: String,
    text: String,
}

fn pages() -> Vec<Page> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut pages = Vec::new();
    for path in glob::glob(&docs.join("**/*.md").to_string_lossy()).unwrap() {
        let path = path.unwrap();
        let name = path.strip_prefix(&docs).unwrap().to_string_lossy().into_owned();
        pages.push(Page { name, text: std::fs::read_to_string(&path).unwrap() });
    }
    pages
}

struct Block {
    page: String,
    sql: String,
    /// Changes something.
    mitigation: bool,
    first: u16,
    last: u16,
    standby: bool,
    superuser: bool,
}

fn blocks() -> Vec<Block> {
    let fence = Regex::new(r"(?sm)^ *```sql( mitigation)?\n(.*?)^ *```$").unwrap();
    let major = |line: &str, pattern: &str| {
        let number = Regex::new(pattern).unwrap().captures(line)?;
        number[1].parse::<u16>().ok()
    };
    let mut blocks = Vec::new();
    for page in pages() {
        for found in fence.captures_iter(&page.text) {
            let line = found[2].trim().lines().next().unwrap_or_default().to_owned();
            let said = line.strip_prefix("-- ").unwrap_or_default();
            blocks.push(Block {
                page: page.name.clone(),
                sql: found[2].to_owned(),
                mitigation: found.get(1).is_some(),
                first: major(said, r"from (\d+) on").unwrap_or(0),
                last: major(said, r"up to (\d+)").unwrap_or(u16::MAX),
                standby: said.contains("on the standby"),
                superuser: said.contains("as superuser"),
            });
        }
    }
    blocks
}

async fn ask(server: &Cluster, block: &Block) -> Tested {
    let role = if block.superuser { "postgres" } else { "pglens" };
    let mut connection = server.connect_as(role, "postgres").await?;
    let sql = format!("begin read only; {}; rollback", block.sql.trim().trim_end_matches(';'));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    Ok(())
}

/// A statement that is prepared is parsed, and executed by nobody.
async fn parse(connection: &mut PgConnection, block: &Block) -> Tested {
    for statement in block.sql.split(';').filter(|statement| !statement.trim().is_empty()) {
        connection.prepare(AssertSqlSafe(statement).into_sql_str()).await?;
    }
    Ok(())
}

async fn everything_runs(major: u16) -> Tested {
    let primary = rich_primary(major).await?;
    primary.create_extensions("postgres", &["amcheck"]).await?;
    // The directory of the logging collector, which is off here.
    primary.execute("copy (select 1) to program 'cat >/dev/null; mkdir -p log'").await?;
    let replica = primary.replica("replica").await?;
    let mut superuser = primary.connect("postgres").await?;
    let mut failed = Vec::new();
    let blocks = blocks();
    assert!(blocks.len() > 100, "only {} blocks were found", blocks.len());
    for block in &blocks {
        if !(block.first..=block.last).contains(&major) {
            continue;
        }
        let result = match (block.mitigation, block.standby) {
            (true, _) => parse(&mut superuser, block).await,
            (false, true) => ask(&replica, block).await,
            (false, false) => ask(&primary, block).await,
        };
        if let Err(error) = result {
            failed.push(format!("{}: {error}\n{}", block.page, block.sql));
        }
    }
    assert!(failed.is_empty(), "on {major}:\n{}", failed.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_runs_with_13() {
    everything_runs(13).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_runs_with_15() {
    everything_runs(15).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_runs_with_17() {
    everything_runs(17).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_runs_with_18() {
    everything_runs(18).await.unwrap();
}

/// Metrics and collectors are in the catalogue, or somebody else's; the rest
/// are PostgreSQL's views, functions, settings, roles and extensions.
#[tokio::test(flavor = "multi_thread")]
async fn every_name_is_a_metric_or_the_servers() -> Tested {
    let server = rich_primary(18).await?;
    let mut connection = server.connect("postgres").await?;
    let known: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relkind in ('r', 'v') \
         union select attname::text from pg_attribute \
         union select proname::text from pg_proc \
         union select rolname::text from pg_roles \
         union select name::text from pg_settings \
         union select name::text from pg_available_extensions",
    )
    .fetch_all(&mut connection)
    .await?;
    let known: BTreeSet<_> = known.iter().map(String::as_str).collect();
    // What is about the exporter itself is on its page, and in no catalogue.
    let watching = Watching::start(&looking(&server, server.port())).await;
    let discovered = "pglens_discovery_last_success_timestamp_seconds{";
    let page = watching.until("discovery", SOON, |page| page.has(discovered)).await;
    let own = page.text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let catalog = catalog();
    let declared = catalog.collectors().iter().flat_map(|collector| &collector.metrics);
    let series: BTreeSet<_> = declared
        .flat_map(|metric| match metric.kind {
            Kind::Histogram => {
                ["", "_bucket", "_sum", "_count"].map(|part| metric.name.clone() + part).to_vec()
            }
            _ => vec![metric.name.clone()],
        })
        .chain(own.map(str::to_owned))
        .collect();
    let alerts = Alerts::builtin().unwrap();
    // A name that ends in "…" stands for all that begin so.
    let name = Regex::new(r"\b(pg(?:lens)?_[a-z0-9_]*[a-z0-9])(?:(_?…)|\b)").unwrap();
    // A file of SQL may name what only some versions have; it is run anyway.
    let fenced = Regex::new(r"(?sm)^ *```.*?^ *```$").unwrap();
    let address = Regex::new(r"\]\([^)]*\)").unwrap();
    let mut unknown = BTreeSet::new();
    for page in pages() {
        let prose = fenced.replace_all(&page.text, "");
        for found in name.captures_iter(&address.replace_all(&prose, "]")) {
            let name = found.get(1).unwrap().as_str();
            let begins =
                || found.get(2).is_some() && series.iter().any(|one| one.starts_with(name));
            let exists = series.contains(name)
                || begins()
                || THEIRS.contains(&(page.name.as_str(), name))
                || catalog.collector(name).is_some()
                || OUTSIDE.contains_key(name)
                || alerts.recordings.iter().any(|recording| recording.name.contains(name))
                || known.contains(name.strip_prefix("pg_settings_").unwrap_or(name))
                || PROGRAMS_AND_FILES.contains(&name);
            if !exists {
                unknown.insert(format!("{}: {name}", page.name));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    Ok(())
}
