//! What the pages say to type, typed: every line of a console block is run as it is
//! written, with the program that was built and a server of the lab, or stands in a
//! short list of those that something else runs.
//!
//! Addresses and files of the pages' examples are replaced by those of the test. Lines
//! of a block that are no commands are what the command before them prints.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use pglens::lab::{Cluster, StopMode};
use tempfile::TempDir;

use crate::pages::{self, Page, root};

/// Commands that run until Ctrl-C.
const SERVING: [&str; 3] = ["pglens", "pglens demo", "pglens lab run blocking-chain --hold"];

/// Commands that are not run here: by whom, or why by nobody.
const ELSEWHERE: [(&str, &str); 14] = [
    ("cargo test", "runs this"),
    ("pglens lab run blocking-chain", "the README has it, as cargo run"),
    ("cargo test --test alerts", "a part of cargo test"),
    ("cargo test --test dashboards", "a part of cargo test"),
    ("INSTA_UPDATE=always cargo test contract", "cargo test, without writing"),
    ("PGLENS_SCENARIOS=blocking-chain cargo test --test integration lab::", "cargo test"),
    (
        "PGLENS_SCENARIOS=blocking-chain cargo test --test integration alerts:: -- --ignored",
        ".ci/run",
    ),
    (".ci/generate", "cargo test holds each file that it writes to its source"),
    ("git diff", "prints what changed"),
    ("promtool test rules alerts/tests/<area>.yml", ".ci/run"),
    (
        "tests/visual/draw --prometheus http://localhost:9090 --out pictures dashboards/*.json",
        "needs a Prometheus that has seen incidents",
    ),
    ("git tag --annotate --sign v0.2.0 --message 'pglens 0.2.0'", "makes a release"),
    ("git push origin v0.2.0", "makes a release"),
    (
        "helm install pglens deploy/helm/pglens --namespace monitoring --values values.yaml",
        "tests/helm/run renders it",
    ),
];

/// Pages that need a machine of their own.
const WALKED: [(&str, &str); 1] = [("deploy/monitoring-examples/README.md", "tests/package/run")];

/// Of pglens, on the page's server. Nothing may print it.
const PASSWORD: &str = "canary-4711";

const SOON: Duration = Duration::from_secs(60);

struct Typed {
    command: String,
    /// What the page shows of its answer.
    answers: Vec<String>,
}

/// The commands of a page, without the comments behind them.
fn typed(page: &Page) -> Vec<Typed> {
    let mut typed: Vec<Typed> = Vec::new();
    for block in page.blocks().filter(|block| block.language == "console") {
        for line in block.text.lines() {
            match (line.strip_prefix("$ "), typed.last_mut()) {
                (Some(command), _) => {
                    let command = command.split("  #").next().unwrap_or_default().trim();
                    typed.push(Typed { command: command.to_owned(), answers: Vec::new() });
                }
                (None, Some(before)) => before.answers.push(line.to_owned()),
                (None, None) => panic!("{}:{}: no command", page.path, block.line),
            }
        }
    }
    typed
}

