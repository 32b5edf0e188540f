//! The status page as a browser shows it.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use pglens::lab::demo::{Demo, Options};
use pglens::lab::{Cluster, StopMode};
use tokio::process::Command;

use crate::support::{Tested, Watching, config};

const SOON: Duration = Duration::from_secs(60);

/// Nothing but the page: no first run, no updates, no other requests.
const QUIET: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // The picture is of a page that is there: this clock stands while something loads.
    // It ends before the page loads itself again.
    "--virtual-time-budget=2000",
    "--enable-logging=stderr",
];

/// Areas that must show how they do, with a figure of theirs and a number.
const AREAS: [&str; 5] = [
    "Buffer cache and I/O",
    "WAL, checkpoints and archiving",
    "Locks and waits",
    "Bloat",
    "Replication",
];

async fn chromium(arguments: &[&str]) -> Output {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(QUIET)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(SOON, output).await.expect("chromium ends").unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    let console: Vec<_> = log.lines().filter(|line| line.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:?}");
    output
}

/// The page's elements, one section a server.
async fn dom(url: &str) -> String {
    let output = chromium(&["--dump-dom", url]).await;
    String::from_utf8(output.stdout).unwrap()
}

/// A picture of the page, left in `target/` for people to look at.
async fn picture(url: &str, name: &str, arguments: &[&str]) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(name);
    let _ = std::fs::remove_file(&path);
    let screenshot = format!("--screenshot={}", path.display());
    let mut picture = Vec::new();
    // On a busy machine it may be taken before anything is drawn, and is a small file then.
    for _ in 0..5 {
        chromium(&[&[screenshot.as_str()], arguments, &[url]].concat()).await;
        picture = std::fs::read(&path).unwrap();
        if picture.len() > 10_000 {
            break;
        }
    }
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 10_000, "{} bytes", picture.len());
}

/// The text of a server's section.
fn section<'a>(dom: &'a str, server: &str) -> &'a str {
    let sections = dom.split("<section").skip(1);
    let mut of_server = sections.filter(|section| section.contains(&format!("<h2>{server}<span")));
    let section = of_server.next().unwrap_or_else(|| panic!("no section of {server} in {dom}"));
    section.split("</section>").next().unwrap()
}

/// The values of an area's figures; what is not known has none.
fn figures<'a>(section: &'a str, area: &str) -> Vec<&'a str> {
    let area = format!("<div class=\"area\">{area}</div>");
    let of_area = section.split("<div class=\"figure\">").filter(|figure| figure.contains(&area));
    let value = |figure: &'a str| {
        Some(figure.split_once("<div class=\"value\">")?.1.split_once("</div>")?.0)
    };
    of_area.filter_map(value).collect()
}

async fn watch(servers: &[(&str, &Cluster)]) -> Watching {
    let targets: Vec<_> =
        servers.iter().map(|(name, server)| (*name, server.dsn_as("pglens", "shop"))).collect();
    Watching::start(&config(&targets)).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium; .ci/run runs it"]
async fn a_browser_shows_servers_figures_and_why_one_is_down() -> Tested {
    let mut demo = Demo::start(Options::default()).await?;
    let watching = watch(&[("primary", &demo.primary), ("replica", &demo.replica)]).await;
    let url = format!("http://{}/", watching.daemon.addresses[0]);

    // A rate needs two polls, and those of all areas are done within half a minute.
    watching.until("first polls", SOON, |page| page.has("pg_table_bloat_bytes{")).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let page = dom(&url).await;
    for server in ["primary", "replica"] {
        let section = section(&page, server);
        assert!(section.contains("<span class=\"up\">up</span>"), "{server}: {section}");
    }
    for area in AREAS {
        let values = figures(section(&page, "primary"), area);
        let numbers = values.iter().filter(|value| value.starts_with(|c: char| c.is_ascii_digit()));
        assert!(numbers.count() >= 1, "{area} of the primary: {values:?}");
    }
    let lag = figures(section(&page, "replica"), "Replication");
    assert!(!lag.is_empty(), "the replica's lag");
    picture(&url, "status-page.png", &["--window-size=1280,1000"]).await;

    demo.replica.stop(StopMode::Immediate).await?;
    watching
        .until("the replica is down", SOON, |page| {
            page.value("pg_up{target=\"replica\"}") == Some(0.0)
        })
        .await;
    assert_eq!(watching.request("GET /").await.0, "HTTP/1.1 200 OK");
    let page = dom(&url).await;
    let replica = section(&page, "replica");
    assert!(replica.contains("<span class=\"down\">down</span>"), "{replica}");
    assert!(replica.contains("<p class=\"error\">refused: "), "{replica}");
    assert!(section(&page, "primary").contains("<span class=\"up\">up</span>"));
    assert!(replica.contains("<div class=\"figures old\">"), "{replica}");

    // At night, and on a telephone, which a window cannot be as narrow as.
    let dark = ["--window-size=1280,1000", "--blink-settings=preferredColorScheme=0"];
    picture(&url, "status-page-dark.png", &dark).await;
    let telephone =
        format!("data:text/html,<iframe src={url} width=400 height=1560 style=border:0>");
    let framed = ["--window-size=500,1600", "--disable-features=LocalNetworkAccessChecks"];
    picture(&telephone, "status-page-narrow.png", &framed).await;
    Ok(())
}
