//! Who is to be watched, after one look after the other.

use std::time::Duration;

use tokio::time::Instant;

use super::{Listed, Member};

/// The members of one section.
#[derive(Debug, Default)]
pub struct Members {
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    member: Member,
    listed: Instant,
}

impl Members {
    /// Takes in what a look showed. Whoever is not listed any more stays for `grace`,
    /// unless another one has its name or its place now: a list that is short for a
    /// moment drops no series, and a server that vanished is down before it is gone.
    pub fn update(&mut self, listed: Vec<Listed>, grace: Duration) {
        let now = Instant::now();
        for Listed { member, running } in listed {
            let known = &mut self.known;
            known
                .retain(|old| old.member.name == member.name || !old.member.listens_where(&member));
            match known.iter_mut().find(|old| old.member.name == member.name) {
                Some(old) => *old = Known { member, listed: now },
                None if running => known.push(Known { member, listed: now }),
                None => {}
            }
        }
        self.known.retain(|known| now == known.listed || now - known.listed < grace);
    }

    /// In the order in which they came: who was there first stays when there are too many.
    pub fn iter(&self) -> impl Iterator<Item = &Member> {
        self.known.iter().map(|known| &known.member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, host: &str, running: bool) -> Listed {
        let (name, host) = (name.to_owned(), host.to_owned());
        let member = Member { name, host, port: 5432, cluster: None, system_identifier: None };
        Listed { member, running }
    }

    fn hosts(members: &Members) -> Vec<(&str, &str)> {
        members.iter().map(|member| (member.name.as_str(), member.host.as_str())).collect()
    }

    const GRACE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn who_leaves_stays_for_the_grace() {
        let mut members = Members::default();
        let both = || vec![listed("a", "1", true), listed("b", "2", true)];
        members.update(both(), GRACE);
        tokio::time::advance(GRACE / 2).await;
        members.update(vec![listed("b", "2", true)], GRACE);
        assert_eq!(hosts(&members), [("a", "1"), ("b", "2")]);
        members.update(both(), GRACE);
        tokio::time::advance(GRACE - Duration::from_secs(1)).await;
        members.update(Vec::new(), GRACE);
        assert_eq!(hosts(&members).len(), 2);
        tokio::time::advance(Duration::from_secs(1)).await;
        members.update(vec![listed("b", "2", true)], GRACE);
        assert_eq!(hosts(&members), [("b", "2")]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_stopped_is_down_and_one_that_never_ran_is_no_target() {
        let mut members = Members::default();
        members.update(vec![listed("a", "1", true), listed("b", "2", false)], GRACE);
        assert_eq!(hosts(&members), [("a", "1")]);
        for _ in 0..3 {
            tokio::time::advance(GRACE).await;
            members.update(vec![listed("a", "1", false)], GRACE);
            assert_eq!(hosts(&members), [("a", "1")]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_or_a_place_has_one_member() {
        let mut members = Members::default();
        members.update(vec![listed("a", "1", true), listed("b", "2", true)], GRACE);
        // One came back elsewhere, the other under another name.
        members.update(vec![listed("a", "3", true), listed("c", "2", true)], GRACE);
        assert_eq!(hosts(&members), [("a", "3"), ("c", "2")]);
    }
}
