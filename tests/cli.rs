//! The program as a person meets it: what it says, with which exit code, and
//! that no password is in it. No database, and nothing of our own environment.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Recognisable in whatever is printed, and never right.
const CANARY: &str = "canary-4711";

/// A server that nobody runs.
const NOBODY: (&str, &str) = ("DATA_SOURCE_NAME", "postgresql://u:canary-4711@127.0.0.1:1/db");

fn pglens(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pglens"));
    command.args(arguments).env_clear().envs(environment.iter().copied()).stdin(Stdio::null());
    command
}

/// What a run said and how it ended.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn of(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let Output { status, stdout, stderr } = pglens(arguments, environment).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let said = Self { code: status.code().unwrap(), out: text(stdout), err: text(stderr) };
        assert!(
            !said.out.contains(CANARY) && !said.err.contains(CANARY),
            "{}{}",
            said.out,
            said.err
        );
        assert!(!said.err.contains("panicked"), "{}", said.err);
        said
    }
}

/// `check` of a configuration file's text.
fn check(text: &str, environment: &[(&str, &str)]) -> Said {
    let (_folder, path) = file("pglens.toml", text);
    let mut said = Said::of(&["check", "--config", path.to_str().unwrap()], environment);
    said.err = said.err.replace(path.to_str().unwrap(), "pglens.toml");
    said
}

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn a_good_configuration_is_all_well() {
    let text = "[targets.one]\ndsn = \"postgresql://u:canary-4711@127.0.0.1:1/db\"\n\
                [collectors.blocking]\ninterval = \"30s\"\n";
    let said = check(text, &[]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("target one: u@127.0.0.1:1/db sslmode=prefer\n"), "{}", said.out);
    assert!(said.out.ends_with(" metrics: all well\n"), "{}", said.out);
}

