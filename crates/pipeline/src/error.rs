//! Why a use case had to stop.

use domain::{Failure, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// TMDB refuses the key; nothing can go on until a person acts.
    #[error("{}", .0.message)]
    Refused(Failure),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source could not be read; what it had yielded until then stays queued.
    #[error("{what}: {why}")]
    Source { what: String, why: String },
    /// A record could not be read back.
    #[error("{0}")]
    Record(String),
    /// A file could not be read, written or deleted.
    #[error("could not {what}")]
    Disk { what: String, source: std::io::Error },
    /// Somebody asked to stop; what was not done stays queued.
    #[error("stopped before the end; what is left stays queued")]
    Stopped,
    /// Somebody cancelled the run; what it queued stays queued.
    #[error("cancelled by {by}")]
    Cancelled { by: String },
}
