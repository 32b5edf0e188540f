//! What a page shows of a file is read by what reads such files.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use pglens::lab::{Cluster, StopMode};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;

use crate::pages::{self, Block, Page, root};

/// Where a page says that files of ours and their secrets are.
const PLACES: [&str; 4] =
    ["/etc/pglens/", "/etc/patroni/", "/run/secrets/", "/run/credentials/pglens.service/"];

/// The files of a page, in a folder of their own that stands for [`PLACES`].
pub struct Written(TempDir);

impl Written {
    pub fn of(page: &Page) -> Self {
        let written = Self(tempfile::tempdir().unwrap());
        for block in page.blocks().filter(is_ours) {
            written.write(&block.file, &block.text);
        }
        written
    }

    /// Within the folder, where a page names a place outside of it.
    pub fn adapt(&self, text: &str) -> String {
        let folder = format!("{}/", self.0.path().display());
        PLACES.iter().fold(text.to_owned(), |text, place| text.replace(place, &folder))
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, self.adapt(text)).unwrap();
        // As a secret has to be, and everything else may be.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What `pglens check` says of the page's configuration.
    fn check(&self, more: &[&str]) -> String {
        let checked = Command::new(env!("CARGO_BIN_EXE_pglens"))
            .arg("check")
            .args(more)
            .env_clear()
            .output()
            .unwrap();
        let said = [checked.stdout, checked.stderr].concat();
        String::from_utf8(said).unwrap()
    }

    fn is_well(&self, file: &str) {
        let config = self.path(file);
        let said = self.check(&["--config", config.to_str().unwrap()]);
        assert!(said.ends_with(": all well\n"), "{said}");
        assert!(!said.contains("left out"), "{said}");
    }
}

/// A file that pglens is given, and no part of the repository.
fn is_ours(block: &Block) -> bool {
    ["web.yml", "queries.yaml"].contains(&block.file.as_str())
        || block.file.starts_with("collectors/")
        || block.language == "toml" && !block.file.contains('/')
}

fn page(path: &str) -> Page {
    Page::read(Path::new(path))
}

/// docs/configuration.md as files, with the secrets that they name.
pub fn configuration() -> Written {
    let page = page("docs/configuration.md");
    let written = Written::of(&page);
    for secret in ["orders", "pglens", "patroni"] {
        written.write(secret, "canary-4711");
    }
    // The server whose standbys are looked for is in the page's first file.
    let whole = page.block("pglens.toml") + &page.block("standbys.toml");
    written.write("standbys.toml", &whole);
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    for (name, text) in [
        ("server.crt", cert.pem()),
        ("ca.crt", cert.pem()),
        ("server.key", signing_key.serialize_pem()),
    ] {
        written.write(name, &text);
    }
    let web = page.block("web.yml");
    assert!(web.contains("$2y$10$…"), "{web}");
    written.write("web.yml", &web.replace("$2y$10$…", &bcrypt::hash("secret", 4).unwrap()));
    written
}

#[test]
fn the_page_on_configuration_is_one() {
    let written = configuration();
    for file in ["pglens.toml", "patroni.toml", "standbys.toml"] {
        written.is_well(file);
    }
}

#[test]
fn the_page_on_deploying_shows_configurations() {
    let written = Written::of(&page("docs/deploying.md"));
    written.write("password", "canary-4711");
    for file in ["pglens.toml", "patroni.toml", "standbys.toml"] {
        written.is_well(file);
    }
}

#[test]
fn the_page_on_logs_shows_a_part_of_a_configuration() {
    let page = page("docs/logs.md");
    let written = Written::of(&page);
    let whole = format!("targets.main.dsn = 'host=h'\n{}", page.block("pglens.toml"));
    written.write("pglens.toml", &whole);
    written.is_well("pglens.toml");
}

/// The two lines that CONTRIBUTING.md adds to a collector, added.
#[test]
fn a_metric_is_two_lines() {
    let page = page("CONTRIBUTING.md");
    let written = Written(tempfile::tempdir().unwrap());
    for (file, behind) in [
        ("src/collectors/stat_archiver.sql", "\nselect\n"),
        ("src/collectors/stat_archiver.toml", "\n[metrics]\n"),
    ] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let (before, after) = text.split_once(behind).unwrap();
        let added = page.block(file);
        assert_eq!(added.lines().count(), 1, "{added}");
        let name = format!("collectors/{}", Path::new(file).file_name().unwrap().to_string_lossy());
        written.write(&name, &format!("{before}{behind}{added}{after}"));
    }
    let collectors = written.path("collectors");
    written.write("pglens.toml", "[targets.one]\ndsn = 'host=h'\n");
    let config = written.path("pglens.toml");
    let arguments = ["--config", config.to_str().unwrap(), "--collectors.directory"];
    let with = |more: &[&str]| written.check(&[&arguments[..2], more].concat());
    let count = |said: &str| -> usize {
        let (_, metrics) = said.split_once(" collectors, ").expect(said);
        metrics.strip_suffix(" metrics: all well\n").expect(metrics).parse().unwrap()
    };
    let with_both = with(&[arguments[2], collectors.to_str().unwrap()]);
    assert_eq!(count(&with_both), count(&with(&[])) + 1);
}

