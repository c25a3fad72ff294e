//! What an estimate rests on: measured where there is an archive, else what
//! others measured (`FACTS.md` sections 7 to 9, in 2026), else assumed.

use domain::archive::ArchiveStats;
use domain::staleness::Freshness;
use domain::{Kind, Timestamp};

use serde::Serialize;

/// Fewer records than this say nothing about the size of others.
const ENOUGH: u64 = 50;

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// In the own archive.
    Measured,
    /// By others, at TMDB.
    Published,
    /// Nobody measured it.
    Assumed,
}

/// A number, and how far it can be believed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub origin: Origin,
    pub why: String,
}

/// What an estimate needs of a kind.
#[derive(Clone, Debug, PartialEq)]
pub struct KindFigures {
    pub kind: Kind,
    /// That TMDB has.
    pub titles: Figure,
    pub new_a_day: Figure,
    pub changed_a_day: Figure,
    /// To collect one.
    pub calls: Figure,
    /// That one becomes: a show is one, and one for each season.
    pub records: Figure,
    /// A record in the archive.
    pub bytes: Figure,
    /// That the own archive has already.
    pub held: f64,
    /// Releases by age in the own archive.
    pub ages: Option<Ages>,
}

/// How old the titles of the own archive are, in days since their release.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ages(Vec<i32>);

impl Ages {
    /// Counts a title. One without a date counts as old.
    pub fn add(&mut self, record: &Freshness, now: Timestamp) {
        let since = |released| now.date().since(released).ok().map(|span| span.get_days());
        self.0.push(record.released.and_then(since).unwrap_or(i32::MAX));
    }

    fn share_within(&self, days: u32) -> f64 {
        let days = i32::try_from(days).unwrap_or(i32::MAX);
        self.0.partition_point(|age| *age <= days) as f64 / self.0.len() as f64
    }
}

impl KindFigures {
    /// The share of titles released up to so many days ago, or still to come.
    pub(super) fn released_within(&self, days: u32) -> Figure {
        let name = format!("{}: share released within {days} days", self.kind);
        if let Some(ages) = &self.ages {
            let why = format!("{} titles of the own archive", ages.0.len());
            return Figure { name, value: ages.share_within(days), origin: Origin::Measured, why };
        }
        let value = (self.new_a_day.value * f64::from(days) / self.titles.value).min(1.0);
        let why = "as if every id were released on the day it was new".to_owned();
        Figure { name, value, origin: Origin::Assumed, why }
    }
}

/// Everything an estimate rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    pub kinds: Vec<KindFigures>,
    /// The share of the rows of all lists that are different titles.
    pub distinct: Figure,
    /// The share of listed titles that are new each day.
    pub turnover: Figure,
    /// The share of changed titles whose body differs in more than figures.
    pub differing: Figure,
    /// A further version, as a share of a whole record.
    pub version_share: Figure,
    /// Of a title's rows in the catalogue, with their indexes.
    pub catalogue_bytes: Figure,
}

