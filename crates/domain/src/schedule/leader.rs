//! One leader among many processes, by a lease.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Who leads the schedule; the row that all processes share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leader {
    /// Nobody's when it was given back.
    pub holder: Option<String>,
    /// Grows with each change of the leader: what an earlier one still says
    /// does not count.
    pub fence: u64,
    pub until: Timestamp,
}

/// What a process hears when it asks to lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leadership {
    /// It leads until then, or until it renews.
    Leads { fence: u64, until: Timestamp },
    /// Another process does.
    Follows { leader: String, until: Timestamp },
}

impl Leader {
    /// Becomes leader where the lease is free or over, or prolongs one's own.
    pub fn lead(&mut self, holder: &str, lease: Duration, now: Timestamp) -> Leadership {
        let is_own = self.holder.as_deref() == Some(holder);
        if let Some(other) = &self.holder
            && !is_own
            && !is_over(self.until, lease, now)
        {
            return Leadership::Follows { leader: other.clone(), until: self.until };
        }
        if !is_own {
            self.fence += 1;
            self.holder = Some(holder.to_owned());
        }
        self.until = now + lease;
        Leadership::Leads { fence: self.fence, until: self.until }
    }

    /// Gives back one's own lease.
    pub fn resign(&mut self, holder: &str, now: Timestamp) {
        if self.holder.as_deref() == Some(holder) {
            self.holder = None;
            self.until = now;
        }
    }

    /// Whether an offer under this fence counts.
    pub fn is(&self, holder: &str, fence: u64) -> bool {
        self.fence == fence && self.holder.as_deref() == Some(holder)
    }
}

/// Whether a lease has ended. One that ends later than any could was taken
/// before the clock was set back.
pub(super) fn is_over(until: Timestamp, lease: Duration, now: Timestamp) -> bool {
    until <= now || until > now + lease * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(30);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::default() + Duration::from_secs(seconds)
    }

    /// Processes ask to lead, each at its second; says with which fence they do.
    #[track_caller]
    fn check(asked: &[(&str, u64, Option<u64>)]) {
        let mut leader = Leader::default();
        for (holder, second, fence) in asked {
            let heard = match leader.lead(holder, LEASE, at(*second)) {
                Leadership::Leads { fence, .. } => Some(fence),
                Leadership::Follows { .. } => None,
            };
            assert_eq!(heard, *fence, "{holder} at {second}");
        }
    }

    #[test]
    fn one_leads_while_it_renews() {
        check(&[("a", 100, Some(1)), ("b", 101, None), ("a", 110, Some(1)), ("b", 139, None)]);
    }

    #[test]
    fn another_takes_over_when_the_lease_ends_and_the_first_is_told() {
        check(&[("a", 100, Some(1)), ("b", 130, Some(2)), ("a", 131, None), ("a", 161, Some(3))]);
    }

    #[test]
    fn a_lease_nobody_took_stays_ones_own() {
        check(&[("a", 100, Some(1)), ("a", 500, Some(1))]);
    }

    #[test]
    fn a_clock_set_back_does_not_leave_the_schedule_to_the_dead() {
        check(&[("a", 100_000, Some(1)), ("b", 100, Some(2))]);
    }

    #[test]
    fn who_resigns_is_followed_at_once() {
        let mut leader = Leader::default();
        leader.lead("a", LEASE, at(100));
        leader.resign("b", at(101));
        assert!(leader.is("a", 1));
        leader.resign("a", at(101));
        assert!(!leader.is("a", 1));
        let led = leader.lead("b", LEASE, at(101));
        assert_eq!(led, Leadership::Leads { fence: 2, until: at(131) });
    }
}
