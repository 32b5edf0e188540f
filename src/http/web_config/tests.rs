//! What exporter-toolkit reads, we read; what we do not do, we refuse.

use super::*;

const HASH: &str = "$2y$10$abcdefghijklmnopqrstuuKYGPDEW.Iuc0tMAOaX0hSDtvJtOp5.6";

/// Reads a file beside a certificate and a key that nobody looks into.
fn read(text: &str) -> Result<WebConfig, String> {
    let directory = tempfile::tempdir().unwrap();
    for name in ["server.crt", "server.key", "ca.crt"] {
        std::fs::write(directory.path().join(name), name).unwrap();
    }
    let path = directory.path().join("web.yml");
    std::fs::write(&path, text.replace("HASH", HASH)).unwrap();
    let prefix = format!("{}/", directory.path().display());
    WebConfig::read(&path).map_err(|error| error.to_string().replace(&prefix, ""))
}

const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

fn tls(more: &str) -> Result<TlsServer, String> {
    read(&format!("{TLS}{more}")).map(|config| config.tls.expect("TLS is on"))
}

#[test]
fn files_that_mean_no_tls() {
    for text in [
        "",
        "# nothing\n",
        "tls_server_config:\n",
        "tls_server_config: {}\n",
        "tls_server_config:\n  min_version: TLS13\n",
        "tls_server_config:\n  cert_file: ''\n  key_file: ''\n",
        "http_server_config:\n  http2: false\n",
        "http_server_config:\n  http2: yes\n  headers:\n",
        "basic_auth_users:\n",
        "basic_auth_users:\n  alice: HASH\n  7: HASH\n",
    ] {
        let config = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(config.tls.is_none(), "{text}");
    }
}

#[test]
fn files_that_mean_tls() {
    for (more, policy) in [
        ("", ClientAuth::None),
        ("  client_auth_type: ''\n", ClientAuth::None),
        ("  client_auth_type: NoClientCert\n", ClientAuth::None),
        ("  client_auth_type: RequestClientCert\n", ClientAuth::Requested),
        ("  client_auth_type: RequireClientCert\n", ClientAuth::Any),
        ("  client_auth_type: RequireAnyClientCert\n", ClientAuth::Any),
        (
            "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.crt\n",
            ClientAuth::VerifiedIfGiven,
        ),
        (
            "  client_auth_type: RequireAndVerifyClientCert\n  client_ca: |\n    inline\n",
            ClientAuth::Verified,
        ),
    ] {
        assert_eq!(tls(more).map(|tls| tls.client_auth), Ok(policy), "{more}");
    }
    let inline = read("tls_server_config:\n  cert: c\n  key: k\n").unwrap().tls.unwrap();
    assert_eq!((inline.certificate.key, &*inline.key.text), ("cert", &b"k"[..]));
    // A file wins, as there.
    assert_eq!(tls("  cert: inline\n").unwrap().certificate.text, b"server.crt");
}

#[test]
fn details_of_tls_are_taken_over() {
    let tls = tls("  min_version: TLS13\n  prefer_server_cipher_suites: false\n  \
                   curve_preferences: [CurveP256, X25519]\n  cipher_suites:\n  \
                   - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n  - TLS_AES_128_GCM_SHA256\n  \
                   client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n  \
                   client_allowed_sans: [prometheus.example.com, 10.0.0.1, 'spiffe://a/b']\n")
    .unwrap();
    assert_eq!(tls.versions, [TlsVersion::Tls13]);
    assert!(!tls.prefer_our_order);
    assert_eq!(tls.curves, ["CurveP256", "X25519"]);
    assert_eq!(tls.cipher_suites.len(), 2);
    assert_eq!(tls.client_names.len(), 3);
}

