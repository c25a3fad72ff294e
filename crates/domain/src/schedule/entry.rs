//! An entry: a job with its slots and a name.

use super::job::Job;
use super::state::Offer;
use super::when::When;
use crate::time::Timestamp;

/// A line of the schedule, as the configuration says it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub when: When,
    pub job: Job,
    /// Starts only when a person triggers it.
    pub paused: bool,
}

impl Entry {
    /// What a leader offers of it.
    pub fn offer(&self, now: Timestamp) -> Offer {
        Offer {
            name: self.name.clone(),
            says: format!("{} {}", self.when, self.job),
            withheld: self.paused,
            latest: self.when.latest(now),
        }
    }
}

/// The next slots of all entries after an instant, in their order.
pub fn next_slots(entries: &[Entry], now: Timestamp, count: usize) -> Vec<(Timestamp, &Entry)> {
    let mut coming: Vec<(Timestamp, &Entry)> =
        entries.iter().filter_map(|entry| Some((entry.when.after(now)?, entry))).collect();
    let mut slots = vec![];
    while slots.len() < count {
        let Some(next) = coming.iter_mut().min_by_key(|(slot, _)| *slot) else { break };
        slots.push(*next);
        match next.1.when.after(next.0) {
            Some(slot) => next.0 = slot,
            None => next.0 = Timestamp::from_millis(i64::MAX),
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Preset;

    #[test]
    fn the_next_slots_of_all_entries_come_in_their_order() {
        let entries = Preset::S4.entries();
        // A Saturday at 17:00 UTC.
        let now: jiff::Timestamp = "2026-11-21T17:00:00Z".parse().unwrap();
        let slots = next_slots(&entries, now.into(), 6);
        let shown: Vec<_> =
            slots.iter().map(|(slot, entry)| format!("{slot} {}", entry.name)).collect();
        assert_eq!(
            shown,
            [
                "2026-11-21T18:00:00Z quick",
                "2026-11-22T00:00:00Z quick",
                "2026-11-22T02:00:00Z weekly",
                "2026-11-22T03:00:00Z daily",
                "2026-11-22T06:00:00Z quick",
                "2026-11-22T12:00:00Z quick",
            ]
        );
    }
}
