//! `deploy/role.sql` on every major: as a superuser, as the administrator of a
//! managed service, and twice; what it grants is all that the collectors ask for.

use pglens::lab::Cluster;
use sqlx::{AssertSqlSafe, Connection};

use crate::support::{Tested, Watching, config, hurried};

const ROLE: &str = include_str!("../../deploy/role.sql");

/// What a managed service gives its customer: everything but a superuser's rights.
const ADMINISTRATOR: &str = "create role administrator login createrole createdb;
    grant pg_monitor to administrator with admin option;";

async fn run(server: &Cluster, role: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut session = server.connect_as(role, "postgres").await?;
    sqlx::raw_sql(AssertSqlSafe(ROLE)).execute(&mut session).await?;
    session.close().await?;
    Ok(())
}

/// Collectors that fail or are skipped for want of a grant.
async fn refused(server: &Cluster) -> Vec<String> {
    let mut config = config(&[("one", server.dsn_as("pglens", "postgres"))]);
    config.policy = hurried();
    let watching = Watching::start(&config).await;
    let limit = std::time::Duration::from_secs(60);
    watching.until("polled", limit, |page| page.has("pg_up 1")).await;
    while !watching.daemon.is_ready() {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let page = watching.page().await;
    let wanting = ["because=\"privilege\"", "reason=\"permission\""];
    page.samples()
        .filter(|(series, value)| *value > 0.0 && wanting.iter().any(|why| series.contains(why)))
        .map(|(series, _)| series.to_owned())
        .collect()
}

async fn proven(major: u16) -> Tested {
    let server = Cluster::builder().major(major).start().await?;
    for _ in 0..2 {
        run(&server, "postgres").await?;
    }
    let superuser: bool =
        server.value("select rolsuper from pg_roles where rolname = 'pglens'").await?;
    assert!(!superuser);
    let bounded: i32 =
        server.value("select rolconnlimit from pg_roles where rolname = 'pglens'").await?;
    assert_eq!(bounded, 5);
    assert_eq!(refused(&server).await, [""; 0], "{major}, by a superuser");

    let managed = Cluster::builder().major(major).start().await?;
    managed.execute(ADMINISTRATOR).await?;
    for _ in 0..2 {
        run(&managed, "administrator").await?;
    }
    let widths: bool = managed
        .value("select has_column_privilege('pglens', 'pg_statistic', 'stawidth', 'select')")
        .await?;
    assert!(!widths, "an administrator may not grant it");
    let monitors: bool =
        managed.value("select pg_has_role('pglens', 'pg_monitor', 'member')").await?;
    assert!(monitors);
    Ok(())
}

macro_rules! on_every_major {
    ($($name:ident: $major:literal,)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() -> Tested {
            proven($major).await
        })*
    };
}

on_every_major! {
    the_role_on_13: 13,
    the_role_on_14: 14,
    the_role_on_15: 15,
    the_role_on_16: 16,
    the_role_on_17: 17,
    the_role_on_18: 18,
}
