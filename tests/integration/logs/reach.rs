//! Whether a log can be read, and what is said where it cannot.

use pglens::lab::Cluster;
use pglens::logs::{Read, Wishes};

use super::{SOON, only_the_log, readers};
use crate::support::{Tested, Watching};

/// What says so on the page.
const SKIPPED: &str = "pglens_collector_skipped{collector=\"log\",because=";

async fn says(server: &Cluster, wishes: Wishes, what: &str) {
    let all = readers(server);
    let mut config = only_the_log(&all[..1]);
    config.targets[0].logs = wishes;
    let watching = Watching::start(&config).await;
    watching.until(what, SOON, |page| page.has(what)).await;
    watching.daemon.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_cannot_be_read_is_absent_and_says_why() -> Tested {
    let server = Cluster::builder().logged().major(16).start().await?;
    server.create_monitor().await?;
    let directory = tempfile::tempdir()?;
    let elsewhere = Wishes { directory: Some(directory.path().into()), ..Wishes::default() };
    // At hand; not at hand, and SQL not granted; granted.
    says(&server, Wishes::default(), "pglens_log_source{format=\"stderr\",via=\"file\"} 1").await;
    says(&server, elsewhere.clone(), &format!("{SKIPPED}\"privilege\"}} 1")).await;
    server
        .execute("grant execute on function pg_read_binary_file(text, bigint, bigint, boolean) to pglens")
        .await?;
    says(&server, elsewhere.clone(), "pglens_log_source{format=\"stderr\",via=\"sql\"} 1").await;
    // A file of the same name that is another server's is not taken for ours.
    for file in std::fs::read_dir(server.logs())? {
        std::fs::write(directory.path().join(file?.file_name()), "LOG:  of somebody else\n")?;
    }
    let file = Wishes { read: Read::File, ..elsewhere };
    says(&server, file, &format!("{SKIPPED}\"privilege\"}} 1")).await;
    server.execute("alter system set log_destination = 'syslog'").await?;
    server.execute("select pg_reload_conf()").await?;
    says(&server, Wishes::default(), &format!("{SKIPPED}\"setting\"}} 1")).await;

    let silent = Cluster::builder().major(17).start().await?;
    silent.create_monitor().await?;
    says(&silent, Wishes::default(), &format!("{SKIPPED}\"setting\"}} 1")).await;
    Ok(())
}
