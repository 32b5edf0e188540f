//! Who may ask: basic authentication with bcrypt.

use std::collections::{BTreeMap, HashSet};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use bcrypt::HashParts;
use ring::{hmac, rand::SystemRandom};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Logins that are remembered: a few Prometheis and people, once each.
const REMEMBERED: usize = 64;

/// The users and which logins of theirs were right before.
pub struct Users {
    hashes: BTreeMap<String, String>,
    /// Compared with where there is no such user, so that it takes as long.
    decoy: String,
    /// One comparison at a time: it is made to be expensive.
    turn: Arc<Semaphore>,
    /// Keys of logins; no password stays in memory, and without the key of this
    /// process nobody can try passwords on them.
    remembered: Mutex<HashSet<Vec<u8>>>,
    key: hmac::Key,
}

impl Users {
    /// None where there are no users. The hashes are bcrypt's, checked before.
    pub fn new(hashes: BTreeMap<String, String>) -> Result<Option<Self>, String> {
        let costs = hashes.values().filter_map(|hash| HashParts::from_str(hash).ok());
        let Some(cost) = costs.map(|parts| parts.get_cost()).max() else { return Ok(None) };
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| "the system gives no random numbers".to_owned())?;
        Ok(Some(Self {
            hashes,
            // A salt and a hash of zeros.
            decoy: format!("$2b${cost:02}${}", ".".repeat(53)),
            turn: Arc::new(Semaphore::new(1)),
            remembered: Mutex::default(),
            key,
        }))
    }

    pub async fn admit(&self, user: &str, password: Vec<u8>) -> bool {
        let login = self.login(user, &password);
        if self.remembered().contains(&login) {
            return true;
        }
        let known = self.hashes.get(user);
        let hash = known.unwrap_or(&self.decoy).clone();
        let Ok(turn) = self.turn.clone().acquire_owned().await else { return false };
        let compared = spawn_blocking(move || {
            // The turn ends with the comparison, also when nobody waits for it any more.
            let _turn = turn;
            bcrypt::verify(password, &hash).unwrap_or(false)
        });
        let right = compared.await.unwrap_or(false) && known.is_some();
        if right {
            let mut remembered = self.remembered();
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
            remembered.insert(login);
        }
        right
    }

    /// Both parts with the length of the first: no two logins look the same.
    fn login(&self, user: &str, password: &[u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&(user.len() as u64).to_be_bytes());
        context.update(user.as_bytes());
        context.update(password);
        context.sign().as_ref().to_vec()
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashSet<Vec<u8>>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(users: &[(&str, &str)]) -> Users {
        let hash = |password: &str| bcrypt::hash(password, 4).unwrap();
        let hashes = users.iter().map(|(user, password)| ((*user).to_owned(), hash(password)));
        Users::new(hashes.collect()).unwrap().unwrap()
    }

    #[tokio::test]
    async fn the_right_password_of_a_known_user_is_admitted_and_remembered() {
        let users = users(&[("alice", "secret"), ("bob", "other")]);
        assert!(users.admit("alice", b"secret".to_vec()).await);
        assert!(users.admit("alice", b"secret".to_vec()).await);
        assert_eq!(users.remembered().len(), 1);
        for (user, password) in [("alice", "other"), ("bob", "secret"), ("eve", "secret"), ("", "")]
        {
            assert!(!users.admit(user, password.into()).await, "{user}");
        }
        assert_eq!(users.remembered().len(), 1);
    }

    /// CVE-2022-46146: a login whose parts ran into one another, or whose password
    /// held a hash, was remembered under the key of somebody else's.
    #[tokio::test]
    async fn nobody_can_be_remembered_as_somebody_else() {
        let users = users(&[("ab", "c"), ("a", "x"), ("alice", "secret")]);
        assert!(users.admit("ab", b"c".to_vec()).await);
        assert!(!users.admit("a", b"bc".to_vec()).await);
        assert!(!users.admit("abc", Vec::new()).await);

        let hash = users.hashes["alice"].clone();
        let poison = [
            ("alice".to_owned() + &hash, b"fakepassword".to_vec()),
            ("alice".to_owned(), format!("{hash}fakepassword").into_bytes()),
            ("nobody".to_owned(), b"fakepassword".to_vec()),
            ("nobody:alice".to_owned(), b"secret".to_vec()),
        ];
        for (user, password) in poison {
            assert!(!users.admit(&user, password).await);
        }
        assert!(!users.admit("alice", b"fakepassword".to_vec()).await);
        assert!(!users.admit("nobody", b"fakepassword".to_vec()).await);
        assert!(users.admit("alice", b"secret".to_vec()).await);
    }

    #[tokio::test]
    async fn what_is_remembered_is_bounded() {
        let users = users(&[("alice", "secret")]);
        for n in 0..3 * REMEMBERED as u64 {
            users.remembered().insert(n.to_be_bytes().to_vec());
            assert!(users.admit("alice", b"secret".to_vec()).await);
            if users.remembered().len() >= REMEMBERED {
                users.remembered().retain(|login| login.len() == 8);
            }
            assert!(users.remembered().len() <= REMEMBERED);
        }
    }

    #[test]
    fn the_decoy_is_a_hash_of_the_highest_cost() {
        let users = users(&[("alice", "secret")]);
        assert_eq!(HashParts::from_str(&users.decoy).unwrap().get_cost(), 4);
        assert!(Users::new(BTreeMap::new()).unwrap().is_none());
    }
}
