//! A small web shop at work: enough of everything that the dashboards show to
//! be looked at, and so little that a laptop does not notice.
//!
//! Each activity is a task with connections of its own. One that fails, be it
//! because its server restarts, is logged and begins anew. Everything it leaves
//! behind is bounded, so that a demo may run for days.

use std::convert::Infallible;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection, Row};
use tokio::task::JoinSet;
use tokio::time::{self, Interval, MissedTickBehavior};

use super::session::options;
use super::{Cluster, Result};

mod contention;

/// The database of the shop.
pub const DATABASE: &str = "shop";

const SCHEMA: &str = include_str!("workload/schema.sql");

/// How many rows schema.sql makes.
const CUSTOMERS: i32 = 20_000;
const PRODUCTS: i32 = 60_000;
const CARTS: i32 = 20_000;

/// Orders beyond these are forgotten.
const ORDERS: i64 = 20_000;

/// An activity ends only by an error.
type Endless = sqlx::Result<Infallible>;

/// The running activities; dropping it stops them.
#[derive(Debug)]
pub struct Workload {
    _activities: JoinSet<()>,
}

impl Workload {
    /// Creates the shop on the primary. Make replicas before or after.
    pub async fn create(primary: &Cluster) -> Result<()> {
        primary.execute(&format!("create database {DATABASE}")).await?;
        primary.execute_in(DATABASE, SCHEMA).await
    }

    /// Opens the shop that [`create`](Self::create) made.
    pub fn start(primary: &Cluster, replica: &Cluster) -> Self {
        let Self { _activities: mut activities } = Self::healthy(primary, replica);
        let app = options(primary.port(), "app", DATABASE);
        let admin = options(primary.port(), "postgres", DATABASE);
        let standby = options(replica.port(), "postgres", DATABASE);
        activities.spawn(forever("stock-taking", app.clone(), contention::stock_taking));
        activities.spawn(forever("reports", app, reports));
        activities.spawn(forever("imports", admin, imports));
        activities.spawn(forever("pauses", standby, pauses));
        Self { _activities: activities }
    }

    /// The same without what goes wrong in it: orders, carts, and reads on the replica.
    pub fn healthy(primary: &Cluster, replica: &Cluster) -> Self {
        let app = options(primary.port(), "app", DATABASE);
        let standby = options(replica.port(), "postgres", DATABASE);
        let mut activities = JoinSet::new();
        activities.spawn(forever("orders", app.clone(), orders));
        activities.spawn(forever("carts", app, carts));
        activities.spawn(forever("searches", standby, searches));
        Self { _activities: activities }
    }
}

/// Runs an activity, and again when it fails.
async fn forever<F>(
    name: &'static str,
    options: PgConnectOptions,
    activity: fn(PgConnectOptions) -> F,
) where
    F: Future<Output = Endless>,
{
    let options = options.application_name(name);
    loop {
        let Err(error) = activity(options.clone()).await;
        tracing::warn!(activity = name, %error, "the demo's workload is interrupted");
        time::sleep(Duration::from_secs(1)).await;
    }
}

/// The steady trade: ten orders a second, mostly of a few popular products.
async fn orders(options: PgConnectOptions) -> Endless {
    let mut shop = options.connect().await?;
    let mut clock = every(Duration::from_millis(100));
    loop {
        clock.tick().await;
        let customer = fastrand::i32(1..=CUSTOMERS);
        let product = browse(&mut shop).await?;
        sqlx::raw_sql("begin").execute(&mut shop).await?;
        sqlx::query("update customers set balance = balance - 1 where id = $1")
            .bind(customer)
            .execute(&mut shop)
            .await?;
        let order: i64 = sqlx::query_scalar(
            "insert into orders (customer_id, product_id) values ($1, $2) returning id",
        )
        .bind(customer)
        .bind(product)
        .fetch_one(&mut shop)
        .await?;
        // Some customers think again.
        let last = if fastrand::u8(..20) == 0 { "rollback" } else { "commit" };
        sqlx::raw_sql(last).execute(&mut shop).await?;
        if order % 100 == 0 {
            sqlx::query("delete from orders where id < $1")
                .bind(order - ORDERS)
                .execute(&mut shop)
                .await?;
        }
    }
}

