//! The figures of keys through time.
//!
//! A day's points of 64 neighbouring ids are one row ([`block`]), and rows lie
//! in the order of their days: a day is written without touching the days
//! before, and dropped without looking at the days after. A point of an export
//! takes 3 to 4 bytes, with its share of the row.
//!
//! A point that equals the figures last known is not stored. Nor is one of an
//! export's that moved by less than [`LEAST_MOVE`], but for one day a week,
//! another one for each id: titles that nobody watches tremble daily.

mod block;

use std::collections::BTreeMap;
use std::collections::btree_map::IntoIter;

use domain::outline::{Figures, SeriesPoint};
use domain::{Key, StoreError, Timestamp};

use super::days;

pub(crate) use block::{Block, Place, Points, encode, of};

/// As a share of the popularity last known.
const LEAST_MOVE: f64 = 0.05;
/// An export's popularity went through single precision.
const SAME: f64 = 1e-6;
const WEEK: u64 = 7;

/// Points on their way into their blocks.
#[derive(Default)]
pub(crate) struct Draft {
    days: BTreeMap<(i64, Block), Points>,
}

impl Draft {
    /// Adds what a key's figures are on a day, unless that was known.
    pub(crate) fn add(&mut self, key: &Key, at: Timestamp, known: &Figures, figures: &Figures) {
        if figures.is_empty() || is_same(known, figures) {
            return;
        }
        let (block, place) = of(key);
        let points = self.days.entry((days::number(at.date()), block)).or_default();
        add(points, place, *figures);
    }
}

/// Days and blocks in order, and what is to be merged into each.
impl IntoIterator for Draft {
    type Item = ((i64, Block), Points);
    type IntoIter = IntoIter<(i64, Block), Points>;

    fn into_iter(self) -> Self::IntoIter {
        self.days.into_iter()
    }
}

/// Adds new points to those that a block has.
pub(crate) fn merge(points: &mut Points, new: Points) {
    for (place, figures) in new {
        add(points, place, figures);
    }
}

/// The last of a day counts, each figure for itself: exports know popularity alone.
fn add(points: &mut Points, place: Place, figures: Figures) {
    let point = points.entry(place).or_default();
    *point = newer(&figures, point);
}

/// What a record says, and where it says nothing, what was known.
pub(crate) fn newer(figures: &Figures, known: &Figures) -> Figures {
    Figures {
        popularity: figures.popularity.or(known.popularity),
        vote_average: figures.vote_average.or(known.vote_average),
        vote_count: figures.vote_count.or(known.vote_count),
    }
}

fn is_same(known: &Figures, figures: &Figures) -> bool {
    let popularity = match (known.popularity, figures.popularity) {
        (Some(known), Some(now)) => share_moved(known, now) < SAME,
        (known, now) => known == now,
    };
    popularity
        && known.vote_average == figures.vote_average
        && known.vote_count == figures.vote_count
}

fn share_moved(before: f64, after: f64) -> f64 {
    let moved = (after - before).abs();
    if moved == 0.0 { 0.0 } else { moved / before.abs().max(f64::MIN_POSITIVE) }
}

/// A popularity that moved.
pub(crate) struct Move {
    pub(crate) popularity: f64,
    /// Whether its series has a point of it.
    pub(crate) is_charted: bool,
}

impl Move {
    /// Compares what an export says of an id with what is known; none where it is the same.
    pub(crate) fn of(id: u64, known: Option<f64>, said: f32, now: Timestamp) -> Option<Self> {
        let popularity = shortest(said);
        if !popularity.is_finite() {
            return None;
        }
        let share = known.map_or(f64::INFINITY, |known| share_moved(known, popularity));
        let today = days::number(now.date()).cast_unsigned();
        let is_charted = share >= LEAST_MOVE || id.wrapping_add(today).is_multiple_of(WEEK);
        (share >= SAME).then_some(Self { popularity, is_charted })
    }

    /// The point of its series.
    pub(crate) fn figures(&self) -> Figures {
        Figures { popularity: Some(self.popularity), ..Figures::default() }
    }
}

/// The shortest decimal that single precision takes for the same: what TMDB wrote.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| value.into())
}

/// Reads a block of a day.
pub(crate) fn decode(bytes: &[u8], day: i64) -> Result<Points, StoreError> {
    let unreadable = || StoreError::Corrupt(format!("the series of day {day} makes no sense"));
    block::decode(bytes).ok_or_else(unreadable)
}

/// The points of a block of a day, by key.
pub(crate) fn by_key(
    day: i64,
    block: Block,
    points: &Points,
) -> Result<Vec<(Key, SeriesPoint)>, StoreError> {
    let date = days::from_number(day)?;
    let point = |(place, figures): (&Place, &Figures)| {
        let key = block::key(block, *place);
        let key = key.map_err(|error| {
            StoreError::Corrupt(format!("the series of day {day} has no key: {error}"))
        });
        Ok((key?, SeriesPoint { day: date, figures: *figures }))
    };
    points.iter().map(point).collect()
}

/// The last day whose beginning lies before an instant.
pub(crate) fn last_day_before(before: Timestamp) -> i64 {
    (before.as_millis() - 1).div_euclid(86_400_000)
}