impl Default for Figures {
    fn default() -> Self {
        use Origin::{Assumed, Published};
        let counted = "counted by TMDB's API, August 2026";
        let movie = [
            (1_240_000.0, Published, "lines of the export of 2026-08-31"),
            (400.0, Published, "growth of discover/movie from 2025-12 to 2026-08"),
            (7_199.0, Published, "ids in a day of movie/changes, August 2026"),
            (1.0, Published, "one request brings every part"),
            (1.0, Published, "one record a movie"),
            (5_000.0, Assumed, "others keep 7.0 kB compressed; records take 71.5 % of gzip"),
        ];
        let tv = [
            (233_582.0, Published, "shows on 2026-10-06"),
            (80.0, Published, "growth of the export from 2026-01 to 2026-10"),
            (2_910.0, Published, "ids in a day of tv/changes, August 2026"),
            (1.1, Assumed, "a tenth of the shows has more than six seasons"),
            (2.75, Published, "400,926 seasons of 228,499 shows, and the shows"),
            (5_000.0, Assumed, "seasons of 17 episodes, 1.6 kB each before they are packed"),
        ];
        let person = [
            (4_855_479.0, Published, counted),
            (1_500.0, Assumed, "nobody counted"),
            (8_700.0, Published, "ids in a day of person/changes, August 2026"),
            (1.0, Published, "one request brings every part"),
            (1.0, Published, "one record a person"),
            (1_200.0, Assumed, "most people have few credits"),
        ];
        let in_may = "lines of the export of 2026-05-21";
        Self {
            kinds: vec![
                of_kind(Kind::Movie, movie),
                of_kind(Kind::Tv, tv),
                of_kind(Kind::Person, person),
                of_kind(Kind::Collection, small(6_000.0, Assumed, "nobody counted", 1_500.0)),
                of_kind(Kind::Company, small(248_982.0, Published, in_may, 400.0)),
                of_kind(Kind::Network, small(5_385.0, Published, in_may, 400.0)),
                of_kind(Kind::Keyword, small(50_000.0, Assumed, "nobody counted", 100.0)),
            ],
            distinct: figure(
                "lists: share of different titles",
                (0.6, Assumed, "popular, trending and the like overlap"),
            ),
            turnover: figure(
                "lists: share of new titles a day",
                (0.05, Assumed, "lists move slowly"),
            ),
            differing: figure(
                "versions: share of changed titles that differ in more than figures",
                (0.94, Published, "148 of 158 recorded bodies that changed in half a year"),
            ),
            version_share: figure(
                "versions: size of a further one, as a share of a record",
                (0.25, Assumed, "the bar for a version that changes one field"),
            ),
            catalogue_bytes: figure(
                "catalogue: bytes of a title, with indexes",
                (
                    8_500.0,
                    Assumed,
                    "15 MB beside the archive for 1,741 generated titles and their people",
                ),
            ),
        }
    }
}

impl Figures {
    /// Believes the ages of a kind's titles, where they are enough.
    pub fn set_ages(&mut self, kind: Kind, mut ages: Ages) {
        ages.0.sort_unstable();
        let enough = ages.0.len() as u64 >= ENOUGH;
        if let Some(own) = self.kinds.iter_mut().find(|own| own.kind == kind && enough) {
            own.ages = Some(ages);
        }
    }

    /// Puts what the own archive measures in place of the defaults.
    #[must_use]
    pub fn measured(mut self, stats: &ArchiveStats) -> Self {
        let of = |kind| stats.kinds.iter().find(|own| own.kind == kind && own.keys >= ENOUGH);
        for kind in &mut self.kinds {
            let Some(own) = of(kind.kind) else { continue };
            kind.held = own.keys as f64;
            let mut bytes = own.stored_bytes as f64 / own.versions.max(1) as f64;
            let mut versions = own.versions;
            if let (Kind::Tv, Some(seasons)) = (kind.kind, of(Kind::Season)) {
                let records = own.keys + seasons.keys;
                kind.records.value = records as f64 / own.keys as f64;
                kind.records.origin = Origin::Measured;
                kind.records.why = format!("{} shows of the own archive", own.keys);
                versions += seasons.versions;
                bytes = (own.stored_bytes + seasons.stored_bytes) as f64 / versions.max(1) as f64;
            }
            kind.bytes.value = bytes;
            kind.bytes.origin = Origin::Measured;
            kind.bytes.why = format!("{versions} versions of the own archive");
        }
        self
    }
}

fn figure(name: &str, (value, origin, why): (f64, Origin, &str)) -> Figure {
    Figure { name: name.to_owned(), value, origin, why: why.to_owned() }
}

fn of_kind(kind: Kind, given: [(f64, Origin, &str); 6]) -> KindFigures {
    let names =
        ["TMDB has", "new a day", "changed a day", "calls each", "records each", "bytes a record"];
    let [titles, new_a_day, changed_a_day, calls, records, bytes] =
        std::array::from_fn(|place| figure(&format!("{kind}: {}", names[place]), given[place]));
    KindFigures {
        kind,
        titles,
        new_a_day,
        changed_a_day,
        calls,
        records,
        bytes,
        held: 0.0,
        ages: None,
    }
}

/// A kind of short bodies that TMDB has no change feed for.
fn small(titles: f64, origin: Origin, why: &str, bytes: f64) -> [(f64, Origin, &str); 6] {
    [
        (titles, origin, why),
        (titles / 5_000.0, Origin::Assumed, "grows by 7 % a year"),
        (0.0, Origin::Published, "TMDB has no change feed for it"),
        (1.0, Origin::Published, "one request brings every part"),
        (1.0, Origin::Published, "one record each"),
        (bytes, Origin::Assumed, "a short body"),
    ]
}
