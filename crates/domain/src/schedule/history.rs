//! What was started, and how it ended.

use serde::{Deserialize, Serialize};

use super::state::Cause;
use crate::time::Timestamp;

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// It said why; the next slot is the next try.
    Failed,
    /// Its process was told to end; it starts again with the next leader.
    Stopped,
    /// Its process died; it starts again, once.
    Interrupted,
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Stopped, Self::Interrupted];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// How an entry's last start ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub number: u64,
    pub slot: Timestamp,
    pub started_at: Timestamp,
    pub at: Timestamp,
    pub outcome: Outcome,
    pub error: Option<String>,
}

/// A start, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Started {
    pub name: String,
    /// Counts the starts of the entry from 1.
    pub number: u64,
    /// The instant it was for: a slot, or when it was triggered.
    pub slot: Timestamp,
    pub cause: Cause,
    /// Counted from 1; further ones follow an interruption.
    pub attempt: u32,
    pub started_at: Timestamp,
    pub started_by: String,
    pub ended_at: Option<Timestamp>,
    /// Absent while it runs.
    pub outcome: Option<Outcome>,
    pub error: Option<String>,
}
