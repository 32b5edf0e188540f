//! One lock as the collector's SQL reports it, and which modes conflict.

use crate::rows::{Row, Rows};
use crate::transform::TransformError;

/// Whose lock it is. A parallel worker's locks are its leader's.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Owner {
    /// The server process with this id.
    Process(u32),
    /// The prepared transaction of this name, which no process stands for.
    Prepared(Box<str>),
}

/// A lock mode, by its place in [`MODES`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mode(usize);

/// Each mode with those that it conflicts with, as bits by place: the table of
/// the manual's chapter on explicit locking, the same for every kind of object.
const MODES: [(&str, u8); 8] = [
    ("AccessShareLock", 0b1000_0000),
    ("RowShareLock", 0b1100_0000),
    ("RowExclusiveLock", 0b1111_0000),
    ("ShareUpdateExclusiveLock", 0b1111_1000),
    ("ShareLock", 0b1110_1100),
    ("ShareRowExclusiveLock", 0b1111_1100),
    ("ExclusiveLock", 0b1111_1110),
    ("AccessExclusiveLock", 0b1111_1111),
];

impl Mode {
    pub fn parse(name: &str) -> Option<Self> {
        MODES.iter().position(|(mode, _)| *mode == name).map(Self)
    }

    pub fn name(self) -> &'static str {
        MODES[self.0].0
    }

    pub fn bit(self) -> u8 {
        1 << self.0
    }

    pub fn conflicts(self) -> u8 {
        MODES[self.0].1
    }
}

/// Somebody holds this lock or waits for it, and somebody waits for its object.
#[derive(Clone, Debug)]
pub struct Lock {
    pub owner: Owner,
    pub datname: Option<Box<str>>,
    /// What the owner is doing: `active`, `idle_in_transaction`, `prepared`, …
    pub kind: Box<str>,
    pub transaction_seconds: Option<f64>,
    /// How long the owner's present statement has been running.
    pub statement_seconds: Option<f64>,
    /// The object, in whatever spelling tells it from others.
    pub tag: Box<str>,
    pub locktype: Box<str>,
    pub mode: Mode,
    pub granted: bool,
    /// How long this has been waited for; unknown on 13 and in a wait's first moment.
    pub wait_seconds: Option<f64>,
    /// The schema and the table, where they are known.
    pub relation: Option<(Box<str>, Box<str>)>,
}

/// The locks of a query's rows, and whether its limit let all of them through.
///
/// Rows without an owner are left out: a transaction that was prepared when the
/// locks were read was gone when its name was looked up.
pub fn read(rows: &Rows) -> Result<(Vec<Lock>, bool), TransformError> {
    let [pid, gid, datname, kind] = columns(rows, ["pid", "gid", "datname", "kind"])?;
    let [transaction, statement, wait] =
        columns(rows, ["transaction_seconds", "statement_seconds", "wait_seconds"])?;
    let [tag, locktype, mode, granted] = columns(rows, ["tag", "locktype", "mode", "granted"])?;
    let [schemaname, relname, total] = columns(rows, ["schemaname", "relname", "locks"])?;

    let mut locks = Vec::with_capacity(rows.len());
    let mut complete = true;
    for row in rows.iter() {
        complete &= row.number(total).is_none_or(|total| total <= rows.len() as f64);
        let Some(owner) = owner(row, pid, gid) else { continue };
        let name = text(row, mode)?;
        locks.push(Lock {
            owner,
            datname: row.text(datname).map(Into::into),
            kind: text(row, kind)?.into(),
            transaction_seconds: row.number(transaction),
            statement_seconds: row.number(statement),
            tag: text(row, tag)?.into(),
            locktype: text(row, locktype)?.into(),
            mode: Mode::parse(name)
                .ok_or_else(|| TransformError::Unexpected(format!("unknown lock mode {name}")))?,
            granted: row.number(granted) == Some(1.0),
            wait_seconds: row.number(wait),
            relation: row
                .text(schemaname)
                .zip(row.text(relname))
                .map(|(s, r)| (s.into(), r.into())),
        });
    }
    Ok((locks, complete))
}

fn columns<const N: usize>(rows: &Rows, names: [&str; N]) -> Result<[usize; N], TransformError> {
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        *place = rows.column(name)?;
    }
    Ok(places)
}

fn owner(row: Row<'_>, pid: usize, gid: usize) -> Option<Owner> {
    let process = row.number(pid).map(|pid| Owner::Process(pid as u32));
    process.or_else(|| row.text(gid).map(|gid| Owner::Prepared(gid.into())))
}

fn text(row: Row<'_>, column: usize) -> Result<&str, TransformError> {
    row.text(column).ok_or_else(|| TransformError::Unexpected("a lock without its text".to_owned()))
}