#[test]
fn headers_are_set_as_written() {
    let text = "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    \
                Strict-Transport-Security: max-age=31536000\n    X-XSS-Protection: 0\n    \
                Content-Security-Policy: ''\n";
    let headers = read(text).unwrap().headers;
    assert_eq!(headers.len(), 3);
    assert_eq!(headers["x-frame-options"], "deny");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let wrong = [
        ("nonsense", "web.yml:1: "),
        ("tls_server_confg: {}\n", "web.yml:1: unknown field `tls_server_confg`"),
        (
            "basic_auth_users:\n  alice: HASH\n  alice: HASH\n",
            "web.yml:3: duplicate mapping key: alice",
        ),
        (
            "basic_auth_users:\n  alice: hunter2\n",
            "web.yml:2: basic_auth_users: the value of alice",
        ),
        ("basic_auth_users: hunter2\n", "web.yml:1: "),
        (
            "http_server_config:\n  headers:\n    Server: x\n",
            "web.yml:3: headers: Server cannot be set",
        ),
        (
            "http_server_config:\n  headers:\n    x-frame-options: deny\n",
            "web.yml:3: headers: x-frame",
        ),
        (
            "http_server_config:\n  headers:\n    X-Frame-Options: no\n",
            "web.yml:3: X-Frame-Options: exp",
        ),
        (
            "http_server_config:\n  headers:\n    X-Content-Type-Options: x\n",
            "web.yml:3: X-Content",
        ),
        ("http_server_config:\n  http2: perhaps\n", "web.yml:2: invalid boolean"),
        ("rate_limit:\n  interval: 1s\n  burst: 5\n", "web.yml:2: rate_limit is not supported"),
        (
            "tls_server_config:\n  cert_file: server.crt\n",
            "web.yml:2: tls_server_config: key_file is",
        ),
        (
            "tls_server_config:\n  key_file: server.key\n",
            "web.yml:2: tls_server_config: cert_file is",
        ),
        (
            "tls_server_config:\n  client_auth_type: NoClientCert\n",
            "web.yml:2: tls_server_config: cert",
        ),
        (
            "tls_server_config:\n  cert_file: no.crt\n  key: k\n",
            "web.yml:2: cert_file cannot be read",
        ),
        (
            "tls_server_config:\n  cert: c\n  key_file: no.key\n",
            "web.yml:3: key_file cannot be read",
        ),
    ];
    let wrong_tls = [
        ("  cert_fil: x\n", "web.yml:4: unknown field `cert_fil`"),
        ("  client_ca_file: no.crt\n", "web.yml:4: client_ca_file cannot be read"),
        ("  client_ca_file: ca.crt\n", "web.yml:2: client_ca_file without a client_auth_type"),
        (
            "  client_ca: x\n  client_auth_type: NoClientCert\n",
            "web.yml:5: client_ca_file without a client_auth_type",
        ),
        (
            "  client_auth_type: RequireAndVerifyClientCert\n",
            "web.yml:4: client_auth_type: verifying",
        ),
        ("  client_auth_type: VerifyClientCertIfGiven\n", "web.yml:4: client_auth_type: verifying"),
        ("  client_auth_type: Maybe\n", "web.yml:4: client_auth_type: there is no \"Maybe\""),
        ("  client_allowed_sans: []\n", "web.yml:4: client_allowed_sans is empty"),
        ("  client_allowed_sans: [a]\n", "web.yml:4: client_allowed_sans: a name proves nothing"),
        (
            "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [a]\n",
            "web.yml:5: client_allowed_sans: a name proves nothing",
        ),
        (
            "  client_auth_type: RequireAndVerifyClientCert\n  client_ca: x\n  \
             client_allowed_sans: [a@b]\n",
            "web.yml:6: client_allowed_sans: e-mail",
        ),
        ("  min_version: TLS10\n", "web.yml:4: min_version: TLS before 1.2"),
        ("  max_version: TLS11\n", "web.yml:4: max_version: TLS before 1.2"),
        ("  min_version: 1.2\n", "web.yml:4: min_version: expected TLS12 or TLS13"),
        ("  min_version: TLS13\n  max_version: TLS12\n", "web.yml:5: max_version is below"),
        (
            "  cipher_suites:\n  - TLS_RSA_WITH_AES_128_CBC_SHA\n",
            "web.yml:5: cipher_suites: TLS_RSA_WITH_AES_128_CBC_SHA is not offered, only TLS_AES",
        ),
        ("  cipher_suites: [invented]\n", "web.yml:4: cipher_suites: invented is not offered"),
        ("  curve_preferences: [CurveP521]\n", "web.yml:4: curve_preferences: CurveP521 is not"),
    ];
    let wrong_tls = wrong_tls.iter().map(|(more, told)| (format!("{TLS}{more}"), *told));
    let all = wrong.iter().map(|(text, told)| ((*text).to_owned(), *told)).chain(wrong_tls);
    for (text, expected) in all {
        let told = read(&text).err().unwrap_or_default();
        assert!(told.starts_with(expected), "{text}\n{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn names_of_suites_and_curves_are_gos() {
    assert_eq!(crate::http::tls::curves(), ["X25519", "CurveP256", "CurveP384"]);
    let suites = crate::http::tls::cipher_suites();
    assert!(suites.contains(&"TLS_AES_256_GCM_SHA384".to_owned()), "{suites:?}");
    assert!(suites.contains(&"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256".to_owned()));
}
