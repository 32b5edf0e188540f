//! Which of several hosts is meant.

/// libpq's `target_session_attrs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionAttrs {
    #[default]
    Any,
    /// `primary`, and `read-write` too: sessions of ours are read-only anyway, so
    /// what is left of the difference is a primary that was set to read-only.
    Primary,
    /// `standby`, and `read-only` too.
    Standby,
    PreferStandby,
}

impl SessionAttrs {
    pub(super) const EXPECTED: &str =
        "must be any, read-write, read-only, primary, standby or prefer-standby";

    pub(super) fn parse(value: &str) -> Option<Self> {
        Some(match value {
            "any" => Self::Any,
            "primary" | "read-write" => Self::Primary,
            "standby" | "read-only" => Self::Standby,
            "prefer-standby" => Self::PreferStandby,
            _ => return None,
        })
    }

    /// Whether a server in this role is what is asked for.
    pub fn accept(self, in_recovery: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Primary => !in_recovery,
            Self::Standby | Self::PreferStandby => in_recovery,
        }
    }

    /// Whether another one will do where there is none.
    pub fn is_wish(self) -> bool {
        self == Self::PreferStandby
    }
}
