//! Who waits for whom, with sessions that really wait: what the page says of
//! it, and that the tree's edges are those of `pg_blocking_pids()`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pglens::dsn::{Environment, Source};
use pglens::lab::Cluster;
use pglens::target::{Endpoint, Plan, plan};
use pglens::transform::blocking_tree::{BlockingTree, Owner, Tree};
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::task::JoinHandle;

use crate::support::{Page, Tested, Watching, catalog, config, hurried, rich_primary};

const SOON: Duration = Duration::from_secs(30);

/// How long the page may take to forget locks that are gone: some polls of a
/// second, on a machine that is busy with other tests.
const FORGOTTEN: Duration = Duration::from_secs(10);

/// A session that waits for a lock, and ends when its statements have ended.
type Waiter = JoinHandle<Result<(), sqlx::Error>>;

/// Sessions that have been seen to wait, one after the other.
struct Waiters<'a> {
    server: &'a Cluster,
    waiting: Vec<Waiter>,
}

impl<'a> Waiters<'a> {
    fn of(server: &'a Cluster) -> Self {
        Self { server, waiting: Vec::new() }
    }

    /// One more, queued up behind all the earlier ones.
    async fn add(&mut self, sql: &str) -> pglens::lab::Result<()> {
        let mut session = self.server.connect("postgres").await?;
        let sql = sql.to_owned();
        self.waiting.push(tokio::spawn(async move {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut session).await.map(drop)
        }));
        let all = format!(
            "select count(*) = {} from pg_stat_activity \
             where application_name = 'lab' and wait_event_type = 'Lock'",
            self.waiting.len()
        );
        self.server.wait_for(&all, SOON).await
    }

    /// Waits until all of them got what they wanted.
    async fn served(self) -> Tested {
        for waiter in self.waiting {
            tokio::time::timeout(SOON, waiter).await???;
        }
        Ok(())
    }
}

async fn begun(server: &Cluster, sql: &str) -> Result<PgConnection, Box<dyn std::error::Error>> {
    let mut session = server.connect("postgres").await?;
    sqlx::raw_sql(AssertSqlSafe(format!("begin; {sql}"))).execute(&mut session).await?;
    Ok(session)
}

async fn end(session: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("commit").execute(session).await.map(drop)
}

/// Who waits for whom by process id, 0 for a prepared transaction: what the
/// collector's query and the tree make of it, and what the server says.
async fn edges_are_the_servers(server: &Cluster) -> Tested {
    let catalog = catalog();
    let collector = catalog.collector("blocking").unwrap();
    let source = Source::parse(&server.dsn_as("pglens", "postgres"))?;
    let endpoint = Endpoint::new(source, Arc::new(Environment::default()));
    let mut session = endpoint.choose(&collector.requires).await?.session;
    let Plan::Run(variant) = plan(collector, session.facts()) else { panic!("it does not run") };
    let variant = variant.clone();
    let answer = session.query(&variant, Duration::from_secs(5), usize::MAX).await?;

    let (locks, complete) = BlockingTree::default().locks(&answer.rows, Duration::ZERO)?;
    assert!(complete);
    let tree = Tree::new(&locks).expect("few edges");
    let pid = |place: usize| match tree.sessions[place].owner {
        Owner::Process(pid) => i32::try_from(pid).unwrap(),
        Owner::Prepared(_) => 0,
    };
    let ours: BTreeMap<i32, BTreeSet<i32>> = (0..tree.sessions.len())
        .filter(|&place| tree.sessions[place].waits)
        .map(|place| (pid(place), tree.blockers[place].iter().map(|&b| pid(b)).collect()))
        .collect();

    let mut own = server.connect("postgres").await?;
    let servers: Vec<(i32, Vec<i32>)> = sqlx::query_as(
        "select pid, pg_blocking_pids(pid) from pg_stat_activity where wait_event_type = 'Lock'",
    )
    .fetch_all(&mut own)
    .await?;
    let servers = servers.into_iter().map(|(pid, all)| (pid, all.into_iter().collect())).collect();
    assert_eq!(ours, servers, "the tree is not that of PostgreSQL {}", server.major());
    Ok(())
}

/// The families of blocking that have a series only while somebody waits.
fn is_quiet(page: &Page) -> bool {
    let zero = |name: &str| page.value(&format!("pg_blocking_{name}")) == Some(0.0);
    let vanished = ["roots", "waiters_by_locktype", "waiters_by_mode", "waiters_by_relation"]
        .into_iter()
        .all(|name| page.family(&format!("pg_blocking_{name}")).is_empty());
    vanished
        && page.family("pg_blocking_longest_wait_by_database_seconds").is_empty()
        && zero("waiters")
        && zero("longest_wait_seconds")
        && zero("waited_seconds")
        && zero("tree_depth")
        && zero("worst_root_victims")
        && zero("root_transaction_age_seconds")
        && zero("truncated")
}

