use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const INPUTS: [&str; 14] = [
    "tag",
    "locktype",
    "mode",
    "granted",
    "pid",
    "gid",
    "datname",
    "kind",
    "transaction_seconds",
    "statement_seconds",
    "wait_seconds",
    "schemaname",
    "relname",
    "locks",
];

/// A lock of process `pid`, or of a prepared transaction when that is 0.
#[derive(Clone, Debug)]
struct Given {
    tag: u8,
    pid: u32,
    mode: &'static str,
    /// How long it has been waited for; granted when never.
    waited: Option<f64>,
}

fn held(tag: u8, pid: u32, mode: &'static str) -> Given {
    Given { tag, pid, mode, waited: None }
}

fn waits(tag: u8, pid: u32, mode: &'static str, seconds: f64) -> Given {
    Given { tag, pid, mode, waited: Some(seconds) }
}

fn rows(given: &[Given], knows_waits: bool) -> Rows {
    let mut rows = Rows::new(INPUTS);
    for lock in given {
        let prepared = lock.pid == 0;
        rows.push([
            format!("({})", lock.tag).as_str().into(),
            "relation".into(),
            lock.mode.into(),
            f64::from(u8::from(lock.waited.is_none())).into(),
            (!prepared).then_some(f64::from(lock.pid)).into(),
            prepared.then_some("gx").into(),
            "shop".into(),
            if prepared { "prepared" } else { "active" }.into(),
            100.0.into(),
            lock.waited.unwrap_or(1.0).into(),
            lock.waited.filter(|_| knows_waits).into(),
            "public".into(),
            "orders".into(),
            (given.len() as f64).into(),
        ]);
    }
    rows
}

fn tree(given: &[Given]) -> Tree {
    let (locks, _) =
        BlockingTree::default().locks(&rows(given, true), Duration::ZERO).expect("locks");
    Tree::new(&locks).expect("few edges")
}

/// Who waits for whom, by process id.
fn edges(tree: &Tree) -> BTreeSet<(u32, u32)> {
    let pid = |place: usize| match tree.sessions[place].owner {
        Owner::Process(pid) => pid,
        Owner::Prepared(_) => 0,
    };
    let pairs = tree.blockers.iter().enumerate();
    pairs.flat_map(|(waiter, all)| all.iter().map(move |&b| (pid(waiter), pid(b)))).collect()
}

fn metric(out: &Rows, name: &str) -> Option<f64> {
    let column = out.column(name).expect("declared");
    out.iter().find_map(|row| row.number(column))
}

fn total(out: &Rows, name: &str) -> f64 {
    let column = out.column(name).expect("declared");
    out.iter().filter_map(|row| row.number(column)).sum()
}

#[test]
fn nobody_waits() {
    let out = BlockingTree::default().apply(rows(&[], true), Duration::ZERO).expect("rows");
    assert_eq!(out.len(), 1);
    for name in &COLUMNS[6..13] {
        let value = metric(&out, name).map(f64::to_bits);
        assert_eq!(value, Some(0.0_f64.to_bits()), "{name} is 0, and not -0");
    }
}

#[test]
fn a_waiter_waits_for_holders_and_for_waiters_before_it() {
    let tree = tree(&[
        held(1, 10, "AccessShareLock"),
        waits(1, 30, "AccessShareLock", 1.0),
        waits(1, 20, "AccessExclusiveLock", 2.0),
    ]);
    assert_eq!(edges(&tree), BTreeSet::from([(20, 10), (30, 20)]));
    assert_eq!(tree.depth(), 2);
    assert_eq!(tree.roots().map(|root| tree.victims_of(root)).collect::<Vec<_>>(), [2]);
}

#[test]
fn an_upgrade_goes_before_those_that_wait_for_it() {
    let tree = tree(&[
        held(1, 10, "ShareLock"),
        held(1, 11, "ShareLock"),
        waits(1, 20, "RowExclusiveLock", 2.0),
        waits(1, 10, "ShareRowExclusiveLock", 1.0),
    ]);
    assert_eq!(edges(&tree), BTreeSet::from([(10, 11), (20, 10), (20, 11)]));
}

#[test]
fn a_deadlock_has_no_root_but_a_depth() {
    let tree = tree(&[
        held(1, 10, "ExclusiveLock"),
        held(2, 20, "ExclusiveLock"),
        waits(2, 10, "ShareLock", 1.0),
        waits(1, 20, "ShareLock", 1.0),
        waits(1, 30, "ExclusiveLock", 0.5),
    ]);
    assert_eq!(tree.roots().count(), 0);
    assert_eq!(tree.depth(), 3);
}

