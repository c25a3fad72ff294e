//! What was asked of the mirror, and how it came to its answers.

use serde::Serialize;

use crate::time::Timestamp;

/// What was asked of one endpoint in one hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Served {
    /// When it began.
    pub hour: Timestamp,
    /// As the table of endpoints writes it: `/3/movie/{movie_id}`.
    pub endpoint: String,
    #[serde(flatten)]
    pub figures: ServedFigures,
}

/// How many answers came which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ServedFigures {
    /// Kept from an equal request a moment ago.
    pub kept: u64,
    /// From the mirror.
    pub fresh: u64,
    /// From the mirror, older than it should be.
    pub stale: u64,
    /// TMDB was asked.
    pub fetched: u64,
    /// There was no data.
    pub failed: u64,
    /// Calls to TMDB that the same requests would have been without a mirror, and
    /// were not.
    pub saved: u64,
}

impl ServedFigures {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What came since an earlier reading of the same figures.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            kept: self.kept.saturating_sub(earlier.kept),
            fresh: self.fresh.saturating_sub(earlier.fresh),
            stale: self.stale.saturating_sub(earlier.stale),
            fetched: self.fetched.saturating_sub(earlier.fetched),
            failed: self.failed.saturating_sub(earlier.failed),
            saved: self.saved.saturating_sub(earlier.saved),
        }
    }
}

impl std::ops::AddAssign for ServedFigures {
    fn add_assign(&mut self, other: Self) {
        self.kept += other.kept;
        self.fresh += other.fresh;
        self.stale += other.stale;
        self.fetched += other.fetched;
        self.failed += other.failed;
        self.saved += other.saved;
    }
}

/// The start of the hour in which an instant lies.
pub fn hour(at: Timestamp) -> Timestamp {
    const HOUR: i64 = 3_600_000;
    Timestamp::from_millis(at.as_millis().div_euclid(HOUR) * HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_begins_at_or_before_an_instant() {
        let check = |at: i64, begins: i64| {
            assert_eq!(hour(Timestamp::from_millis(at)), Timestamp::from_millis(begins), "{at}");
        };
        check(0, 0);
        check(3_599_999, 0);
        check(3_600_000, 3_600_000);
        check(-1, -3_600_000);
    }
}
