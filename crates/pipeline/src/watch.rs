//! What a use case tells whoever watches it, for progress bars and plain lines.

use domain::Key;
use domain::run::RunFigures;

/// Something that happened, in the order it did.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A source is about to be read.
    SourceStarted {
        source: &'a str,
    },
    /// A page or a batch of a source was read and queued.
    SourceRead {
        source: &'a str,
        figures: RunFigures,
    },
    SourceEnded {
        source: &'a str,
        figures: RunFigures,
    },
    SourceFailed {
        source: &'a str,
        why: &'a str,
    },
    /// So many tasks are left, in all.
    Left {
        tasks: u64,
    },
    /// A batch was stored.
    Stored {
        figures: RunFigures,
    },
    /// A title failed; `again` tells whether it will be tried again.
    Failed {
        key: Key,
        why: &'a str,
        again: bool,
    },
    /// TMDB asked for patience.
    Held {
        seconds: u64,
    },
    /// Images were fetched, so many in all.
    Fetched {
        images: u64,
        bytes: u64,
    },
    /// Records were read and written again (rebuild, verify, train), or ratings.
    Passed {
        records: u64,
    },
}

/// Watches a use case.
pub trait Watch: Send + Sync {
    fn see(&self, event: Event<'_>);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn see(&self, _: Event<'_>) {}
}