/// A queue in which everybody waits for the one before: A, who does nothing.
async fn a_chain(server: &Cluster, watching: &Watching) -> Tested {
    let mut a = begun(server, "update hot set note = 'a' where id = 1").await?;
    let mut waiters = Waiters::of(server);
    let began = Instant::now();
    waiters.add("update hot set note = 'b' where id = 1").await?;
    waiters.add("update hot set note = 'b2' where id = 1").await?;
    waiters.add("alter table hot add column more int").await?;
    waiters.add("begin; select pg_advisory_lock(5); select count(*) from hot").await?;
    waiters.add("select pg_advisory_lock(5)").await?;
    edges_are_the_servers(server).await?;

    let page = watching
        .until("the whole chain", SOON, |page| page.value("pg_blocking_tree_depth") == Some(5.0))
        .await;
    let roots = "pg_blocking_roots{datname=\"postgres\",kind=\"idle_in_transaction\"}";
    assert_eq!(page.family("pg_blocking_roots"), BTreeMap::from([(roots.to_owned(), 1.0)]));
    assert_eq!(page.value("pg_blocking_waiters"), Some(5.0));
    assert_eq!(page.value("pg_blocking_worst_root_victims"), Some(5.0));
    assert_eq!(page.value("pg_blocking_truncated"), Some(0.0));
    for (locktype, waiters) in
        [("relation", 2.0), ("transactionid", 1.0), ("tuple", 1.0), ("advisory", 1.0)]
    {
        let series = format!("{{datname=\"postgres\",locktype=\"{locktype}\"}}");
        let counted = page.value(&format!("pg_blocking_waiters_by_locktype{series}"));
        assert_eq!(counted, Some(waiters), "{locktype}");
    }
    // All but the one who waits for the advisory lock.
    let table = "{datname=\"postgres\",schemaname=\"public\",relname=\"hot\"}";
    let counted = page.value(&format!("pg_blocking_waiters_by_relation{table}"));
    assert_eq!(counted, Some(4.0));

    let longest = |page: &Page| page.value("pg_blocking_longest_wait_seconds").unwrap();
    let first = longest(&page);
    let later = watching
        .until("the wait grows", SOON, |page| {
            // Of ours nobody queues up too, whatever is polled meanwhile.
            assert_eq!(page.value("pg_blocking_waiters"), Some(5.0));
            longest(page) > first + 2.0
        })
        .await;
    assert!(longest(&later) <= began.elapsed().as_secs_f64());
    let age = later.value("pg_blocking_root_transaction_age_seconds").unwrap();
    assert!(age >= longest(&later), "the root began before its victims: {age}");

    end(&mut a).await?;
    waiters.served().await?;
    watching.until("nobody waits any more", FORGOTTEN, is_quiet).await;
    Ok(())
}

/// Two trees: under a transaction that no session stands for, and after one row.
async fn a_prepared_root_and_a_hot_row(server: &Cluster, watching: &Watching) -> Tested {
    server
        .execute("begin; insert into other values (1); prepare transaction 'left behind'")
        .await?;
    let mut holder = begun(server, "update busy set sum = sum + 1").await?;
    let mut waiters = Waiters::of(server);
    waiters.add("begin; lock table other in share mode; commit").await?;
    waiters.add("insert into other values (2)").await?;
    for _ in 0..4 {
        waiters.add("update busy set sum = sum + 1").await?;
    }
    edges_are_the_servers(server).await?;

    let page = watching
        .until("six waiters", SOON, |page| page.value("pg_blocking_waiters") == Some(6.0))
        .await;
    let root = |kind: &str| format!("pg_blocking_roots{{datname=\"postgres\",kind=\"{kind}\"}}");
    assert_eq!(
        page.family("pg_blocking_roots"),
        BTreeMap::from([(root("idle_in_transaction"), 1.0), (root("prepared"), 1.0)])
    );
    assert_eq!(page.value("pg_blocking_worst_root_victims"), Some(4.0));
    assert_eq!(page.value("pg_blocking_tree_depth"), Some(4.0));

    // Only the prepared transaction's tree remains.
    end(&mut holder).await?;
    let page = watching
        .until("the row is free", SOON, |page| page.value("pg_blocking_waiters") == Some(2.0))
        .await;
    assert_eq!(page.family("pg_blocking_roots"), BTreeMap::from([(root("prepared"), 1.0)]));
    assert_eq!(page.value("pg_blocking_worst_root_victims"), Some(2.0));
    edges_are_the_servers(server).await?;

    server.execute("commit prepared 'left behind'").await?;
    waiters.served().await?;
    watching.until("nobody waits any more", FORGOTTEN, is_quiet).await;
    assert_eq!(server.value::<i64>("select sum from busy").await?, 5, "nobody was a victim");
    Ok(())
}

async fn blocking(major: u16) -> Tested {
    let server = rich_primary(major).await?;
    // Large and changed enough for the collectors that measure tables to want it.
    server
        .execute(
            "create table hot (id int primary key, note text); \
             insert into hot select n, repeat('x', 100) from generate_series(1, 20000) n; \
             delete from hot where id % 3 = 0; \
             analyze hot; \
             create table busy as select 0::bigint as sum; \
             create table other (n int)",
        )
        .await?;
    let mut config = config(&[("server", server.dsn_as("pglens", "postgres"))]);
    config.policy = hurried();
    let watching = Watching::start(&config).await;
    watching.until("the first polls", SOON, is_quiet).await;

    a_chain(&server, &watching).await?;
    a_prepared_root_and_a_hot_row(&server, &watching).await
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_with_13() -> Tested {
    blocking(13).await
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_with_15() -> Tested {
    blocking(15).await
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_with_18() -> Tested {
    blocking(18).await
}