/// Looks at a product: one of five is a rare one that the cache does not hold.
async fn browse(shop: &mut PgConnection) -> sqlx::Result<i32> {
    let rare = fastrand::u8(..5) == 0;
    let product = fastrand::i32(1..=if rare { PRODUCTS } else { PRODUCTS / 20 });
    let row = sqlx::query("select id, description from products where id = $1")
        .bind(product)
        .fetch_one(shop)
        .await?;
    row.try_get("id")
}

/// Bloat that comes and goes: dead rows gather for a quarter of an hour until a
/// VACUUM turns them into free space, and every hour VACUUM FULL gives that back.
async fn carts(options: PgConnectOptions) -> Endless {
    let mut shop = options.connect().await?;
    let mut clock = every(Duration::from_secs(1));
    loop {
        for second in 1..=3600 {
            clock.tick().await;
            sqlx::query(
                "update carts
                    set content = repeat('.', 200), touched = now()
                  where id between $1 and $1 + 29",
            )
            .bind(fastrand::i32(1..=CARTS))
            .execute(&mut shop)
            .await?;
            if second % 900 == 0 {
                sqlx::raw_sql("vacuum (analyze) carts").execute(&mut shop).await?;
            }
        }
        sqlx::raw_sql("vacuum (full, analyze) carts").execute(&mut shop).await?;
    }
}

/// Sorts that do not fit their memory and go through temporary files. One of
/// five reads the big table, and for a moment the cache hits less.
async fn reports(options: PgConnectOptions) -> Endless {
    let mut shop = options.connect().await?;
    sqlx::raw_sql("set work_mem = '64kB'; set max_parallel_workers_per_gather = 0")
        .execute(&mut shop)
        .await?;
    let mut clock = every(Duration::from_secs(40));
    let small = "select id from customers order by md5(name) offset 19990";
    let large = "select id from products order by md5(description) offset 59990";
    loop {
        for report in [small, small, large, small, small] {
            clock.tick().await;
            sqlx::query(report).fetch_all(&mut shop).await?;
        }
    }
}

/// Bursts of WAL, and checkpoints that somebody asked for.
async fn imports(options: PgConnectOptions) -> Endless {
    let mut shop = options.connect().await?;
    let mut clock = every(Duration::from_secs(30));
    loop {
        for _ in 0..4 {
            clock.tick().await;
            // Messages are WAL and nothing else: no table grows.
            sqlx::query(
                "select pg_logical_emit_message(false, 'demo', repeat('x', 500000))
                   from generate_series(1, $1)",
            )
            .bind(fastrand::i32(2..=20))
            .execute(&mut shop)
            .await?;
        }
        sqlx::raw_sql("checkpoint").execute(&mut shop).await?;
    }
}

/// Reads on the replica.
async fn searches(options: PgConnectOptions) -> Endless {
    let mut replica = options.connect().await?;
    let mut clock = every(Duration::from_millis(250));
    loop {
        clock.tick().await;
        browse(&mut replica).await?;
    }
}

/// The replica's replay stands still for 20 s every three minutes, so that it lags.
async fn pauses(options: PgConnectOptions) -> Endless {
    let mut replica = options.connect().await?;
    // The one before us may have been interrupted during a pause.
    let resume = "select pg_wal_replay_resume() where pg_is_in_recovery()";
    sqlx::raw_sql(resume).execute(&mut replica).await?;
    let mut clock = every(Duration::from_secs(10));
    loop {
        for tick in 0..18 {
            clock.tick().await;
            match tick {
                1 => {
                    let pause = "select pg_wal_replay_pause() where pg_is_in_recovery()";
                    sqlx::raw_sql(pause).execute(&mut replica).await?;
                }
                3 => {
                    sqlx::raw_sql(resume).execute(&mut replica).await?;
                }
                _ => {}
            }
        }
    }
}

/// A clock that does not make up for ticks lost while a server was away.
fn every(period: Duration) -> Interval {
    let mut clock = time::interval(period);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    clock
}
