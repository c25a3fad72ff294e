//! How much a client has used: the second in a bucket, the day in a count.

use domain::Timestamp;
use domain::access::{Quota, Usage};

const DAY: i64 = 86_400_000;

/// What a client used, as far as this process knows.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// Requests that may come at once, in thousandths, and since when.
    bucket: i64,
    filled_at: i64,
    /// The day that is counted, from 1970 on.
    day: i64,
    /// Of all processes, as they had written it.
    known: u64,
    /// Of this process, not written yet.
    unsaved: Count,
    /// Of this process, being written.
    saving: Count,
    /// Of days before.
    left_over: Vec<(i64, Count)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    requests: u64,
    refused: u64,
}

impl Count {
    fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Meter {
    /// Counts a request. Beyond the quota: after how many seconds to come again.
    pub(crate) fn admit(&mut self, quota: Quota, now: Timestamp) -> Result<(), u64> {
        self.turn_to(now);
        if let Some(seconds) = self.wait(quota, now) {
            self.unsaved.refused += 1;
            return Err(seconds);
        }
        if quota.per_second.is_some() {
            self.bucket -= 1_000;
        }
        self.unsaved.requests += 1;
        Ok(())
    }

    fn turn_to(&mut self, now: Timestamp) {
        let day = now.as_millis().div_euclid(DAY);
        if day == self.day {
            return;
        }
        let unsaved = std::mem::take(&mut self.unsaved);
        if !unsaved.is_nothing() {
            self.left_over.push((self.day, unsaved));
        }
        (self.day, self.known) = (day, 0);
    }

    fn wait(&mut self, quota: Quota, now: Timestamp) -> Option<u64> {
        let used = self.known + self.saving.requests + self.unsaved.requests;
        if quota.per_day.is_some_and(|most| used >= most) {
            let left = DAY - now.as_millis().rem_euclid(DAY);
            return Some(u64::try_from(left).unwrap_or(0).div_ceil(1_000));
        }
        let per_second = i64::from(quota.per_second?);
        // Each millisecond adds a thousandth of so many; a clock that was set back, nothing.
        let passed = (now.as_millis() - self.filled_at).clamp(0, 1_000);
        self.filled_at = now.as_millis();
        self.bucket = (self.bucket + passed * per_second).min(per_second * 1_000);
        (self.bucket < 1_000).then_some(1)
    }

    /// What is to be written; it counts as used until [`Meter::saved`].
    pub(crate) fn save(&mut self, client: &str, now: Timestamp) -> Vec<Usage> {
        self.turn_to(now);
        let mut counts = std::mem::take(&mut self.left_over);
        self.saving = std::mem::take(&mut self.unsaved);
        counts.push((self.day, self.saving));
        let counts = counts.into_iter().filter(|(_, count)| !count.is_nothing());
        counts
            .map(|(day, Count { requests, refused })| Usage {
                client: client.to_owned(),
                day: Timestamp::from_millis(day * DAY).date(),
                requests,
                refused,
            })
            .collect()
    }

    /// Notes that it was written, and what all processes have written by now.
    pub(crate) fn saved(&mut self, known: Option<u64>) {
        let saving = std::mem::take(&mut self.saving);
        self.known = known.unwrap_or(self.known + saving.requests);
    }

    /// Takes back what could not be written.
    pub(crate) fn not_saved(&mut self, usage: &[Usage]) {
        let mine = std::mem::take(&mut self.saving);
        self.unsaved.requests += mine.requests;
        self.unsaved.refused += mine.refused;
        let today = Timestamp::from_millis(self.day * DAY).date();
        for Usage { day, requests, refused, .. } in usage.iter().filter(|one| one.day != today) {
            let at = day
                .to_zoned(jiff::tz::TimeZone::UTC)
                .map_or(0, |at| at.timestamp().as_millisecond());
            let count = Count { requests: *requests, refused: *refused };
            self.left_over.push((at.div_euclid(DAY), count));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    /// Asks at these milliseconds; says which were refused, and until when.
    fn refused(quota: Quota, asked: &[i64]) -> Vec<(i64, u64)> {
        let mut meter = Meter::default();
        let refused = asked
            .iter()
            .filter_map(|now| meter.admit(quota, at(*now)).err().map(|seconds| (*now, seconds)));
        refused.collect()
    }

    #[test]
    fn so_many_pass_in_a_second() {
        let quota = Quota { per_second: Some(2), per_day: None };
        let asked = [10_000, 10_001, 10_002, 10_500, 10_501, 12_000, 12_000, 12_000];
        assert_eq!(refused(quota, &asked), [(10_002, 1), (10_501, 1), (12_000, 1)]);
    }

    #[test]
    fn so_many_pass_in_a_day_of_utc() {
        let quota = Quota { per_second: None, per_day: Some(2) };
        let asked = [DAY - 9_500, DAY - 9_000, DAY - 8_500, DAY, DAY + 1, DAY + 1_000];
        assert_eq!(refused(quota, &asked), [(DAY - 8_500, 9), (DAY + 1_000, 86_399)]);
    }

    #[test]
    fn a_clock_set_back_lets_nothing_more_pass() {
        let quota = Quota { per_second: Some(1), per_day: None };
        assert_eq!(refused(quota, &[50_000, 1_000, 1_500, 2_000]), [(1_000, 1), (1_500, 1)]);
    }

    #[test]
    fn what_others_have_used_counts_too() {
        let quota = Quota { per_second: None, per_day: Some(10) };
        let mut meter = Meter::default();
        meter.admit(quota, at(1)).unwrap();
        let saved = meter.save("a", at(2));
        assert_eq!((saved.len(), saved[0].requests, saved[0].refused), (1, 1, 0));
        meter.saved(Some(9));
        meter.admit(quota, at(3)).unwrap();
        assert!(meter.admit(quota, at(4)).is_err());
        assert_eq!(meter.save("a", at(5))[0].refused, 1);
    }

    #[test]
    fn what_could_not_be_written_is_written_later() {
        let mut meter = Meter::default();
        meter.admit(Quota::default(), at(DAY - 1)).unwrap();
        meter.admit(Quota::default(), at(DAY)).unwrap();
        let usage = meter.save("a", at(DAY));
        assert_eq!(usage.len(), 2);
        meter.not_saved(&usage);
        meter.admit(Quota::default(), at(DAY + 1)).unwrap();
        let again = meter.save("a", at(DAY + 2));
        let counts: Vec<_> = again.iter().map(|one| (one.day.to_string(), one.requests)).collect();
        assert_eq!(counts, [("1970-01-01".to_owned(), 1), ("1970-01-02".to_owned(), 2)]);
    }
}
