//! What goes wrong: with a title, and with a store.

use serde::{Deserialize, Serialize};

/// Why a title could not be collected, as a caller acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// Worth trying again: 5xx, time-outs, resets, truncated or unparsable bodies.
    Later,
    /// TMDB asked for patience (429); no fault of the title.
    SlowDown,
    /// TMDB says there is no such thing (404).
    Gone,
    /// TMDB refuses the question (400, 422 …); asking again is no use.
    Ours,
    /// The key is wrong or suspended (401 codes 7 and 10 …): nothing can go on.
    Fatal,
}

impl FailureClass {
    pub const ALL: [Self; 5] = [Self::Later, Self::SlowDown, Self::Gone, Self::Ours, Self::Fatal];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Later => "later",
            Self::SlowDown => "slow_down",
            Self::Gone => "gone",
            Self::Ours => "ours",
            Self::Fatal => "fatal",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }
}

/// One failed attempt, as a dead letter keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub class: FailureClass,
    /// For a person: what was asked and what came back, without credentials.
    pub message: String,
    /// The first bytes of the offending body, at most [`Failure::BODY_LIMIT`].
    pub body: Vec<u8>,
}

impl Failure {
    pub const BODY_LIMIT: usize = 4096;

    pub fn new(class: FailureClass, message: impl Into<String>, body: &[u8]) -> Self {
        let body = body[..body.len().min(Self::BODY_LIMIT)].to_vec();
        Self { class, message: message.into(), body }
    }
}

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Worth trying again: locked, unreachable. Its text tells the cause, so that it is no
    /// source beside: whoever prints a chain would print it twice.
    #[error("the store is unavailable: {0}")]
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
    /// There is no room left; a person must make some.
    #[error("the store is full: {0}")]
    Full(String),
    /// What is stored is not where the configuration says; a person must set it right.
    #[error("{0}")]
    Misconfigured(String),
    /// What is stored makes no sense; a person must look.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
}

impl StoreError {
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}
