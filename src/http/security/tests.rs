use std::fs;

use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::*;

/// A web configuration in a directory, followed by hand.
struct Followed {
    directory: tempfile::TempDir,
    current: Current,
    follow: Follow,
}

impl Followed {
    fn new(yaml: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("web.yml");
        rotate(directory.path());
        fs::write(&path, yaml).unwrap();
        let (current, follow) = load(Some(&path)).unwrap();
        Self { directory, current, follow: follow.unwrap() }
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.directory.path().join(name), text).unwrap();
    }

    /// Looks once, and says whether something else is in force.
    fn changes(&mut self) -> bool {
        let before = self.current.borrow().clone();
        self.follow.look(WebConfig::read(&self.follow.files.clone()));
        !Arc::ptr_eq(&before, &self.current.borrow())
    }
}

fn rotate(directory: &Path) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(directory.join("server.crt"), cert.pem()).unwrap();
    fs::write(directory.join("server.key"), signing_key.serialize_pem()).unwrap();
}

const TLS: &str = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

#[test]
fn a_new_pair_is_used_and_a_bad_one_is_not() {
    let mut followed = Followed::new(TLS);
    assert!(!followed.changes());

    rotate(followed.directory.path());
    assert!(followed.changes());
    assert!(!followed.changes());

    // Half of a rotation: the key of another certificate.
    let key = fs::read_to_string(followed.directory.path().join("server.key")).unwrap();
    let other = tempfile::tempdir().unwrap();
    rotate(other.path());
    let wrong = fs::read_to_string(other.path().join("server.key")).unwrap();
    followed.write("server.key", &wrong);
    assert!(!followed.changes());
    followed.write("server.key", "no key at all");
    assert!(!followed.changes());
    fs::remove_file(followed.directory.path().join("server.key")).unwrap();
    assert!(!followed.changes());
    followed.write("server.key", &key);
    assert!(followed.changes());
}

#[test]
fn users_and_headers_follow_the_file_but_tls_does_not_go_away() {
    let mut followed = Followed::new(TLS);
    let hash = bcrypt::hash("x", 4).unwrap();
    followed.write("web.yml", &format!("{TLS}basic_auth_users:\n  alice: {hash}\n"));
    assert!(followed.changes());
    assert!(followed.current.borrow().users.is_some());
    followed.write("web.yml", &format!("{TLS}basic_auth_users:\n  alice: plain\n"));
    assert!(!followed.changes());
    followed.write("web.yml", "");
    assert!(!followed.changes());
    assert!(followed.current.borrow().tls.is_some());
    assert!(followed.current.borrow().users.is_some());
}

#[test]
fn a_bad_pair_at_the_start_is_an_error_without_its_text() {
    let directory = tempfile::tempdir().unwrap();
    rotate(directory.path());
    let path = directory.path().join("web.yml");
    for (file, text, told) in [
        ("server.key", "hunter2", "key_file: no private key in PEM"),
        ("server.crt", "hunter2", "cert_file: no certificate in PEM"),
    ] {
        rotate(directory.path());
        fs::write(&path, TLS).unwrap();
        fs::write(directory.path().join(file), text).unwrap();
        let error = load(Some(&path)).err().unwrap().to_string();
        assert!(error.ends_with(told), "{error}");
    }
}

#[test]
fn without_a_file_everything_is_open() {
    let (current, follow) = load(None).unwrap();
    assert!(follow.is_none());
    assert!(current.borrow().tls.is_none() && current.borrow().users.is_none());
}
