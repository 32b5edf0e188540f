//! What is deployed: the unit, the examples, and what systemd is told. No server.

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use pglens::catalog::Catalog;

#[path = "../examples/package.rs"]
#[expect(dead_code, reason = "its main is not ours")]
mod package;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pglens() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pglens"));
    command.env_clear().stdin(Stdio::null());
    command
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "nothing in {folder}");
    files
}

#[test]
fn the_examples_for_managed_services_are_all_well() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["password", "global-bundle.pem", "server-ca.pem"] {
        fs::write(folder.path().join(file), "canary-4711\n").unwrap();
    }
    let here = format!("{}/", folder.path().display());
    for path in files("deploy/examples", "toml") {
        // The password is where systemd would put it, certificates beside the configuration.
        let text = fs::read_to_string(&path).unwrap();
        let text =
            text.replace("/run/credentials/pglens.service/", &here).replace("/etc/pglens/", &here);
        let example = folder.path().join(path.file_name().unwrap());
        fs::write(&example, text).unwrap();
        let checked = pglens().arg("check").arg("--config").arg(&example).output().unwrap();
        let said = String::from_utf8(checked.stdout).unwrap();
        let wrong = String::from_utf8(checked.stderr).unwrap();
        assert!(checked.status.success(), "{}: {wrong}", path.display());
        assert!(said.ends_with(": all well\n"), "{said}");
        assert!(!said.contains("sslmode=prefer"), "{}: {said}", path.display());
    }
}

/// A daemon that is told to watch a server, under a service manager.
struct Supervised {
    child: Child,
    manager: UnixDatagram,
    _folder: tempfile::TempDir,
}

