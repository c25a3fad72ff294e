//! How old a record may get before it is collected again.

use std::time::Duration;

use jiff::civil::Date;

use crate::key::{Key, Kind};
use crate::time::Timestamp;

const DAY: Duration = Duration::from_hours(24);

/// What the rules need of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    pub key: Key,
    pub fetched_at: Timestamp,
    pub schema_version: u32,
    pub released: Option<Date>,
    /// A show's next episode.
    pub airs: Option<Date>,
    /// Whether more is to be expected of it; see [`crate::outline::Outline::is_open`].
    pub is_open: bool,
    pub doubt: Doubt,
}

/// How far a key is believed to be gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doubt {
    #[default]
    None,
    /// TMDB answered 404, at last then.
    Missed(Timestamp),
    /// It has a tombstone: only a sighting brings it back.
    Buried,
}

/// How often a title of some age is collected again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Titles released up to so many days ago.
    pub released_within_days: u32,
    pub every_days: u32,
}

/// The rules of staleness. The defaults are those of s3, and the bounds that
/// TMDB's terms and its incomplete change feeds ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Staleness {
    /// The first that fits counts.
    pub tiers: Vec<Tier>,
    /// Titles released longer ago than every tier, and titles without a date.
    pub older_every_days: u32,
    /// Everything else: people, collections, companies, networks, keywords, reference data.
    pub others_every_days: u32,
    /// Whatever the rules above say, nothing gets older.
    pub everything_days: u32,
    /// Keys that TMDB answered 404 for are asked for again so often.
    pub doubted_every_days: u32,
    /// Records come due up to this share of their interval early, each by its
    /// own key, so that what was collected together does not come due together.
    pub jitter: f64,
    /// Records of an older schema than this are stale.
    pub schema_version: u32,
}

impl Default for Staleness {
    fn default() -> Self {
        let tier = |released_within_days, every_days| Tier { released_within_days, every_days };
        Self {
            tiers: vec![tier(30, 2), tier(180, 7), tier(365, 14)],
            older_every_days: 30,
            others_every_days: 60,
            everything_days: 120,
            doubted_every_days: 7,
            jitter: 0.2,
            schema_version: 0,
        }
    }
}

/// Why a record is stale, the most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It nears the age that TMDB's terms allow, or the safety refresh wants it.
    Age,
    /// An episode was due to air since it was collected.
    Aired,
    /// Its interval has passed; the days since its release, for the order.
    Tier(u32),
    /// An older schema wrote it.
    Schema,
}

impl Staleness {
    /// When a record comes due by its age, and the interval behind it.
    pub fn due(&self, record: &Freshness, now: Timestamp) -> Timestamp {
        let days = self.interval_days(record, now).min(self.everything_days).max(1);
        let early = self.jitter.clamp(0.0, 0.9) * spread(record.key);
        record.fetched_at + (DAY * days).mul_f64(1.0 - early)
    }

    /// Why the record should be collected again now; `None` while it is fresh.
    pub fn reason(&self, record: &Freshness, now: Timestamp) -> Option<Reason> {
        let age = now.since(record.fetched_at);
        match record.doubt {
            Doubt::None => (),
            Doubt::Buried => return None,
            // Its age grows while TMDB answers 404; asking daily would be no use.
            Doubt::Missed(at) => {
                let is_due = now.since(at) >= DAY * self.doubted_every_days;
                return is_due.then_some(Reason::Age);
            }
        }
        if now >= self.due_by(record, self.everything_days) {
            return Some(Reason::Age);
        }
        let collected = record.fetched_at.date();
        // TMDB's day is not the viewer's: an episode is there the day after.
        if record.airs.is_some_and(|airs| collected <= airs && airs < now.date()) && age >= DAY {
            return Some(Reason::Aired);
        }
        if now >= self.due(record, now) {
            return Some(Reason::Tier(days_since(record.released, now)));
        }
        (record.schema_version < self.schema_version).then_some(Reason::Schema)
    }

    fn due_by(&self, record: &Freshness, days: u32) -> Timestamp {
        let early = self.jitter.clamp(0.0, 0.9) * spread(record.key);
        record.fetched_at + (DAY * days.max(1)).mul_f64(1.0 - early)
    }

    fn interval_days(&self, record: &Freshness, now: Timestamp) -> u32 {
        match record.key.kind() {
            Kind::Movie | Kind::Tv | Kind::Season | Kind::Episode => {
                let Some(released) = record.released else { return self.older_every_days };
                let age = days_since(Some(released), now);
                let fits = |tier: &&Tier| age <= tier.released_within_days;
                let tier = self.tiers.iter().find(fits);
                tier.map_or(self.older_every_days, |tier| tier.every_days)
            }
            _ => self.others_every_days,
        }
    }
}

/// Days since a release, 0 for one to come; the largest number without a date.
fn days_since(released: Option<Date>, now: Timestamp) -> u32 {
    let Some(released) = released else { return u32::MAX };
    let days = now.date().since(released).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or(0)
}

/// A share of 0..1 that a key always has.
fn spread(key: Key) -> f64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in key.to_string().bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 29;
    f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}
