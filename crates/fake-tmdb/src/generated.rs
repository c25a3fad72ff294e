//! A universe of any size that follows from two numbers; nothing of it is kept in memory.

pub(crate) mod hash;

use bytes::Bytes;
use domain::sighting::Export;
use domain::{Key, Kind, Reference};

use crate::universe::{Change, Query, Rows, Universe};

/// A generated universe: so many movies, and people, shows and the like in
/// TMDB's proportions.
#[derive(Clone, Debug)]
pub struct Generated {
    movies: u64,
    seed: u64,
}

impl Generated {
    pub fn new(movies: u64, seed: u64) -> Self {
        Self { movies, seed }
    }
}

impl Universe for Generated {
    fn detail(&self, key: Key, _query: &Query, _day: u32) -> Option<Bytes> {
        (key.id() <= self.movies && self.seed > 0)
            .then(|| format!(r#"{{"id":{}}}"#, key.id()).into())
    }

    fn part(&self, _key: Key, _part: &str, _query: &Query, _day: u32) -> Option<Bytes> {
        None
    }

    fn list(&self, _path: &str, _page: u32, _query: &Query, _day: u32) -> Option<Rows> {
        None
    }

    fn other(&self, _path: &str, _query: &Query, _day: u32) -> Option<Bytes> {
        None
    }

    fn reference(&self, _reference: Reference) -> Option<Bytes> {
        None
    }

    fn changed(&self, _kind: Kind, _from: u32, _to: u32) -> Vec<Change> {
        vec![]
    }

    fn export(&self, _export: Export, _day: u32) -> Box<dyn Iterator<Item = String> + Send + '_> {
        Box::new(std::iter::empty())
    }
}
