//! pglens watches PostgreSQL servers and serves what it knows to Prometheus.
//!
//! Data flows one way, and the modules are the stations:
//!
//! ```text
//! config, dsn ──> targets
//! catalog (collectors/*.toml, *.sql) ──┐
//!                                      v
//! poll: a lane connects ─ target: facts ─> plan ─> query ─> rows
//!                                                            │ transform?
//! http <── pages ── store <── samples ── expose <────────────┘
//! ```
//!
//! * [`catalog`] is every collector as data, and where a metric is declared.
//! * [`config`] is what the user wrote, [`dsn`] what it means to libpq.
//! * [`target`] knows a server: how it is reached, its facts, the plan made of them.
//! * [`poll`] decides when, on which connection, and what a failure costs.
//! * [`rows`] go through a [`transform`] where SQL cannot say it, become text in
//!   [`expose`], and are kept in the [`store`] until they are replaced or expire.
//! * [`logs`] makes rows of a server's own log.
//! * [`discovery`] finds more servers to watch.
//! * [`http`] answers from there. [`daemon`] puts it together, [`cli`] is the way in.
//! * [`dashboards`] are Grafana's, made from data and the catalogue.
//! * [`alerts`] is every alert rule as data, printed as Prometheus reads it.
//! * [`lessons`] is the course that every collector belongs to, `course` its pages with
//!   what shows each section, [`process`] what is known about ourselves, [`progress`]
//!   whether what polls gets on, [`lab`] throwaway servers for the demo and the tests.

#![forbid(unsafe_code)]

pub mod alerts;
pub mod catalog;
pub mod cli;
pub mod config;
#[cfg(feature = "lab")]
pub mod course;
pub mod daemon;
pub mod dashboards;
pub mod discovery;
pub mod dsn;
pub mod expose;
pub mod http;
#[cfg(feature = "lab")]
pub mod lab;
pub mod lessons;
pub mod logs;
pub mod poll;
pub mod process;
pub mod progress;
pub mod rows;
pub mod store;
pub mod target;
pub mod transform;
mod yaml;
