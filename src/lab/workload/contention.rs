//! Sessions in each other's way: waits behind an idle transaction, and deadlocks.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use tokio::time;

use super::{Endless, every};

/// Deadlocks are reported with this SQLSTATE, to one of the two.
const DEADLOCK: &str = "40P01";

/// Twice a minute somebody walks away in the middle of a transaction; every
/// two minutes two sessions take the same rows in opposite order.
pub(super) async fn stock_taking(options: PgConnectOptions) -> Endless {
    let mut first = options.connect().await?;
    let mut second = options.connect().await?;
    let mut third = options.connect().await?;
    let mut clock = every(Duration::from_secs(30));
    loop {
        for _ in 0..4 {
            clock.tick().await;
            queue(&mut first, &mut second, &mut third).await?;
        }
        deadlock(&mut first, &mut second).await?;
    }
}

/// The third waits for the second, which waits for the first, which is idle:
/// a tree with a root, a branch and a leaf.
async fn queue(
    root: &mut PgConnection,
    branch: &mut PgConnection,
    leaf: &mut PgConnection,
) -> sqlx::Result<()> {
    begin(root).await?;
    take(root, 1).await?;
    begin(branch).await?;
    take(branch, 2).await?;
    let away = Duration::from_secs(fastrand::u64(6..=14));
    tokio::try_join!(
        async {
            time::sleep(away).await;
            commit(root).await
        },
        async {
            take(branch, 1).await?;
            commit(branch).await
        },
        // Outside of a transaction, so this commits by itself.
        take(leaf, 2),
    )?;
    Ok(())
}

async fn deadlock(one: &mut PgConnection, other: &mut PgConnection) -> sqlx::Result<()> {
    begin(one).await?;
    take(one, 3).await?;
    begin(other).await?;
    take(other, 4).await?;
    let (one, other) = tokio::join!(then(one, 4), then(other, 3));
    one?;
    other
}

/// Takes one more product and commits. Losing to the other is what we are for.
async fn then(session: &mut PgConnection, product: i32) -> sqlx::Result<()> {
    let taken = take(session, product).await;
    // After an error this commit is a rollback.
    commit(session).await?;
    match taken {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(DEADLOCK) => {
            tracing::debug!("the demo's workload met its deadlock");
            Ok(())
        }
        other => other,
    }
}

async fn take(session: &mut PgConnection, product: i32) -> sqlx::Result<()> {
    sqlx::query("update products set stock = stock - 1 where id = $1")
        .bind(product)
        .execute(session)
        .await?;
    Ok(())
}

async fn begin(session: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("begin").execute(session).await.map(drop)
}

async fn commit(session: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("commit").execute(session).await.map(drop)
}
