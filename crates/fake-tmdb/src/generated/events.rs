//! What changes the content of a body, and when: edits, merges, releases, new episodes.
//!
//! A body's content follows from its key and from how many of these have
//! happened to it. Ranks and votes move on every day and are no content.

use domain::Kind;
use jiff::civil::Date;

use super::hash::{Dice, mix};
use super::population::{Population, share};
use super::show::{self, Season};
use super::title::Title;
use super::world::World;

/// Episodes of each season that a show airs after day 0.
pub(super) const SEASON_EPISODES: u64 = 13;
/// A show airs so many more episodes at most.
const MOST_EPISODES: u64 = 40 * SEASON_EPISODES;

/// A show that airs an episode a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Airing {
    /// Episodes aired since day 0.
    pub(super) aired: u64,
    phase: u64,
    /// The date of day 0.
    pub(super) start: Date,
}

impl Airing {
    fn up_to(day: u32, phase: u64, start: Date) -> Self {
        Self { aired: ((u64::from(day) + phase) / 7).min(MOST_EPISODES), phase, start }
    }

    /// The day on which its `at`th episode comes, counted from 0.
    pub(super) fn day(&self, at: u64) -> u64 {
        7 * (at + 1) - self.phase
    }

    /// Which episode is the next, if there is one more.
    pub(super) fn next(&self) -> Option<u64> {
        (self.aired < MOST_EPISODES).then_some(self.aired)
    }

    /// Whether an episode comes on any of some days.
    pub(super) fn airs_within(&self, from: u64, to: u64) -> bool {
        let at = (from.max(1) + self.phase).div_ceil(7).max(1) - 1;
        at < MOST_EPISODES && self.day(at) <= to
    }
}

/// How often an edit touched each thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edits {
    pub(super) overview: u64,
    pub(super) tagline: u64,
    pub(super) cast: u64,
    pub(super) posters: u64,
    pub(super) keywords: u64,
    pub(super) providers: u64,
    pub(super) runtime: u64,
    /// Days by which the release turned out to be earlier.
    pub(super) days: i64,
}

impl Edits {
    /// The first so many edits of a title. Only movies have a runtime, and only a date that is
    /// past can turn out to be wrong.
    pub(super) fn of(hash: u64, count: u64, has_runtime: bool, is_dated: bool) -> Self {
        let mut edits = Self::default();
        for edit in 1..=count {
            match mix(hash ^ edit << 24) % 8 {
                0 => edits.tagline += 1,
                1 => edits.cast += 1,
                2 => edits.posters += 1,
                3 => edits.keywords += 1,
                4 => edits.providers += 1,
                5 if has_runtime => edits.runtime += 1,
                6 if is_dated => edits.days += 1,
                _ => edits.overview += 1,
            }
        }
        edits
    }
}

/// How often an edit touched each thing of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PersonEdits {
    pub(super) biography: u64,
    pub(super) names: u64,
    pub(super) profiles: u64,
}

impl PersonEdits {
    pub(super) fn of(hash: u64, count: u64) -> Self {
        let mut edits = Self::default();
        for edit in 1..=count {
            match mix(hash ^ edit << 24) % 3 {
                0 => edits.biography += 1,
                1 => edits.names += 1,
                _ => edits.profiles += 1,
            }
        }
        edits
    }
}

impl World {
    /// How often the content of a member has changed up to a day.
    pub(super) fn changes(&self, kind: Kind, index: u64, day: u32) -> u64 {
        let Some(all) = self.population(kind) else { return 0 };
        let has_come = |on: Option<u64>| u64::from(on.is_some_and(|on| on <= u64::from(day)));
        let aired = self.airing(kind, index, day).map_or(0, |airing| airing.aired);
        all.edits(index, day)
            + has_come(all.merged(index).map(|(_, on)| on))
            + has_come(self.release_day(kind, index))
            + aired
    }

