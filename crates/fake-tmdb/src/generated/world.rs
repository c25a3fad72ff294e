//! The populations of a generated universe, in TMDB's proportions (`FACTS.md` section 9).

use jiff::civil::Date;

use super::hash::mix;
use super::life::Life;
use super::population::Population;
use crate::universe::Query;

/// How many of each kind there are for each movie.
const SHOWS: f64 = 0.19;
const PEOPLE: f64 = 3.9;
const COMPANIES: f64 = 0.2;
const NETWORKS: f64 = 0.004_5;
const KEYWORDS: f64 = 0.05;
/// Movies of a collection, and the distance of their indexes.
pub(super) const COLLECTION_SIZE: u64 = 3;
pub(super) const COLLECTION_STEP: u64 = 7;

#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) movies: Population,
    pub(super) shows: Population,
    pub(super) people: Population,
    pub(super) collections: Population,
    pub(super) companies: Population,
    pub(super) networks: Population,
    pub(super) keywords: Population,
    /// Share of the shows that air an episode a week.
    pub(super) airing: f64,
    /// The date of day 0.
    pub(super) start: Date,
}

/// What a question says of how to answer it.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) day: u32,
    pub(super) query: &'a Query,
}

impl World {
    pub(super) fn new(movies: u64, seed: u64, start: Date, life: Life) -> Self {
        let share = |share: f64| super::population::whole((movies as f64 * share).ceil());
        let population = |count, salt: u64, edits, merges| {
            Population::new(count, mix(seed ^ salt << 48), life, edits, merges)
        };
        let title = |count, salt| population(count, salt, life.edits, life.merges);
        // TMDB tells of no changes of these.
        let minor = |count, salt| population(count, salt, 0.0, 0.0);
        Self {
            movies: title(movies, 1),
            shows: title(share(SHOWS), 2),
            people: population(share(PEOPLE), 3, life.people_edits, 0.0),
            collections: minor(movies / (COLLECTION_SIZE * COLLECTION_STEP), 4),
            companies: minor(share(COMPANIES), 5),
            networks: minor(share(NETWORKS), 6),
            keywords: minor(share(KEYWORDS), 7),
            airing: life.airing,
            start,
        }
    }
}

impl<'a> View<'a> {
    pub(super) fn of(query: &'a Query, day: u32) -> Self {
        Self { day, query }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The language asked for, without its country.
    pub(super) fn language(&self) -> &'a str {
        self.get("language").and_then(|language| language.split('-').next()).unwrap_or("en")
    }

    /// Whether an image or a video of a language is wanted. TMDB filters by
    /// `language`, unless the languages are listed.
    pub(super) fn wants(&self, list: &str, code: Option<&str>) -> bool {
        match (self.get(list), self.get("language")) {
            (Some(list), _) => list.split(',').any(|one| one == code.unwrap_or("null")),
            (None, Some(_)) => code == Some(self.language()),
            (None, None) => true,
        }
    }
}
