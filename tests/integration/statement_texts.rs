//! Texts of statements are published only as far as they cannot tell a secret.

use std::collections::HashMap;

use pglens::lab::Cluster;
use pglens::poll::{Override, Policy};
use sqlx::{Connection, Executor};

use crate::contract::polled_with;
use crate::support::Tested;

async fn published(major: u16) -> Tested {
    let server = Cluster::builder()
        .major(major)
        .setting("shared_preload_libraries", "pg_stat_statements")
        .start()
        .await?;
    server.create_monitor().await?;
    server.create_extensions("postgres", &["pg_stat_statements"]).await?;
    let mut connection = server.connect("postgres").await?;
    for sql in [
        "create role guest password 'secret1'",
        "alter role guest password 'secret2'",
        "do $body$ begin perform 'secret3'; end $body$",
        "copy (select 1) to program 'cat > /dev/null # secret4'",
        "select relname /* secret5 */ from pg_class -- secret6\n where relname = 'secret7'",
        "select 'secret8' as \"it's\", 'secret9' as \"that's\"",
        "with x as (select $$secret10$$ as y) select y from x",
        "values (E'it\\'s secret11', 12)",
        "prepare p as select 'secret13'",
        "explain select 'secret14'",
        "declare c cursor with hold for select 'secret15'",
    ] {
        connection.execute(sql).await?;
    }
    connection.close().await?;

    let on = Override { enabled: Some(true), ..Override::default() };
    let overrides = HashMap::from([("statement_texts".to_owned(), on)]);
    let page = polled_with(&server, Policy { overrides, ..Policy::default() }.into()).await;
    let texts: Vec<_> =
        page.samples().filter(|(s, _)| s.starts_with("pg_stat_statements_query_info")).collect();
    assert!(texts.iter().all(|(series, _)| !series.contains("secret")), "{texts:?}");
    let known = "query=\"select relname from pg_class where relname = $1\"";
    assert!(page.has(known), "{major}: {texts:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_tell_no_secrets() -> Tested {
    // Up to 15 utility statements keep their constants, and later most do not.
    published(13).await?;
    published(18).await
}
