//! What a slot starts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a slot of the schedule starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// The runs of those names.
    Quick,
    Daily,
    Weekly,
    Full,
    /// What TMDB says has changed.
    Changes,
    /// What the daily exports show to be new or gone.
    Exports,
    /// What is older than it should be.
    Refresh,
    /// Drops what may not be kept any longer.
    Purge,
    /// Downloads wanted images.
    Images,
}

impl Job {
    pub const ALL: [Self; 9] = [
        Self::Quick,
        Self::Daily,
        Self::Weekly,
        Self::Full,
        Self::Changes,
        Self::Exports,
        Self::Refresh,
        Self::Purge,
        Self::Images,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Full => "full",
            Self::Changes => "changes",
            Self::Exports => "exports",
            Self::Refresh => "refresh",
            Self::Purge => "purge",
            Self::Images => "images",
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Job {
    type Err = UnknownJob;

    fn from_str(text: &str) -> Result<Self, UnknownJob> {
        let found = Self::ALL.into_iter().find(|job| job.as_str() == text);
        found.ok_or_else(|| UnknownJob(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown job `{0}` (quick, daily, weekly, full, changes, exports, refresh, purge or images)"
)]
pub struct UnknownJob(String);