/// A person's machine: programs, files, variables and the page's server.
struct Desk {
    folder: TempDir,
    server: Cluster,
    port: u16,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Cluster::builder().start().await.unwrap();
        // As on a server of one's own: the role of pglens has a password, and a
        // superuser comes in by the socket.
        let rules = "host all pglens 127.0.0.1/32 scram-sha-256\n";
        server.prepend("pg_hba.conf", rules).unwrap();
        server.stop(StopMode::Fast).await.unwrap();
        server.start().await.unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port();
        let desk = Self { folder, server, port };
        let listening = format!("--web.listen-address=127.0.0.1:{port}");
        let program = env!("CARGO_BIN_EXE_pglens");
        desk.script("pglens", &format!("exec {program} \"$@\" {listening}"));
        // cargo would build what is built already.
        desk.script(
            "cargo",
            "[ \"$1\" = run ] || exit 64\n\
             while [ \"$1\" != -- ]; do shift; done; shift; exec pglens \"$@\"",
        );
        desk.write("secret", PASSWORD);
        // To psql, which wants it twice.
        desk.write("answers", &format!("{PASSWORD}\n{PASSWORD}\n"));
        desk.write("environment", "");
        desk
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn script(&self, name: &str, text: &str) {
        self.write(name, &format!("#!/bin/sh\n{text}\n"));
        let path = self.folder.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn adapt(&self, command: &str) -> String {
        let folder = self.folder.path().to_string_lossy();
        command
            .replace("db.example.com:5432", &format!("127.0.0.1:{}", self.server.port()))
            .replace("/run/secrets/pglens", &format!("{folder}/secret"))
            .replace("localhost:9187", &format!("localhost:{}", self.port))
    }

    /// A shell that goes on where the last one ended.
    fn shell(&self, script: &str) -> Command {
        let folder = self.folder.path().display();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
        let script = format!(". {folder}/environment\n{}", self.adapt(script));
        // Without a terminal psql asks for passwords on standard input.
        let mut shell = Command::new("setsid");
        shell
            .args(["--wait", "bash", "-c", &script])
            .current_dir(root())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("PGUSER", "postgres")
            .env("PGHOST", self.server.socket_dir())
            .env("PGPORT", self.server.port().to_string())
            .stdin(fs::File::open(self.folder.path().join("answers")).unwrap());
        shell
    }

    fn run(&self, page: &str, typed: &Typed) {
        let command = &typed.command;
        let kept = self.folder.path().join("environment");
        let script = format!("{command}\ncode=$?; export -p >{}; exit $code", kept.display());
        let Output { status, stdout, stderr } = self.shell(&script).output().unwrap();
        let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(status.success(), "{page}: {command}: {status}\n{stdout}{stderr}");
        assert!(!(stdout.clone() + &stderr).contains(PASSWORD), "{page}: {command}");
        for answer in &typed.answers {
            assert!(stdout.lines().any(|line| line == answer), "{page}: {command}:\n{stdout}");
        }
    }

    /// Until the page has every server; then Ctrl-C, which has to be enough.
    fn serve(&self, page: &str, command: &str) {
        let said = self.folder.path().join("said");
        let out = fs::File::create(&said).unwrap();
        let mut shell = self.shell(&format!("exec {command}"));
        shell.stdout(out.try_clone().unwrap()).stderr(out).stdin(Stdio::null());
        let mut serving = Serving(shell.spawn().unwrap());
        let because = |what: &str| {
            format!("{page}: {command}: {what}\n{}", fs::read_to_string(&said).unwrap())
        };
        let began = Instant::now();
        while !self.is_up() {
            let ended = serving.0.try_wait().unwrap();
            assert!(ended.is_none(), "{}", because("ended"));
            assert!(began.elapsed() < SOON, "{}", because("no page"));
            thread::sleep(Duration::from_millis(100));
        }
        let id = serving.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let told = Instant::now();
        let status = loop {
            if let Some(status) = serving.0.try_wait().unwrap() {
                break status;
            }
            assert!(told.elapsed() < SOON, "{}", because("does not end"));
            thread::sleep(Duration::from_millis(50));
        };
        assert!(status.success(), "{}", because(&status.to_string()));
    }

    /// Whether there is a page, and every server on it is up.
    fn is_up(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else {
            return false;
        };
        let mut page = String::new();
        let asked = stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n");
        let answered = asked.and_then(|()| stream.read_to_string(&mut page)).is_ok();
        let mut up = page.lines().filter(|line| line.starts_with("pg_up")).peekable();
        answered && up.peek().is_some() && up.all(|line| line.ends_with(" 1"))
    }
}

/// What is killed with its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_run_elsewhere(command: &str) -> bool {
    ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == command)
}

/// The page's commands, one after another.
async fn typed_as_written(path: &str) {
    let desk = Desk::new().await;
    for typed in typed(&Page::read(Path::new(path))) {
        if is_run_elsewhere(&typed.command) {
            continue;
        }
        let began = Instant::now();
        match SERVING
            .contains(&typed.command.replace("cargo run --release -- ", "pglens ").as_str())
        {
            true => desk.serve(path, &typed.command),
            false => desk.run(path, &typed),
        }
        eprintln!("{:5.1} s  {}", began.elapsed().as_secs_f64(), typed.command);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs psql; .ci/run has it"]
async fn the_readme_is_typed() {
    typed_as_written("README.md").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs psql; .ci/run has it"]
async fn the_lab_is_typed() {
    typed_as_written("docs/lab.md").await;
}

#[test]
fn every_command_is_run_by_somebody() {
    let mut unused: BTreeSet<_> = ELSEWHERE.iter().map(|(command, _)| *command).collect();
    for page in pages::all() {
        let path = page.path.as_str();
        if ["README.md", "docs/lab.md"].contains(&path) || WALKED.iter().any(|(by, _)| *by == path)
        {
            continue;
        }
        for typed in typed(&page) {
            assert!(is_run_elsewhere(&typed.command), "{path}: nobody runs {}", typed.command);
        }
    }
    for page in pages::all() {
        for typed in typed(&page) {
            unused.remove(typed.command.as_str());
        }
    }
    assert!(unused.is_empty(), "no page has {unused:?}");
    for (_, by) in WALKED {
        assert!(root().join(by).exists(), "{by}");
    }
}