#[test]
fn what_is_wrong_is_said_where_and_how() {
    for (text, message) in [
        (
            "[web]\nlisten_adress = \":1\"",
            "pglens.toml:2: unknown field `listen_adress`, expected ",
        ),
        ("[web]\nlisten_address = 1", "pglens.toml:2: expected an address or a list of addresses"),
        (
            "[limits]\nconnections = \"x\"",
            "pglens.toml:2: invalid type: a string, expected a whole number",
        ),
        ("[limits]\nconnections = 1", "limits.connections = 1: 2 are needed, "),
        ("[collectors.bloking]", "there is no collector \"bloking\"; did you mean \"blocking\"?"),
        (
            "[collectors.blocking]\ninterval = \"1s\"\ntimeout = \"1m\"",
            "collector \"blocking\": its timeout of 1m must be below its interval of 1s",
        ),
        (
            "[collectors.stat_user_tables]\nkeep = 2",
            "collectors.stat_user_tables.keep = 2: it ranks by",
        ),
        (
            "[collectors.blocking]\nkeep = 9",
            "collectors.blocking.keep = 9: it does not rank objects",
        ),
        (
            "[collectors.blocking]\ninterval = \"soon\"",
            "pglens.toml:2: invalid value: a string, expected a duration such as \"30s\"",
        ),
        ("[log]\nlevel = \"loud\"", "log.level must be error, warn, info, debug or trace"),
        ("[web]\nlisten_address = \"here\"", "cannot listen on here: write host:port or :port"),
        ("[web]\nlisten_address = \":99999\"", "cannot listen on :99999: write host:port or :port"),
        (
            "[web]\ntelemetry_path = \"metrics\"",
            "cannot serve metrics at metrics: write a path that",
        ),
        ("[web]\ntelemetry_path = \"/sd\"", "cannot serve metrics at /sd: write a path that"),
        ("[web]\ntelemetry_path = \"/{x\"", "cannot serve metrics at /{x: write a path that"),
    ] {
        let said = check(text, &[NOBODY]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{text}");
        assert!(said.err.starts_with(&format!("pglens: {message}")), "{text}\n{}", said.err);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    }
}

#[test]
fn targets_that_cannot_be_used_are_named() {
    for (text, message) in [
        ("", "no server to watch: set DATA_SOURCE_NAME, for example "),
        ("[targets.one]", "target \"one\" has no dsn"),
        ("[targets.one]\ndsn = 'postgresql://u:canary-4711@h:port/d'", "target \"one\": port in "),
        ("[targets.one]\ndsn = 'host=h password=a canary-4711'", "target \"one\": the connection"),
        ("[targets.one]\ndsn = 'postgresql://u:canary-4711@h/d", "pglens.toml:2: "),
        ("[targets.one]\ndsn = ['canary-4711']", "pglens.toml:2: "),
        (
            "[targets.one]\ndsn = 'host=h'\npassword_file = 'canary-4711'",
            "target \"one\": the file of password_file cannot be read",
        ),
        (
            "[targets.one]\ndsn = 'host=h user=u sslmode=verify-full sslrootcert=/nowhere'",
            "target \"one\": the file of sslrootcert cannot be read: there is no such file",
        ),
        (
            "[discover.one]\npatroni = 'https://h'\ntls.ca_file = '/nowhere'\n\
             target.dsn = 'user=u'",
            "discover.one: TLS: ca_file: ",
        ),
        (
            "[discover.one]\npatroni = 'http://h'\ntarget.dsn = 'user=u'\n\
             basic_auth = { username = 'u', password_file = 'canary-4711' }",
            "discover.one: basic_auth.password_file: there is no such file",
        ),
    ] {
        let said = check(text, &[]);
        assert_eq!(said.code, 1, "{text}");
        assert!(said.err.starts_with(&format!("pglens: {message}")), "{text}\n{}", said.err);
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let said = Said::of(&["check", "--config", "missing.toml"], &[NOBODY]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("pglens: cannot read missing.toml: No such file"), "{}", said.err);
}

#[test]
fn help_has_every_command_and_one_line_a_collector() {
    let said = Said::of(&["--help"], &[]);
    assert_eq!(said.code, 0);
    for command in ["serve", "check", "doctor", "once", "catalog"] {
        assert!(said.out.contains(&format!("\n  {command} ")), "{command}");
    }
    assert!(said.out.contains("--collector.blocking\n"));
    assert!(!said.out.contains("--no-collector.blocking\n"));
    assert!(said.out.contains("--no-collector.NAME"));
}

#[test]
fn collectors_are_switched_by_name() {
    // The last is the name that 0.11 had.
    for switch in
        ["--no-collector.blocking", "--collector.buffercache_relations", "--collector.bgwriter"]
    {
        assert_eq!(Said::of(&["check", switch], &[NOBODY]).code, 0, "{switch}");
    }
    let said = Said::of(&["check", "--collector.stat_statements.exclude_users=batch"], &[NOBODY]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("[exclude]"), "{}", said.err);
    let said = Said::of(&["check", "--no-collector.bloking"], &[NOBODY]);
    assert_eq!(said.code, 1);
    assert_eq!(said.err, "pglens: there is no collector \"bloking\"; did you mean \"blocking\"?\n");
    assert_eq!(Said::of(&["chek"], &[NOBODY]).code, 2);
}

#[test]
fn what_the_user_adds_is_checked_and_what_is_left_out_is_said() {
    let queries = "pg_locks:\n  query: select 1 as count, 2 as mine\n  metrics:\n    \
                   - count: {usage: GAUGE}\n    - mine: {usage: GAUGE}\n";
    let (_folder, path) = file("queries.yaml", queries);
    let path = path.to_str().unwrap();
    let said = Said::of(&["check", "--extend.query-path", path], &[NOBODY]);
    let left_out = format!("{path}:1: pg_locks: left out: collector locks has pg_locks_count\n");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with(&left_out), "{}", said.out);
    let switched = ["check", "--no-collector.custom_pg_locks", "--extend.query-path", path];
    assert_eq!(Said::of(&switched, &[NOBODY]).code, 0);
    let said = Said::of(&["check", "--no-collector.custom_pg_locks"], &[NOBODY]);
    assert_eq!(said.code, 1);
    let said = Said::of(&["check"], &[NOBODY, ("PG_EXPORTER_EXTEND_QUERY_PATH", "/nowhere")]);
    assert!(said.err.starts_with("pglens: /nowhere: cannot be read: "), "{}", said.err);

    let (_folder, path) = file("web.yml", "basic_auth_users:\n  a: canary-4711\n");
    let path = path.to_str().unwrap();
    let said = Said::of(&["check", "--web.config.file", path], &[NOBODY]);
    let wrong = format!("pglens: {path}:2: basic_auth_users: the value of a is no bcrypt hash\n");
    assert_eq!((said.code, said.err), (1, wrong));
}

#[test]
fn the_catalogue_is_printed_for_people_programs_and_psql() {
    let print = |more: &[&str]| Said::of(&[&["catalog"], more].concat(), &[]);
    assert!(print(&["--format", "md"]).out.starts_with("# Metrics\n"));
    let json: serde_json::Value = serde_json::from_str(&print(&["--format", "json"]).out).unwrap();
    assert!(json.as_array().unwrap().iter().any(|metric| metric["name"] == "pg_up"));
    let of = |major| print(&["--format", "sql", "--major", major]).out;
    assert!(of("18").contains("-- stat_io.18.sql: "));
    assert!(of("16").contains("-- stat_io.sql: "));
    assert!(!of("13").contains("-- stat_io"));
    assert_eq!(print(&["--format", "xml"]).code, 2);
    let unknown = print(&["--format", "sql", "--major", "12"]);
    assert_eq!((unknown.code, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("12 is not in 13..=18"), "{}", unknown.err);
}

/// Every way to give a password; [`Said`] finds it wherever it comes out.
#[test]
fn once_without_a_server_says_down_and_no_password() {
    let (_folder, secret) = file("secret", CANARY);
    let secret = secret.to_str().unwrap();
    let (_folder, uri) = file("uri", "u:canary-4711@127.0.0.1:1/db");
    let (_folder, config) = file("pglens.toml", &format!("[targets.one]\ndsn = '{}'", NOBODY.1));
    let server = ("DATA_SOURCE_URI", "127.0.0.1:1/db");
    for environment in [
        &[NOBODY][..],
        &[("DATA_SOURCE_NAME", "host=127.0.0.1 port=1 user=u password='canary-4711'")],
        &[("PGHOST", "127.0.0.1"), ("PGPORT", "1"), ("PGUSER", "u"), ("PGPASSWORD", CANARY)],
        &[server, ("DATA_SOURCE_USER", "u"), ("DATA_SOURCE_PASS", CANARY)],
        &[server, ("DATA_SOURCE_USER", "u"), ("DATA_SOURCE_PASS_FILE", secret)],
        &[("DATA_SOURCE_URI_FILE", uri.to_str().unwrap())],
        &[("PGLENS_CONFIG", config.to_str().unwrap())],
    ] {
        for level in ["warn", "trace"] {
            let said = Said::of(&["once", "--log.level", level], environment);
            assert_eq!(said.code, 1, "{environment:?} {}", said.err);
            assert!(said.out.contains("\npg_up 0\n"), "{environment:?} {}", said.out);
            assert!(said.out.contains("\npglens_target_failure{reason=\"refused\"} 1\n"));
            assert!(said.err.contains(": Connection refused"), "{}", said.err);
        }
    }
}

#[test]
fn what_is_written_for_servers_and_not_read_is_said() {
    let (_folder, config) = file("pglens.toml", &format!("[targets.one]\ndsn = '{}'", NOBODY.1));
    let environment =
        [NOBODY, ("DATA_SOURCE_PASS", CANARY), ("PGLENS_CONFIG", config.to_str().unwrap())];
    for (command, code) in [("check", 0), ("once", 1)] {
        let said = Said::of(&[command], &environment);
        assert_eq!(said.code, code, "{}", said.err);
        let text = format!("{}{}", said.out, said.err);
        for unused in
            ["DATA_SOURCE_PASS is not read", "[targets] and [discover] of the configuration"]
        {
            assert!(text.contains(unused), "{command}: {text}");
        }
    }
    let said = Said::of(&["check"], &[NOBODY]);
    assert!(!said.out.contains("is not read"), "{}", said.out);
}

#[test]
fn who_cannot_connect_is_told_what_to_do_next() {
    // Something that is not PostgreSQL.
    let somebody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = somebody.local_addr().unwrap();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = somebody.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    let other = format!("postgresql://u@{address}/db");
    for (dsn, step) in [
        (NOBODY.1, "nobody listens there: "),
        ("host=/nowhere user=u", "nobody listens there: "),
        ("host=nowhere.invalid user=u", "check the host's name, "),
        (&other, "see whether it is PostgreSQL that answers on this port, "),
    ] {
        let said = Said::of(&["doctor"], &[("DATA_SOURCE_NAME", dsn)]);
        assert_eq!((said.code, said.err.as_str()), (1, ""), "{}", said.out);
        assert!(said.out.contains(&format!("\n  next: {step}")), "{}", said.out);
    }
    answering.join().unwrap();
}

/// A daemon that is killed with its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn serve_stops_at_once_when_told_to() {
    let arguments = ["serve", "--web.listen-address", "127.0.0.1:0"];
    let child = pglens(&arguments, &[NOBODY]).stderr(Stdio::piped()).spawn().unwrap();
    let mut serving = Serving(child);
    let mut log = BufReader::new(serving.0.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("listening") {
        assert!(log.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }

    let told = Instant::now();
    let kill = format!("kill -TERM {}", serving.0.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let code = loop {
        if let Some(status) = serving.0.try_wait().unwrap() {
            break status.code();
        }
        assert!(told.elapsed() < Duration::from_secs(3), "still there");
        std::thread::sleep(Duration::from_millis(10));
    };
    log.read_to_string(&mut said).unwrap();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains(CANARY), "{said}");
}

#[test]
fn serve_on_a_busy_port_says_so() {
    let somebody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = somebody.local_addr().unwrap().to_string();
    let said = Said::of(&["serve", "--web.listen-address", &address], &[NOBODY]);
    assert_eq!(said.code, 1);
    let message = format!("pglens: cannot listen on {address}: Address already in use");
    assert!(said.err.starts_with(&message), "{}", said.err);
}

/// The answer to a request.
fn ask(address: &str, request: &str) -> String {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = format!("{request} HTTP/1.0\r\nHost: test\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_configuration_is_read_again_when_it_is_good_and_refused_when_it_is_not() {
    let target = |name: &str| format!("[targets.{name}]\ndsn = '{}'\n", NOBODY.1);
    let (_folder, path) = file("pglens.toml", &target("first"));
    let config = path.to_str().unwrap();
    let address = "--web.listen-address=127.0.0.1:0";
    let arguments = ["serve", address, "--web.enable-lifecycle", "--config", config];
    let child = pglens(&arguments, &[]).stderr(Stdio::piped()).spawn().unwrap();
    let mut serving = Serving(child);
    let mut log = BufReader::new(serving.0.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("address=") {
        assert!(log.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }
    let address = said.split_once("address=").unwrap().1.split_whitespace().next().unwrap();
    assert!(!ask(address, "GET /sd").contains("second"));

    std::fs::write(&path, target("first") + &target("second")).unwrap();
    let answer = ask(address, "POST /-/reload");
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert!(ask(address, "GET /sd").contains("second"));

    std::fs::write(&path, target("third") + "[targets.third]\n").unwrap();
    let answer = ask(address, "POST /-/reload");
    assert!(answer.starts_with("HTTP/1.0 500") && answer.contains("pglens.toml:3"), "{answer}");
    assert!(!answer.contains(CANARY), "{answer}");
    assert!(ask(address, "GET /sd").contains("second"), "the old one stays");
    assert!(ask(address, "GET /metrics").contains("pglens_config_last_reload_successful 0"));

    std::fs::write(&path, target("fourth")).unwrap();
    let hangup = format!("kill -HUP {}", serving.0.id());
    assert!(Command::new("sh").args(["-c", &hangup]).status().unwrap().success());
    let told = Instant::now();
    while !ask(address, "GET /sd").contains("fourth") {
        assert!(told.elapsed() < Duration::from_secs(5), "not read again");
        std::thread::sleep(Duration::from_millis(20));
    }
}