#[test]
fn a_prepared_transaction_is_a_root() {
    let given = [held(1, 0, "RowExclusiveLock"), waits(1, 20, "ShareLock", 7.0)];
    let out = BlockingTree::default().apply(rows(&given, true), Duration::ZERO).expect("rows");
    let kind = out.column("kind").expect("kind");
    assert_eq!(out.iter().find_map(|row| row.text(kind)), Some("prepared"));
    assert_eq!(metric(&out, "pg_blocking_longest_wait_seconds"), Some(7.0));
    assert_eq!(metric(&out, "pg_blocking_root_transaction_age_seconds"), Some(100.0));
}

#[test]
fn waits_without_a_start_are_timed_from_when_they_were_seen() {
    let given = [held(1, 10, "ShareLock"), waits(1, 20, "ExclusiveLock", 7.0)];
    let mut transform = BlockingTree::default();
    let mut longest = |given: &[Given], at| {
        let out = transform.apply(rows(given, false), Duration::from_secs(at)).expect("rows");
        metric(&out, "pg_blocking_longest_wait_seconds")
    };
    assert_eq!(longest(&given, 100), Some(0.0));
    assert_eq!(longest(&given, 105), Some(5.0));
    assert_eq!(longest(&[], 110), Some(0.0));
    assert_eq!(longest(&given, 115), Some(0.0), "a new wait for the same lock");
}

#[test]
fn too_many_edges_leave_counts() {
    let mut given = vec![held(1, 1, "ExclusiveLock")];
    given.extend((2..600).map(|pid| waits(1, pid, "ExclusiveLock", f64::from(pid))));
    let out = BlockingTree::default().apply(rows(&given, true), Duration::ZERO).expect("rows");
    assert_eq!(metric(&out, "pg_blocking_waiters"), Some(598.0));
    assert_eq!(metric(&out, "pg_blocking_truncated"), Some(1.0));
    assert_eq!(metric(&out, "pg_blocking_tree_depth"), None);
    assert_eq!(metric(&out, "pg_blocking_roots"), None);
}

#[test]
fn an_unknown_mode_is_an_error() {
    let given = [held(1, 10, "ImaginaryLock")];
    assert!(BlockingTree::default().apply(rows(&given, true), Duration::ZERO).is_err());
}

fn lock() -> impl Strategy<Value = Given> {
    let modes = proptest::sample::select(vec![
        "AccessShareLock",
        "RowShareLock",
        "RowExclusiveLock",
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
    ]);
    (0_u8..4, 0_u32..12, modes, proptest::option::of(-1.0..100.0)).prop_map(
        |(tag, pid, mode, waited)| Given { tag, pid, mode, waited: waited.filter(|_| pid > 0) },
    )
}

proptest! {
    #[test]
    fn whatever_the_graph(given in proptest::collection::vec(lock(), 0..60)) {
        let tree = tree(&given);
        let waiting = tree.sessions.iter().filter(|session| session.waits).count();
        prop_assert!(tree.depth() <= waiting);
        for root in tree.roots() {
            prop_assert!(!tree.sessions[root].waits);
            prop_assert!(tree.blockers[root].is_empty());
            prop_assert!((1..=waiting).contains(&tree.victims_of(root)));
        }
        for (waiter, blockers) in tree.blockers.iter().enumerate() {
            prop_assert!(!blockers.contains(&waiter), "nobody waits for itself");
            prop_assert!(blockers.is_empty() || tree.sessions[waiter].waits);
        }

        let asked = given.iter().filter(|lock| lock.waited.is_some()).count() as f64;
        let out = BlockingTree::default().apply(rows(&given, true), Duration::ZERO).expect("rows");
        prop_assert_eq!(metric(&out, "pg_blocking_waiters"), Some(asked));
        prop_assert_eq!(total(&out, "pg_blocking_waiters_by_locktype"), asked);
        prop_assert_eq!(total(&out, "pg_blocking_waiters_by_mode"), asked);
        prop_assert!(metric(&out, "pg_blocking_worst_root_victims").expect("tree") <= waiting as f64);
    }

    #[test]
    fn a_lock_less_never_blocks_more(
        given in proptest::collection::vec(lock(), 1..60),
        gone in any::<proptest::sample::Index>(),
    ) {
        // Who leaves a queue, or loses its right to step in before others, lets
        // somebody else go first; so the lock is one that its owner only holds.
        let waits = |lock: &Given| {
            given.iter().any(|l| l.waited.is_some() && (l.tag, l.pid) == (lock.tag, lock.pid))
        };
        let idle: Vec<usize> = (0..given.len()).filter(|&n| !waits(&given[n])).collect();
        prop_assume!(!idle.is_empty());
        let before = tree(&given);
        let mut fewer = given.clone();
        fewer.remove(*gone.get(&idle));
        let after = tree(&fewer);
        let blocked = |tree: &Tree| tree.blockers.iter().filter(|all| !all.is_empty()).count();
        prop_assert!(blocked(&after) <= blocked(&before));
    }
}