impl Supervised {
    fn start(server: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("notify");
        let manager = UnixDatagram::bind(&socket).unwrap();
        manager.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let child = pglens()
            .args(["serve", "--web.listen-address", "127.0.0.1:0"])
            .env("DATA_SOURCE_NAME", server)
            .env("NOTIFY_SOCKET", &socket)
            .env("WATCHDOG_USEC", "300000")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, manager, _folder: folder }
    }

    fn told(&self) -> String {
        let mut buffer = [0; 256];
        let length = self.manager.recv(&mut buffer).expect("nothing within ten seconds");
        String::from_utf8_lossy(&buffer[..length]).trim_end().to_owned()
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn systemd_is_told_of_readiness_of_progress_and_of_the_end() {
    // One that nobody runs, and one that takes a connection and never says a word:
    // neither is a reason to restart pglens.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("postgresql://u@{}/db?sslmode=disable", silent.local_addr().unwrap());
    for server in ["postgresql://u@127.0.0.1:1/db", &silent] {
        let mut supervised = Supervised::start(server);
        assert_eq!(supervised.told(), "READY=1");
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(2) {
            assert_eq!(supervised.told(), "WATCHDOG=1", "{server}");
        }
        let id = supervised.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        while supervised.told() != "STOPPING=1" {}
        let told = Instant::now();
        while supervised.child.try_wait().unwrap().is_none() {
            assert!(told.elapsed() < Duration::from_secs(20), "still there");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
#[ignore = "needs systemd; .ci/run has it"]
fn the_unit_is_as_tight_as_promised() {
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold=15"])
        .arg(root().join("deploy/systemd/pglens.service"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "exposed by more than 1.5:\n{said}");
}

#[test]
fn manual_pages_and_completions_are_made_of_the_command_line() {
    let files = package::generated(&Catalog::builtin().unwrap());
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    assert!(text("man/pglens.1").contains("pglens\\-doctor(1)"));
    assert!(text("man/pglens-doctor.1").contains("Example"));
    let whole = text("man/pglens.1");
    let (synopsis, rest) = whole.split_once("SH DESCRIPTION").unwrap();
    assert!(synopsis.contains("config") && !synopsis.contains("collector\\."), "{synopsis}");
    assert!(rest.contains("collector.blocking"), "{rest}");
    for (name, file) in &files {
        let text = String::from_utf8(file.clone()).unwrap();
        let lab = ["throwaway", "lessons --"].iter().any(|word| text.contains(word));
        assert!(!lab && file.len() > 300, "{name}: packages do not have the lab");
    }
}

#[test]
fn packages_and_chart_have_the_version_of_the_crate() {
    let text = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let changelog = text("deploy/package/changelog");
    assert!(changelog.starts_with(&format!("pglens ({version}-1) unstable; ")), "{changelog}");
    let chart = text("deploy/helm/pglens/Chart.yaml");
    for line in [format!("version: {version}"), format!("appVersion: {version}")] {
        assert!(chart.lines().any(|own| own == line), "{line} in {chart}");
    }
}

/// Files below a folder, with those of its folders.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

/// Docker has nothing but what its ignore file lets through.
#[test]
fn the_image_is_built_with_all_that_the_build_reads() {
    let ignored = fs::read_to_string(root().join("deploy/docker/Dockerfile.dockerignore")).unwrap();
    let context: Vec<_> = ignored
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .map(|path| root().join(path))
        .collect();
    let is_there = |path: &Path| {
        assert!(path.exists(), "{}", path.display());
        context.iter().any(|known| path.starts_with(known))
    };
    assert!(context.iter().all(|path| path.exists()), "{ignored}");

    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    for (kind, folder) in [("test", "tests"), ("bench", "benches"), ("example", "examples")] {
        for target in manifest.get(kind).and_then(toml::Value::as_array).into_iter().flatten() {
            let file = format!("{folder}/{}.rs", target["name"].as_str().unwrap());
            assert!(is_there(&root().join(&file)), "Cargo.toml names {file}");
        }
    }
    let mut included = 0;
    for source in below(&root().join("src")) {
        if source.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = fs::read_to_string(&source).unwrap();
        for piece in text.split("include_").skip(1) {
            let file = ["str!(\"", "bytes!(\"", "dir!(\"$CARGO_MANIFEST_DIR/"]
                .iter()
                .find_map(|start| piece.strip_prefix(start))
                .and_then(|rest| rest.split_once('"'));
            let Some((file, _)) = file else { continue };
            let beside = if piece.starts_with("dir!") { root() } else { source.parent().unwrap() };
            let path = beside.join(file).canonicalize().unwrap();
            assert!(is_there(&path), "{} includes {file}", source.display());
            included += 1;
        }
    }
    assert!(included > 10, "{included}");
}

/// Grafana's own reader takes an unknown key without a word.
#[test]
fn what_grafana_is_provisioned_with_has_the_keys_that_it_knows() {
    let read = |path: &str| -> serde_json::Value {
        let text = fs::read_to_string(root().join("deploy/grafana/provisioning").join(path));
        serde_saphyr::from_str(&text.unwrap()).unwrap()
    };
    let keys = |value: &serde_json::Value, known: &[&str]| {
        for key in value.as_object().unwrap().keys() {
            assert!(known.contains(&key.as_str()), "{key} is none of {known:?}");
        }
    };
    let sources = read("datasources/prometheus.yaml");
    keys(&sources, &["apiVersion", "datasources", "deleteDatasources", "prune"]);
    let source = &sources["datasources"][0];
    keys(
        source,
        &[
            "name",
            "uid",
            "type",
            "access",
            "orgId",
            "url",
            "user",
            "database",
            "basicAuth",
            "basicAuthUser",
            "withCredentials",
            "isDefault",
            "jsonData",
            "secureJsonData",
            "version",
            "editable",
        ],
    );
    keys(
        &source["jsonData"],
        &[
            "httpMethod",
            "timeInterval",
            "queryTimeout",
            "manageAlerts",
            "prometheusType",
            "prometheusVersion",
            "cacheLevel",
            "disableMetricsLookup",
            "customQueryParameters",
            "incrementalQuerying",
            "incrementalQueryOverlapWindow",
            "disableRecordingRules",
            "exemplarTraceIdDestinations",
            "seriesEndpoint",
            "defaultEditor",
        ],
    );
    let providers = read("dashboards/pglens.yaml");
    keys(&providers, &["apiVersion", "providers"]);
    let provider = &providers["providers"][0];
    keys(
        provider,
        &[
            "name",
            "orgId",
            "folder",
            "folderUid",
            "type",
            "disableDeletion",
            "updateIntervalSeconds",
            "allowUiUpdates",
            "options",
        ],
    );
    keys(&provider["options"], &["path", "foldersFromFilesStructure"]);
    let compose = fs::read_to_string(root().join("deploy/compose/compose.yaml")).unwrap();
    let mount = format!("../../dashboards:{}:ro", provider["options"]["path"].as_str().unwrap());
    assert!(compose.contains(&mount), "{mount}");
}

/// A folder or file that a deployment names is there.
#[test]
fn what_the_deployments_refer_to_exists() {
    let compose = fs::read_to_string(root().join("deploy/compose/compose.yaml")).unwrap();
    let mounted = compose.lines().filter_map(|line| line.trim().strip_prefix("- ."));
    let mut count = 0;
    for mount in mounted {
        let path = format!(".{}", mount.split(':').next().unwrap());
        assert!(root().join("deploy/compose").join(&path).exists(), "{path}");
        count += 1;
    }
    assert!(count >= 8, "{count}");

    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for word in manifest.split('"').filter(|word| word.starts_with("deploy/")) {
        let path = word.split('*').next().unwrap();
        assert!(root().join(path).exists(), "Cargo.toml: {word}");
    }
}
