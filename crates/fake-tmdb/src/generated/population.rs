//! Who exists on a day: ids, ranks, newcomers and the gone, all in closed form.

use super::hash::mix;

/// Ranks move within blocks of so many.
const BLOCK: u64 = 32;
/// Ranks of this many of the best move every day, others every ten days.
const RESTLESS: u64 = 640;
/// Share of the keys that are listed but were never there.
const PHANTOMS: f64 = 0.001;
/// Share of the living that goes each day; half of it is merged into a neighbour.
const DAILY_DEATHS: f64 = 0.000_2;
/// Days between two changes of a key: of the best hundredth, and of the rest.
const CHANGE_DAYS: (u64, u64) = (20, 180);

/// All keys of a kind. A member is known by its index: the lower, the better known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Population {
    salt: u64,
    first: u64,
    growth: u64,
    /// Ids of day 0 lie in `1..=space`, with gaps.
    space: u64,
}

impl Population {
    pub(super) fn new(count: u64, salt: u64) -> Self {
        let first = count.max(1);
        Self { salt, first, growth: first.div_ceil(3000), space: first + first * 2 / 5 + 8 }
    }

    /// The hash that all of a member's own properties follow from.
    pub(super) fn hash(&self, index: u64) -> u64 {
        mix(self.salt ^ index)
    }

    /// How many there have been up to a day, the gone included.
    pub(super) fn count(&self, day: u32) -> u64 {
        self.first + self.growth * u64::from(day)
    }

    /// How far down a member stands, from almost 0 to 1.
    pub(super) fn depth(&self, index: u64) -> f64 {
        ((index + 1) as f64 / self.first as f64).min(1.0)
    }

    pub(super) fn id(&self, index: u64) -> u64 {
        match index.checked_sub(self.first) {
            None => 1 + self.permute(index),
            Some(newcomer) => 1 + self.space + newcomer,
        }
    }

    /// The member with an id, if there has ever been one up to that day.
    pub(super) fn index(&self, id: u64, day: u32) -> Option<u64> {
        let place = id.checked_sub(1)?;
        let index = match place.checked_sub(self.space) {
            None => self.restore(place),
            Some(newcomer) => self.first.checked_add(newcomer)?,
        };
        let exists = index < self.count(day) && (place >= self.space || index < self.first);
        exists.then_some(index)
    }

    /// The member with an id, if it is there on that day.
    pub(super) fn living(&self, id: u64, day: u32) -> Option<u64> {
        self.index(id, day).filter(|index| !self.is_phantom(*index) && !self.is_gone(*index, day))
    }

    /// Listed everywhere, yet a 404.
    pub(super) fn is_phantom(&self, index: u64) -> bool {
        share(mix(self.hash(index) ^ 0xdead)) < PHANTOMS
    }

    /// Deleted or merged by that day.
    pub(super) fn is_gone(&self, index: u64, day: u32) -> bool {
        self.last_day(index) <= u64::from(day)
    }

    /// The day on which a member goes; it is there on all days before.
    pub(super) fn last_day(&self, index: u64) -> u64 {
        let luck = share(mix(self.hash(index) ^ 0xd1e));
        let days = (1.0 - luck).ln() / (1.0 - DAILY_DEATHS).ln();
        self.born(index) + 1 + whole(days)
    }

    /// The neighbour that is merged into this member, and the day it was.
    pub(super) fn merged(&self, index: u64) -> Option<(u64, u64)> {
        let neighbour = index ^ 1;
        let merges = neighbour < self.first && self.hash(neighbour) & 2 == 0;
        merges.then(|| (neighbour, self.last_day(neighbour)))
    }

    /// The day on which a member appeared.
    pub(super) fn born(&self, index: u64) -> u64 {
        index.checked_sub(self.first).map_or(0, |newcomer| newcomer / self.growth + 1)
    }

    /// How often a member has been edited up to a day.
    pub(super) fn revision(&self, index: u64, day: u32) -> u64 {
        let (days, phase) = self.rhythm(index);
        let edits = (u64::from(day) + phase) / days;
        let merged = self.merged(index).is_some_and(|(_, on)| on <= u64::from(day));
        edits + u64::from(merged)
    }

    /// Whether a member appeared, was edited, took another in, or went on a day.
    pub(super) fn has_changed(&self, index: u64, day: u32) -> bool {
        let day = u64::from(day);
        let (days, phase) = self.rhythm(index);
        let is_edited = (day + phase).is_multiple_of(days);
        let is_merged = self.merged(index).is_some_and(|(_, on)| on == day);
        let (born, last) = (self.born(index), self.last_day(index));
        let is_new = born == day && day > 0;
        (born..=last).contains(&day) && (is_edited || is_merged || is_new || last == day)
    }

    fn rhythm(&self, index: u64) -> (u64, u64) {
        let days = if index < self.first / 100 { CHANGE_DAYS.0 } else { CHANGE_DAYS.1 };
        (days, mix(self.hash(index) ^ 0xed17) % days)
    }

