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
    let part = |number: Option<u32>| number.map_or(0, |number| u64::from(number) + 1);
    let own = key.id() ^ (u64::from(key.kind().number()) << 56);
    let parts = [own, part(key.season_number()), part(key.episode_number())];
    // The mixing step of splitmix64.
    let mixed = parts.into_iter().fold(0x9e37_79b9_7f4a_7c15_u64, |state, part| {
        let mut state = state ^ part;
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^ (state >> 31)
    });
    f64::from(u32::try_from(mixed >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    const TODAY: Date = date(2026, 6, 15);

    fn noon(day: Date) -> Timestamp {
        day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().into()
    }

    fn days_ago(days: i64) -> Date {
        TODAY.checked_sub(days.days()).unwrap()
    }

    /// Collected so many days ago.
    fn collected(days: i64) -> Freshness {
        Freshness {
            key: Key::movie(1),
            fetched_at: noon(days_ago(days)),
            schema_version: 1,
            released: None,
            airs: None,
            is_open: false,
            doubt: Doubt::None,
        }
    }

    fn released(days: i64, collected_days: i64) -> Freshness {
        Freshness { released: Some(days_ago(days)), ..collected(collected_days) }
    }

    fn rules() -> Staleness {
        Staleness { jitter: 0.0, schema_version: 1, ..Staleness::default() }
    }

    #[track_caller]
    fn check(record: &Freshness, expected: Option<Reason>) {
        assert_eq!(rules().reason(record, noon(TODAY)), expected, "{record:?}");
    }

    #[test]
    fn the_tiers_are_those_of_s3() {
        for (released_days, every) in
            [(0, 2), (30, 2), (31, 7), (180, 7), (181, 14), (365, 14), (366, 30)]
        {
            check(&released(released_days, every - 1), None);
            let days = u32::try_from(released_days).unwrap();
            check(&released(released_days, every), Some(Reason::Tier(days)));
        }
    }

    #[test]
    fn what_is_still_to_come_is_as_good_as_new() {
        check(&released(-90, 1), None);
        check(&released(-90, 2), Some(Reason::Tier(0)));
    }

    #[test]
    fn titles_without_a_date_are_old_and_people_have_an_interval_of_their_own() {
        check(&collected(29), None);
        check(&collected(30), Some(Reason::Tier(u32::MAX)));
        let person = |days| Freshness { key: Key::person(1), ..collected(days) };
        check(&person(59), None);
        check(&person(60), Some(Reason::Tier(u32::MAX)));
    }

    #[test]
    fn nothing_gets_older_than_the_safety_refresh_allows() {
        let rules = Staleness { older_every_days: 500, ..rules() };
        assert_eq!(rules.reason(&collected(119), noon(TODAY)), None);
        assert_eq!(rules.reason(&collected(120), noon(TODAY)), Some(Reason::Age));
    }

    #[test]
    fn a_show_is_asked_for_the_day_after_its_episode() {
        let show = |collected_days, airs| Freshness {
            key: Key::tv(1),
            airs: Some(days_ago(airs)),
            ..released(4_000, collected_days)
        };
        check(&show(3, 1), Some(Reason::Aired));
        check(&show(3, 0), None);
        check(&show(3, 5), None);
    }

    #[test]
    fn what_is_doubted_is_asked_for_now_and_then_and_what_is_buried_never() {
        let doubted = |doubt| Freshness { doubt, ..collected(200) };
        check(&doubted(Doubt::Missed(noon(days_ago(6)))), None);
        check(&doubted(Doubt::Missed(noon(days_ago(7)))), Some(Reason::Age));
        check(&doubted(Doubt::Buried), None);
    }

    #[test]
    fn an_older_schema_is_stale_last() {
        check(&Freshness { schema_version: 0, ..collected(1) }, Some(Reason::Schema));
        assert!(Reason::Age < Reason::Aired && Reason::Aired < Reason::Tier(0));
        assert!(Reason::Tier(5) < Reason::Tier(6) && Reason::Tier(u32::MAX) < Reason::Schema);
    }

    #[test]
    fn jitter_spreads_and_never_delays() {
        let rules = Staleness { jitter: 0.2, ..rules() };
        let due = |id| {
            let record = Freshness { key: Key::movie(id), ..collected(0) };
            rules.due(&record, noon(TODAY)).since(record.fetched_at).as_secs_f64() / 86_400.0
        };
        let dues: Vec<f64> = (1..1_000).map(due).collect();
        assert!(dues.iter().all(|days| (24.0..=30.0).contains(days)));
        let early = dues.iter().filter(|days| **days < 27.0).count();
        assert!((400..600).contains(&early), "{early} of 999 in the first half");
    }
}
