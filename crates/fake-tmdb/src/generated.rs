//! A universe of any size that follows from two numbers.
//!
//! Nothing of it is kept in memory: ids, ranks and bodies are functions of the
//! seed. A person's credits need not name the titles that credit them.

mod body;
mod credits;
mod discover;
mod events;
mod feeds;
mod genres;
pub(crate) mod hash;
mod json;
mod life;
mod lists;
mod lookup;
mod minor;
mod movie;
mod parts;
mod person;
mod population;
mod reference;
mod show;
#[cfg(test)]
mod tests;
mod title;
mod truth;
mod words;
mod world;

use bytes::Bytes;
use domain::sighting::Export;
use domain::{Key, Kind, Reference};

use crate::options::FIRST_DAY;
use crate::universe::{Change, Query, Rows, Universe};
use discover::Memory;
use feeds::Told;
pub use life::Life;
pub use truth::ChangeDay;
use world::{View, World};

/// A generated universe: so many movies, and people, shows and the like in
/// TMDB's proportions.
#[derive(Debug)]
pub struct Generated {
    world: World,
    memory: Memory,
    told: Told,
}

impl Generated {
    /// Starts on the day that [`Options::new`](crate::Options::new) does.
    pub fn new(movies: u64, seed: u64) -> Self {
        Self::starting(movies, seed, FIRST_DAY)
    }

    /// The same with another date for day 0.
    pub fn starting(movies: u64, seed: u64, start: jiff::civil::Date) -> Self {
        Self::living(movies, seed, start, Life::default())
    }

    /// The same with a life of another pace.
    pub fn living(movies: u64, seed: u64, start: jiff::civil::Date, life: Life) -> Self {
        let world = World::new(movies, seed, start, life);
        Self { world, memory: Memory::default(), told: Told::default() }
    }
}

impl Universe for Generated {
    fn detail(&self, key: Key, query: &Query, day: u32) -> Option<Bytes> {
        self.world.body(key, &[], View::of(query, day))
    }

    fn part(&self, key: Key, part: &str, query: &Query, day: u32) -> Option<Bytes> {
        self.world.part(key, part, View::of(query, day))
    }

    fn composed(&self, key: Key, parts: &[&str], query: &Query, day: u32) -> Option<Bytes> {
        self.world.body(key, parts, View::of(query, day))
    }

    fn list(&self, path: &str, page: u32, query: &Query, day: u32) -> Option<Rows> {
        self.rows(path, page, View::of(query, day))
    }

    fn other(&self, path: &str, query: &Query, day: u32) -> Option<Bytes> {
        let view = View::of(query, day);
        match path.split_once('/')? {
            ("movie", "latest") => self.latest(Kind::Movie, view),
            ("tv", "latest") => self.latest(Kind::Tv, view),
            ("person", "latest") => self.latest(Kind::Person, view),
            ("find", id) => self.find(id, view),
            _ => None,
        }
    }

    fn reference(&self, reference: Reference) -> Option<Bytes> {
        Some(reference::body(reference, "en"))
    }

    fn reference_in(&self, reference: Reference, language: &str) -> Option<Bytes> {
        Some(reference::body(reference, language))
    }

    fn changed(&self, kind: Kind, from: u32, to: u32) -> Vec<Change> {
        self.told.changed(&self.world, kind, from, to)
    }

    fn export(&self, export: Export, day: u32) -> Box<dyn Iterator<Item = String> + Send + '_> {
        self.lines(export, day)
    }
}
