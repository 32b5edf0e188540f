//! What the proof measured: how long each alert took for a real fault.

use std::sync::LazyLock;

use serde::Deserialize;

/// One alert that fired for its scenario in a real Prometheus.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    pub alert: String,
    pub scenario: String,
    /// From the fault to firing.
    pub seconds_to_fire: f64,
    /// From healing to resolved.
    pub seconds_to_resolve: f64,
    /// How many times faster time passed for the rules; 1 is as they are.
    pub compression: f64,
    /// Thresholds that were set for the proof, as `name = value`.
    #[serde(default)]
    pub thresholds: std::collections::BTreeMap<String, f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Proofs {
    #[serde(default)]
    proof: Vec<Proof>,
}

/// Of `alerts/proof.toml`, which the integration test writes.
pub static PROOFS: LazyLock<Vec<Proof>> = LazyLock::new(|| {
    toml::from_str::<Proofs>(include_str!("../../alerts/proof.toml"))
        .expect("proof.toml is checked by a test")
        .proof
});
