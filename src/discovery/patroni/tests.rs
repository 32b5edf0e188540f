use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::config::{ClientTls, Login};

/// What Patroni 4.1.5 answers while a standby is made, one streams, and one has told
/// nothing yet; fields that are not read are left out here and there.
const CLUSTER_4: &str = r#"{"members": [
    {"name": "db1", "role": "leader", "state": "running", "api_url": "http://10.0.0.1:8008/patroni",
     "host": "10.0.0.1", "port": 5432, "timeline": 1},
    {"name": "db2", "role": "replica", "state": "creating replica", "host": "10.0.0.2",
     "port": 5432, "receive_lsn": "unknown", "lag": "unknown"},
    {"name": "db3", "role": "replica", "state": "streaming", "host": "db3.example.com",
     "port": 5433, "timeline": 1, "lag": 0, "tags": {"nofailover": true}},
    {"name": "db4", "role": "replica", "state": ""}
  ], "scope": "batman", "pause": true}"#;

/// And Patroni 3.0.2, whose scope is elsewhere.
const CLUSTER_3: &str = r#"{"members": [{"name": "db1", "role": "leader", "state": "running",
    "api_url": "http://127.0.0.1:8008/patroni", "host": "127.0.0.1", "port": 5432}]}"#;
const PATRONI_3: &str = r#"{"state": "running", "role": "master", "server_version": 150018,
    "patroni": {"version": "3.0.2", "scope": "robin"}}"#;

fn ok(body: &str) -> String {
    format!("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}")
}

/// Answers one request after the other, and returns what was asked.
async fn serve(answers: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            asked.push(String::from_utf8(request).unwrap());
            // Who has read enough hangs up.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
        asked
    });
    (address, serving)
}

fn patroni(addresses: &[&str]) -> Patroni {
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    Patroni { addresses, login: None, tls: ClientTls::default() }
}

async fn refusal(answer: String) -> String {
    let (address, _) = serve(vec![answer]).await;
    let error = members(&patroni(&[&address])).await.unwrap_err().to_string();
    error.replace(&address, "")
}

#[tokio::test]
async fn members_have_names_places_and_the_cluster() {
    let (address, serving) = serve(vec![ok(CLUSTER_4)]).await;
    let listed = members(&patroni(&[&address])).await.unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|one| (&*one.member.name, &*one.member.host, one.member.port, one.running))
        .collect();
    let expected = [
        ("db1", "10.0.0.1", 5432, true),
        ("db2", "10.0.0.2", 5432, false),
        ("db3", "db3.example.com", 5433, true),
    ];
    assert_eq!(seen, expected);
    assert!(listed.iter().all(|one| one.member.cluster.as_deref() == Some("batman")));
    assert!(serving.await.unwrap()[0].starts_with("GET /cluster HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_patroni_that_does_not_name_its_scope_is_asked_for_it() {
    let (address, serving) = serve(vec![ok(CLUSTER_3), ok(PATRONI_3)]).await;
    let listed = members(&patroni(&[&format!("{address}/below/")])).await.unwrap();
    assert_eq!(listed[0].member.cluster.as_deref(), Some("robin"));
    let asked = serving.await.unwrap();
    assert!(asked[0].starts_with("GET /below/cluster "), "{asked:?}");
    assert!(asked[1].starts_with("GET /below/patroni "), "{asked:?}");
}

#[tokio::test]
async fn the_next_address_is_asked_when_one_fails() {
    let (address, _) = serve(vec![ok(CLUSTER_4)]).await;
    assert!(members(&patroni(&["http://127.0.0.1:1", &address])).await.is_ok());
    let error = members(&patroni(&["http://127.0.0.1:1", "http://[::1]:1"])).await.unwrap_err();
    let error = error.to_string();
    assert!(error.starts_with("http://127.0.0.1:1/: cannot connect: "), "{error}");
    assert!(error.contains("; http://[::1]:1/: cannot connect: "), "{error}");
}

#[tokio::test]
async fn the_password_is_sent_and_never_shown() {
    let directory = tempfile::tempdir().unwrap();
    let password_file = directory.path().join("password");
    std::fs::write(&password_file, "canary-4711\n").unwrap();
    let refused = "HTTP/1.0 401 Unauthorized\r\n\r\n".to_owned();
    let (address, serving) = serve(vec![ok(CLUSTER_4), refused]).await;
    let login = Login { username: "me".into(), password_file };
    let asked = Patroni { login: Some(login), ..patroni(&[&address]) };
    members(&asked).await.unwrap();
    let error = members(&asked).await.unwrap_err().to_string();
    assert!(
        error.ends_with("/cluster answers 401 Unauthorized: give basic_auth, or tls.cert_file")
    );
    let requests = serving.await.unwrap();
    assert!(requests[0].contains("authorization: Basic bWU6Y2FuYXJ5LTQ3MTE=\r\n"), "{requests:?}");
    assert!(!format!("{asked:?} {error}").contains("canary"));
    std::fs::remove_file(directory.path().join("password")).unwrap();
    let (address, _) = serve(vec![ok(CLUSTER_4)]).await;
    let addresses = patroni(&[&address]).addresses;
    let error = members(&Patroni { addresses, ..asked }).await.unwrap_err().to_string();
    assert!(error.contains("basic_auth.password_file: there is no such file"), "{error}");
}

#[tokio::test]
async fn what_is_wrong_with_an_answer_is_said() {
    let wrong_port = r#"{"members": [{"name": "a", "host": "h", "port": 70000}]}"#;
    let socket =
        r#"{"scope": "s", "members": [{"name": "a", "host": "/tmp", "state": "running"}]}"#;
    for (answer, said) in [
        (
            ok(wrong_port),
            "/: /cluster is not what Patroni answers: invalid value: integer `70000`, expected u16 at line 1 column 53",
        ),
        (
            ok("<html>"),
            "/: /cluster is not what Patroni answers: expected value at line 1 column 1",
        ),
        (
            ok(""),
            "/: /cluster is not what Patroni answers: EOF while parsing a value at line 1 column 0",
        ),
        (ok(socket), "/: member \"a\" names no host: \"/tmp\""),
        (ok(&" ".repeat((1 << 20) + 1)), "/: /cluster answers with more than 1 MiB"),
        (
            "HTTP/1.0 302 Found\r\nLocation: /x\r\n\r\n".to_owned(),
            "/: /cluster answers 302 Found: redirects are not followed, name the address itself",
        ),
        (
            "HTTP/1.0 503 Service Unavailable\r\n\r\n".to_owned(),
            "/: /cluster answers 503 Service Unavailable",
        ),
        ("SSH-2.0\r\n\r\n".to_owned(), "/: the connection broke: invalid HTTP version parsed"),
    ] {
        assert_eq!(refusal(answer).await, said);
    }
}
