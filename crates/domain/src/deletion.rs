//! When a key counts as deleted: two proofs, of different sorts.
//!
//! TMDB says 404 for a deleted or merged id, but also by mistake, and its CDN
//! repeats a 404 for eight hours; an export lacks an id also when it is old
//! (`FACTS.md` section 12). Either alone makes a *suspect*, both together a
//! *tombstone*, where the 404 is of lately. A sighting takes the second proof back, a body takes back both.

use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::time::Timestamp;

/// One sign that a key is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "proof")]
pub enum Proof {
    /// TMDB answered 404 for it.
    NotFound,
    /// What lists every key of its kind lacks it: a complete daily export, or
    /// for a season the record of its show.
    Unlisted { by: String, on: Date },
}

/// A 404 is believed for so long without asking again.
const FRESH: Duration = Duration::from_hours(48);

/// The proofs against a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// When TMDB first answered 404.
    pub not_found: Option<Timestamp>,
    /// What lacked it first, and that thing's date.
    pub unlisted: Option<Unlisted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlisted {
    /// Such as `export.movie` or `tv/1396`.
    pub by: String,
    pub on: Date,
    pub noted: Timestamp,
}

impl Evidence {
    /// Whether the key counts as deleted.
    pub fn is_proof(&self) -> bool {
        self.not_found.is_some() && self.unlisted.is_some()
    }

    /// Whether the 404 is of lately. An old one does not prove that a key is gone
    /// which something has ceased to list only now.
    pub fn has_fresh_404(&self, now: Timestamp) -> bool {
        self.not_found.is_some_and(|at| now.since(at) < FRESH)
    }

    /// Whether a key that is still listed need not be asked for today. TMDB's CDN
    /// repeats a 404 for a while; one that goes on for days is looked into now and then.
    pub fn rests(&self, today: Date, every_days: u32) -> bool {
        let Some(not_found) = self.not_found else { return false };
        let days = today.since(not_found.date()).map_or(0, |span| span.get_days());
        let days = u32::try_from(days).unwrap_or(0);
        days >= every_days && !days.is_multiple_of(every_days.max(1))
    }
}

/// A key with one proof against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suspect {
    pub key: Key,
    pub evidence: Evidence,
}

/// Proof that a key is gone. It is kept when the record is purged, and holds
/// nothing of TMDB's but ids.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tombstone {
    pub key: Key,
    pub since: Timestamp,
    pub evidence: Evidence,
    /// The key that the title likely has by now, when it was merged.
    pub successor: Option<Successor>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Successor {
    pub key: Key,
    /// 0 to 1.
    pub confidence: f64,
    pub reason: Likeness,
}

/// Why two keys seem to be the same title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    ImdbId,
    TitleAndDate,
    TitleAndYear,
}

impl Likeness {
    pub const ALL: [Self; 3] = [Self::ImdbId, Self::TitleAndDate, Self::TitleAndYear];

    /// As it is stored; never changed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ImdbId => "imdb_id",
            Self::TitleAndDate => "title_and_date",
            Self::TitleAndYear => "title_and_year",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|likeness| likeness.as_str() == name)
    }

    /// How sure it makes.
    pub fn confidence(self) -> f64 {
        match self {
            Self::ImdbId => 0.95,
            Self::TitleAndDate => 0.8,
            Self::TitleAndYear => 0.5,
        }
    }

    /// For people.
    pub fn as_words(self) -> &'static str {
        match self {
            Self::ImdbId => "the same IMDb id",
            Self::TitleAndDate => "the same title and date",
            Self::TitleAndYear => "the same title and year",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_404_is_asked_for_again() {
        let at = |hours: i64| Timestamp::from_millis(hours * 3_600_000);
        let evidence = Evidence { not_found: Some(at(0)), unlisted: None };
        assert!(evidence.has_fresh_404(at(47)) && !evidence.has_fresh_404(at(48)));
        assert!(!Evidence::default().has_fresh_404(at(0)));
    }

    #[test]
    fn a_404_is_looked_into_daily_for_a_while_and_then_now_and_then() {
        let not_found = Some(Timestamp::from_millis(86_400_000 * 20_000));
        let evidence = Evidence { not_found, unlisted: None };
        let first = Timestamp::from_millis(86_400_000 * 20_000).date();
        let day = |days: i64| first.checked_add(jiff::Span::new().days(days)).unwrap();
        let asked: Vec<i64> = (0..23).filter(|days| !evidence.rests(day(*days), 7)).collect();
        assert_eq!(asked, [0, 1, 2, 3, 4, 5, 6, 7, 14, 21]);
        assert!(!Evidence::default().rests(day(9), 7));
        assert!(!evidence.rests(day(-1), 7) && !evidence.rests(day(9), 0));
    }
}