    /// The member of a rank on a day; 0 is the best.
    pub(super) fn at_rank(&self, rank: u64, day: u32) -> u64 {
        let (block, place) = (rank / BLOCK, rank % BLOCK);
        let Some((factor, shift)) = self.shuffle(block, day) else { return rank };
        block * BLOCK + (place * factor + shift) % BLOCK
    }

    /// The inverse of [`Population::at_rank`].
    pub(super) fn rank(&self, index: u64, day: u32) -> u64 {
        let (block, place) = (index / BLOCK, index % BLOCK);
        let Some((factor, shift)) = self.shuffle(block, day) else { return index };
        block * BLOCK + (place + BLOCK - shift) * inverse(factor) % BLOCK
    }

    /// How a block is shuffled on a day, when it is whole.
    fn shuffle(&self, block: u64, day: u32) -> Option<(u64, u64)> {
        if (block + 1) * BLOCK > self.first {
            return None;
        }
        let day = u64::from(day);
        let since = if block * BLOCK < RESTLESS { day } else { (day + self.hash(block) % 10) / 10 };
        let hash = mix(self.salt ^ (block << 20) ^ since);
        Some(((hash % BLOCK) | 1, (hash >> 32) % BLOCK))
    }

    /// A bijection of `0..space`: a small Feistel network, walked until it ends inside.
    fn permute(&self, place: u64) -> u64 {
        let half = self.half_bits();
        let mut place = place;
        loop {
            let (mut left, mut right) = (place >> half, place & ((1 << half) - 1));
            for round in 0..4 {
                (left, right) = (right, left ^ self.round(right, round));
            }
            place = (left << half) | right;
            if place < self.space {
                return place;
            }
        }
    }

    fn restore(&self, place: u64) -> u64 {
        let half = self.half_bits();
        let mut place = place;
        loop {
            let (mut left, mut right) = (place >> half, place & ((1 << half) - 1));
            for round in (0..4).rev() {
                (left, right) = (right ^ self.round(left, round), left);
            }
            place = (left << half) | right;
            if place < self.space {
                return place;
            }
        }
    }

    fn round(&self, value: u64, round: u64) -> u64 {
        mix(self.salt ^ (value << 3) ^ round) & ((1 << self.half_bits()) - 1)
    }

    fn half_bits(&self) -> u32 {
        (u64::BITS - self.space.leading_zeros()).div_ceil(2)
    }
}

/// The inverse of an odd number modulo [`BLOCK`].
fn inverse(odd: u64) -> u64 {
    // Newton's iteration doubles the correct bits, three to begin with.
    odd.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(odd))) % BLOCK
}

pub(super) fn share(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts saturate, and no negative number is given"
)]
pub(super) fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_lead_back_to_their_members() {
        let people = Population::new(1000, 7);
        let ids: HashSet<u64> = (0..people.count(30)).map(|index| people.id(index)).collect();
        assert_eq!(ids.len() as u64, people.count(30));
        for index in 0..people.count(30) {
            assert_eq!(people.index(people.id(index), 30), Some(index));
        }
        let known = (0..2000).filter(|id| people.index(*id, 30).is_some()).count();
        assert_eq!(known as u64, people.count(30), "ids that nobody has");
        assert_eq!(people.index(u64::MAX, 30), None);
    }

    #[test]
    fn ranks_are_a_permutation_that_moves() {
        let people = Population::new(1000, 7);
        for day in [0, 1, 25] {
            let members: HashSet<u64> = (0..1000).map(|rank| people.at_rank(rank, day)).collect();
            assert_eq!(members.len(), 1000);
            for index in 0..people.count(day) {
                assert_eq!(people.at_rank(people.rank(index, day), day), index);
            }
        }
        assert_ne!(
            (0..20).map(|rank| people.at_rank(rank, 1)).collect::<Vec<_>>(),
            (0..20).map(|rank| people.at_rank(rank, 2)).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_few_change_appear_and_go_each_day() {
        let people = Population::new(100_000, 3);
        let changed = (0..people.count(5)).filter(|index| people.has_changed(*index, 5)).count();
        assert!((500..900).contains(&changed), "{changed} of 100,000 changed");
        let gone = (0..100_000).filter(|index| people.is_gone(*index, 10)).count();
        assert!((120..280).contains(&gone), "{gone} of 100,000 went in ten days");
        assert!((0..100_000).all(|index| !people.is_gone(index, 0)));
        assert_eq!(people.born(100_000), 1);
    }

    #[test]
    fn a_revision_grows_with_each_edit_only() {
        let people = Population::new(5000, 11);
        for index in 0..500 {
            for day in 1..40 {
                let grows = people.revision(index, day) > people.revision(index, day - 1);
                assert!(!grows || people.is_gone(index, day - 1) || people.has_changed(index, day));
            }
        }
    }
}