#[test]
fn a_panel_is_one_of_ours() {
    let file = "src/dashboards/pg-instance.toml";
    let excerpt = page("CONTRIBUTING.md").block(file);
    let whole = fs::read_to_string(root().join(file)).unwrap();
    assert!(whole.contains(excerpt.trim_end()), "not in {file}:\n{excerpt}");
}

/// Both kinds of a user's own queries, and the settings for the log, on a server.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_has_results() {
    let mut server = Cluster::builder().start().await.unwrap();
    let settings = page("docs/logs.md").block("postgresql.conf");
    server.append("postgresql.conf", &settings).unwrap();
    server.stop(StopMode::Fast).await.unwrap();
    server.start().await.unwrap();
    server.create_monitor().await.unwrap();
    server
        .execute(
            "create table orders as select 'open' as state; \
             create table carts as select 'north' as shop; \
             grant select on orders, carts to pglens",
        )
        .await
        .unwrap();
    let written = configuration();
    let polled = Command::new(env!("CARGO_BIN_EXE_pglens"))
        .args(["once", "--extend.query-path"])
        .arg(written.path("queries.yaml"))
        .arg("--collectors.directory")
        .arg(written.path("collectors"))
        .env_clear()
        .env("DATA_SOURCE_NAME", server.dsn_as("pglens", "postgres"))
        .output()
        .unwrap();
    let said = String::from_utf8(polled.stderr).unwrap();
    assert!(polled.status.success(), "{said}");
    let text = String::from_utf8(polled.stdout).unwrap();
    let port = server.port();
    for series in [
        format!("shop_orders{{server=\"127.0.0.1:{port}\",state=\"open\"}} 1"),
        "carts_open{shop=\"north\"} 1".into(),
        "pg_log_baseline_met{setting=\"logging_collector\",wanted=\"on\"} 1".into(),
    ] {
        assert!(text.lines().any(|line| line == series), "{series}:\n{said}");
    }
}

/// Every block is of a kind that some test reads: a configuration of ours by its name
/// (here), console (commands.rs), SQL and PromQL of runbooks and lessons (with a server).
#[test]
fn every_block_is_of_a_kind_that_is_tested() {
    let files: BTreeSet<_> = [
        ("CONTRIBUTING.md", "src/collectors/stat_archiver.sql"),
        ("CONTRIBUTING.md", "src/collectors/stat_archiver.toml"),
        ("CONTRIBUTING.md", "src/dashboards/pg-instance.toml"),
        ("README.md", "prometheus.yml"),
        ("deploy/helm/pglens/README.md", "values.yaml"),
        ("docs/configuration.md", "collectors/carts.sql"),
        ("docs/configuration.md", "collectors/carts.toml"),
        ("docs/configuration.md", "patroni.toml"),
        // The lab's pooler has the same line.
        ("docs/configuration.md", "pgbouncer.ini"),
        ("docs/configuration.md", "pglens.toml"),
        ("docs/configuration.md", "queries.yaml"),
        ("docs/configuration.md", "standbys.toml"),
        ("docs/configuration.md", "web.yml"),
        ("docs/deploying.md", "patroni.toml"),
        ("docs/deploying.md", "pglens.toml"),
        ("docs/deploying.md", "standbys.toml"),
        ("docs/logs.md", "pglens.toml"),
        ("docs/logs.md", "postgresql.conf"),
    ]
    .into();
    let mut untested = Vec::new();
    for page in pages::all() {
        for block in page.blocks() {
            let known = match (block.language.as_str(), block.file.as_str()) {
                ("console" | "sh" | "text", "") => true,
                ("sql", "" | "mitigation") | ("promql", "") => page.path.starts_with("docs/"),
                // PgBouncer's, which the tests of its collectors say all day.
                ("sql", "console") => block.text.lines().all(|line| line.starts_with("show ")),
                (_, file) => files.contains(&(page.path.as_str(), file)),
            };
            if !known {
                let Block { language, file, line, .. } = block;
                untested.push(format!("{}:{line}: {language} {file}", page.path));
            }
        }
    }
    assert!(untested.is_empty(), "{}", untested.join("\n"));
}

/// Of runbooks and lessons: what a person pastes into a shell is one that it reads.
#[test]
fn shell_is_read_by_the_shell() {
    for page in pages::all() {
        for block in page.blocks().filter(|block| block.language == "sh") {
            let read = Command::new("sh").args(["-n", "-c", &block.text]).output().unwrap();
            let said = String::from_utf8_lossy(&read.stderr);
            assert!(read.status.success(), "{}:{}: {said}", page.path, block.line);
        }
    }
}

#[test]
fn promql_is_promql() {
    let mut count = 0;
    for page in pages::all() {
        for block in page.blocks().filter(|block| block.language == "promql") {
            for query in block.text.split("\n\n").filter(|query| !query.trim().is_empty()) {
                let read = promql_parser::parser::parse(query);
                assert!(read.is_ok(), "{}:{}: {read:?}", page.path, block.line);
                count += 1;
            }
        }
    }
    assert!(count > 3, "only {count} queries were found");
}
