//! Where bodies come from: what every universe answers, whoever asks over HTTP.
//!
//! The server composes `append_to_response`, pages, errors and export files
//! from these answers, so that a universe only knows its titles.

use std::collections::BTreeMap;

use bytes::Bytes;
use domain::{Key, Kind, Reference};

/// The query parameters of a request, without credentials.
pub type Query = BTreeMap<String, String>;

/// A set of titles, people and the like, on some simulated day.
///
/// Day 0 is the day the universe starts on; `POST /_fake/advance` moves on.
/// All bodies are JSON texts as TMDB's own endpoint would serve them.
pub trait Universe: Send + Sync + 'static {
    /// The bare detail body of a key, without appends; `None` when there is no such key.
    fn detail(&self, key: Key, query: &Query, day: u32) -> Option<Bytes>;

    /// A sub-resource as its own endpoint serves it, top-level `id` included:
    /// `credits`, `watch/providers`, `season/3` … `None` when there is none.
    fn part(&self, key: Key, part: &str, query: &Query, day: u32) -> Option<Bytes>;

    /// The detail body with parts appended. The default splices the parts into
    /// the detail; a universe that can write them in one go does so.
    fn composed(&self, key: Key, parts: &[&str], query: &Query, day: u32) -> Option<Bytes> {
        crate::compose::splice(self, key, parts, query, day)
    }

    /// One page of rows of a list, by its path below `/3/` (`movie/popular`,
    /// `trending/all/day`, `discover/movie`, `search/multi`, `movie/550/similar`, …).
    /// `None` when this universe has no such list.
    fn list(&self, path: &str, page: u32, query: &Query, day: u32) -> Option<Rows>;

    /// Any other body, by its whole path (`review/…`, `credit/…`, `find/tt…`).
    fn other(&self, path: &str, query: &Query, day: u32) -> Option<Bytes>;

    fn reference(&self, reference: Reference) -> Option<Bytes>;

    /// The same in a language, where there are words in it.
    fn reference_in(&self, reference: Reference, _language: &str) -> Option<Bytes> {
        self.reference(reference)
    }

    /// Keys of a kind that changed on the days `from..=to`, deduplicated.
    fn changed(&self, kind: Kind, from: u32, to: u32) -> Vec<Change>;

    /// The lines of an id export on a day, each without its newline.
    fn export(
        &self,
        export: domain::sighting::Export,
        day: u32,
    ) -> Box<dyn Iterator<Item = String> + Send + '_>;
}

/// One page of a list.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Each a JSON object.
    pub rows: Vec<Bytes>,
    pub total_results: u64,
    /// As TMDB reports it: not capped at 500, but for trending.
    pub total_pages: u64,
    /// `{"maximum":…,"minimum":…}`, for lists that say which dates they cover.
    pub dates: Option<Bytes>,
    /// A whole body in place of rows, where one was recorded.
    pub whole: Option<Bytes>,
}

/// A row of a change list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// [`Change::NAMELESS`] is shown as null, as TMDB does now and then.
    pub id: u64,
    pub adult: Option<bool>,
}

impl Change {
    /// In place of an id: the row has none.
    pub const NAMELESS: u64 = 0;
}
