//! One server that was found.

use crate::config::Target;

/// A server by the name that its cluster has for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub name: String,
    pub host: String,
    pub port: u16,
    /// The name of its cluster, where that has one.
    pub cluster: Option<String>,
    pub system_identifier: Option<String>,
}

/// A member as one look shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub member: Member,
    /// Whether there is a server to connect to. One that is being made or is stopped
    /// stays if it was watched, because then it is down, and is no news if it was not.
    pub running: bool,
}

impl Member {
    /// The target that it is, like the template of its section.
    pub fn target(&self, template: &Target) -> Target {
        let mut target = template.clone();
        target.name = format!("{}/{}", template.name, self.name);
        target.source = template.source.clone().at(&self.host, self.port);
        target.system_identifier.clone_from(&self.system_identifier);
        target.found_by = Some(template.name.clone());
        if let Some(cluster) = &self.cluster {
            // Who names the cluster in the configuration means that name.
            target.labels.entry("cluster".to_owned()).or_insert_with(|| cluster.clone());
        }
        target
    }

    pub(super) fn listens_where(&self, other: &Self) -> bool {
        (&self.host, self.port) == (&other.host, other.port)
    }
}