    /// The last day up to the given one on which the content of a member
    /// changed, its birth included.
    pub(super) fn last_change(&self, kind: Kind, index: u64, day: u32) -> Option<u32> {
        let all = self.population(kind)?;
        let born = all.born(index);
        // What is gone changes no more.
        let day = u64::from(day).min(all.last_day(index) - 1);
        let narrow = u32::try_from(day).ok()?;
        let airing = self.airing(kind, index, narrow).filter(|airing| airing.aired > 0);
        let events = [
            Some(born).filter(|born| *born > 0),
            all.last_edit(index, narrow),
            all.merged(index).map(|(_, on)| on),
            self.release_day(kind, index),
            airing.map(|airing| airing.day(airing.aired - 1)),
        ];
        let last = events.into_iter().flatten().filter(|on| *on <= day).max()?;
        u32::try_from(last).ok()
    }

    /// The last day up to the given one on which something happened to a
    /// member that the feed tells of; its going is such a thing too.
    pub(super) fn last_listed(&self, kind: Kind, index: u64, day: u32) -> Option<u32> {
        let all = self.population(kind)?;
        if all.is_phantom(index) {
            return None;
        }
        let last_day = u32::try_from(all.last_day(index)).ok();
        let gone = last_day.filter(|last| *last <= day && all.is_listed(index, *last));
        gone.or_else(|| self.last_listed_change(kind, index, day))
    }

    /// The last day up to the given one on which the content of a member
    /// changed and the feed tells of it.
    pub(super) fn last_listed_change(&self, kind: Kind, index: u64, day: u32) -> Option<u32> {
        let all = self.population(kind)?;
        let mut last = self.last_change(kind, index, day)?;
        while !all.is_listed(index, last) {
            last = self.last_change(kind, index, last.checked_sub(1)?)?;
        }
        Some(last)
    }

    /// The day on which a movie that was still to come is released.
    pub(super) fn release_day(&self, kind: Kind, index: u64) -> Option<u64> {
        if kind != Kind::Movie || !may_be_ahead(&self.movies, index) {
            return None;
        }
        let mut dice = Dice::new(self.movies.hash(index));
        // The first throw is the weight's.
        dice.next();
        let date = self.date(&mut dice, &self.movies, index)?;
        let day = u64::try_from(crate::server::days_between(self.start, date)).ok()?;
        let merged = self.movies.merged(index);
        let is_kept = merged.is_none_or(|(_, on)| day < on);
        (day > self.movies.born(index) && is_kept).then_some(day)
    }

    /// How far a show is that airs an episode a week.
    pub(super) fn airing(&self, kind: Kind, index: u64, day: u32) -> Option<Airing> {
        let hash = self.shows.hash(index);
        let may_air = matches!(kind, Kind::Tv | Kind::Season | Kind::Episode)
            && self.shows.born(index) == 0
            && share(mix(hash ^ 0xa1e)) < self.airing;
        // Only shows whose seasons so far are over go on.
        (may_air && self.is_between_seasons(index))
            .then(|| Airing::up_to(day, hash % 7, self.start))
    }

    fn is_between_seasons(&self, index: u64) -> bool {
        let show = self.first_show(index);
        let seasons = show::seasons(&show);
        let is_past = |season: &Season| season.last_air_date().is_some_and(|it| it <= self.start);
        seasons.len() <= 20
            && seasons.iter().map(|season| season.episodes).sum::<u64>() <= 3000
            && seasons.last().is_some_and(is_past)
    }

    /// The date of a day.
    pub(super) fn date_of(&self, day: u64) -> Date {
        let days = i64::try_from(day.min(1_000_000)).unwrap_or(0);
        self.start.saturating_add(jiff::Span::new().days(days))
    }

    /// A title as it was when it came, but for its figures: what other bodies say of it.
    pub(super) fn as_known(&self, kind: Kind, index: u64, day: u32) -> Title {
        if kind == Kind::Movie {
            self.first_title(kind, &self.movies, index, day)
        } else {
            self.first_title(kind, &self.shows, index, day)
        }
    }
}

/// Whether the date of a member may lie in the future.
pub(super) fn may_be_ahead(all: &Population, index: u64) -> bool {
    all.born(index) > 0 || (index < 2000 && index.is_multiple_of(2))
}
