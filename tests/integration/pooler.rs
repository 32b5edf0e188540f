//! A pooler in the way: it must never be left with settings of ours, which the
//! next application on the same connection would inherit.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use pglens::lab::Cluster;
use tokio::net::TcpStream;

use crate::support::{Tested, Watching, config};

const SOON: Duration = Duration::from_secs(20);

/// PgBouncer in transaction mode before a server; ends when it is dropped.
struct PgBouncer {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).unwrap();
    }
}

impl PgBouncer {
    async fn start(server: &Cluster, more: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let file = folder.path().join("pgbouncer.ini");
        let users = folder.path().join("users.txt");
        std::fs::write(&users, "\"pglens\" \"\"\n\"postgres\" \"\"\n")?;
        std::fs::write(
            &file,
            format!(
                "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nauth_type = trust\nauth_file = {}\npool_mode = transaction\n\
                 default_pool_size = 1\nunix_socket_dir =\n{more}\n",
                server.port(),
                users.display()
            ),
        )?;
        for path in [folder.path(), &file, &users] {
            let mode = if path.is_dir() { 0o755 } else { 0o644 };
            std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))?;
        }
        // It refuses to run as root, and `--user` lets it change to another.
        let process = Command::new("pgbouncer")
            .args(["--quiet", "--user", "nobody"])
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()?;
        let bouncer = Self { process, port, _folder: folder };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(bouncer);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err("PgBouncer does not listen".into())
    }

    fn dsn(&self, user: &str) -> String {
        format!("postgresql://{user}@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PgBouncer; .ci/run has it"]
async fn a_transaction_pooler_is_refused_and_left_as_it_was() -> Tested {
    let primary = Cluster::builder().major(17).start().await?;
    primary.create_monitor().await?;
    for more in ["", "ignore_startup_parameters = options"] {
        let bouncer = PgBouncer::start(&primary, more).await?;
        let watching = Watching::start(&config(&[("server", bouncer.dsn("pglens"))])).await;
        let page = watching
            .until("the reason", SOON, |page| {
                page.value("pglens_target_failure{reason=\"configuration\"}") == Some(1.0)
            })
            .await;
        assert_eq!(page.value("pg_up"), Some(0.0));
        let (_, body) = watching.request("GET /").await;
        assert!(body.contains("startup parameter"), "{body}");

        // Whoever gets the pooled connection next has the server's own settings.
        use sqlx::ConnectOptions;
        let options: sqlx::postgres::PgConnectOptions = bouncer.dsn("pglens").parse()?;
        let mut application = options.extra_float_digits(None).connect().await?;
        let settings: (String, String) = sqlx::query_as(
            "select current_setting('statement_timeout'), \
             current_setting('default_transaction_read_only')",
        )
        .persistent(false)
        .fetch_one(&mut application)
        .await?;
        assert_eq!(settings, ("0".to_owned(), "off".to_owned()));
    }
    Ok(())
}
