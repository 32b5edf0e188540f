//! Tests with a real PostgreSQL, of every major version that we support.
//!
//! One binary, so that it is linked once. The servers come from the lab: what
//! the machine has, or downloaded once and cached.

#[path = "integration/incident.rs"]
mod incident;
#[path = "integration/support.rs"]
mod support;

#[path = "integration/alerts.rs"]
mod alerts;

#[path = "integration/bloat.rs"]
mod bloat;
#[path = "integration/blocking.rs"]
mod blocking;
#[path = "integration/browser.rs"]
mod browser;
#[path = "integration/cardinality.rs"]
mod cardinality;
#[path = "integration/cascade.rs"]
mod cascade;
#[path = "integration/contract.rs"]
mod contract;
#[path = "integration/custom.rs"]
mod custom;
#[path = "integration/dashboards.rs"]
mod dashboards;
#[path = "integration/discovery.rs"]
mod discovery;
#[path = "integration/drop_in.rs"]
mod drop_in;
#[path = "integration/faults.rs"]
mod faults;
#[path = "integration/fleet.rs"]
mod fleet;
#[path = "integration/harmless.rs"]
mod harmless;
#[path = "integration/lab.rs"]
mod lab;
#[path = "integration/logs.rs"]
mod logs;
#[path = "integration/patroni.rs"]
mod patroni;
#[path = "integration/pooler.rs"]
mod pooler;
#[path = "integration/prometheus.rs"]
mod prometheus;
#[path = "integration/replication.rs"]
mod replication;
#[path = "integration/role.rs"]
mod role;
#[path = "integration/runbooks.rs"]
mod runbooks;
#[path = "integration/statement_texts.rs"]
mod statement_texts;
#[path = "integration/values.rs"]
mod values;
