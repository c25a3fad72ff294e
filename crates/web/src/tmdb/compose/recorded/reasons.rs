//! Why an answer from the mirror is not what was recorded.

use super::source::Exchange;

/// One reason; each is checked on the very members that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    /// None: it is equal.
    Equal,
    /// Only popularity and votes, recorded a moment apart.
    Figures,
    /// The key's details were not recorded by this source, so it could not be crawled.
    NotCrawled,
}

/// How many there are of each, over the recordings that come with the task.
pub(super) const EXPECTED: &[(Reason, usize)] = &[];

/// The reason for a difference at a place.
pub(super) fn explain(_exchange: &Exchange, _at: &str) -> Option<Reason> {
    None
}
