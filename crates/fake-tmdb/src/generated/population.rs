//! Who exists on a day: ids, ranks, newcomers and the gone, all in closed form.

use super::hash::mix;
use super::life::Life;

/// Ranks move within blocks of so many.
const BLOCK: u64 = 32;
/// The best known hundredth is edited so many times as often as the rest.
const BUSY: u64 = 9;

/// All keys of a kind. A member is known by its index: the lower, the better known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Population {
    salt: u64,
    first: u64,
    /// Newcomers in a thousand days.
    growth: u64,
    /// Ids of day 0 lie in `1..=space`, with gaps.
    space: u64,
    life: Life,
    /// The logarithm of the share that outlives a day.
    survival: f64,
    /// Days between two edits of a member that is not among the best known; 0 is never.
    edit_days: u64,
}

impl Population {
    /// `edits` and `merges` are those of the kind.
    pub(super) fn new(count: u64, salt: u64, life: Life, edits: f64, merges: f64) -> Self {
        let first = count.max(1);
        let mean = 0.01 * BUSY as f64 + 0.99;
        Self {
            salt,
            first,
            growth: whole((first as f64 * life.births * 1000.0).round()),
            space: first + first * 2 / 5 + 8,
            life: Life { merges, ..life },
            survival: (1.0 - life.deaths).ln(),
            edit_days: if edits > 0.0 { whole((mean / edits).round()).max(1) } else { 0 },
        }
    }

    /// The hash that all of a member's own properties follow from.
    pub(super) fn hash(&self, index: u64) -> u64 {
        mix(self.salt ^ index)
    }

    /// How many there have been up to a day, the gone included.
    pub(super) fn count(&self, day: u32) -> u64 {
        self.first + self.growth * u64::from(day) / 1000
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
        self.index(id, day).filter(|index| self.is_alive(*index, day))
    }

    /// The member with an id, if a question for it is answered on that day.
    pub(super) fn answering(&self, id: u64, day: u32) -> Option<u64> {
        self.living(id, day).filter(|index| !self.is_absent(*index, day))
    }

    pub(super) fn is_alive(&self, index: u64, day: u32) -> bool {
        !self.is_phantom(index) && !self.is_gone(index, day)
    }

    /// Listed everywhere, yet a 404.
    pub(super) fn is_phantom(&self, index: u64) -> bool {
        share(mix(self.hash(index) ^ 0xdead)) < self.life.phantoms
    }

    /// Deleted or merged by that day.
    pub(super) fn is_gone(&self, index: u64, day: u32) -> bool {
        self.last_day(index) <= u64::from(day)
    }

    /// The day on which a member goes; it is there on all days before.
    pub(super) fn last_day(&self, index: u64) -> u64 {
        let luck = share(mix(self.hash(index) ^ 0xd1e));
        // Where nobody ever dies this is infinite.
        let days = (1.0 - luck).ln() / self.survival;
        if days.is_nan() {
            u64::MAX
        } else {
            (self.born(index) + 1).saturating_add(whole(days.abs()))
        }
    }

    /// Whether a member answers 404 on a day although it is there.
    pub(super) fn is_absent(&self, index: u64, day: u32) -> bool {
        self.slips(index) && self.has_luck(index, day, 0xab5e, 2.0 * self.life.absences)
    }

    /// Whether a day's export leaves a member out although it is there.
    pub(super) fn is_left_out(&self, index: u64, day: u32) -> bool {
        !self.slips(index) && self.has_luck(index, day, 0x6a9, 2.0 * self.life.gaps)
    }

    /// Half of the members are absent now and then, the others left out, and
    /// none both: together they would look like a deletion.
    fn slips(&self, index: u64) -> bool {
        self.hash(index) & 1 << 40 == 0
    }

    fn has_luck(&self, index: u64, day: u32, salt: u64, wanted: f64) -> bool {
        wanted > 0.0 && share(mix(self.hash(index) ^ salt ^ u64::from(day) << 44)) < wanted
    }

    /// Whether the feed tells of what happened to a member on a day.
    pub(super) fn is_listed(&self, index: u64, day: u32) -> bool {
        u64::from(day) == self.born(index) || !self.has_luck(index, day, 0x51e7, self.life.silent)
    }

    /// Which member carries on the title and the IMDb id of one that goes.
    pub(super) fn heir(&self, index: u64) -> Option<u64> {
        let (heir, hash) = (index ^ 1, self.hash(index));
        let is_merged = index.max(heir) < self.first
            // Only of these it is certain that they have an IMDb id.
            && hash % 40 > 4
            && share(mix(hash ^ 0x3e69e)) < self.life.merges
            && !self.is_phantom(index)
            && !self.is_phantom(heir);
        (is_merged && self.last_day(index) < self.last_day(heir)).then_some(heir)
    }

    /// The neighbour that is merged into this member, and the day it is.
    pub(super) fn merged(&self, index: u64) -> Option<(u64, u64)> {
        let neighbour = index ^ 1;
        (self.heir(neighbour) == Some(index)).then(|| (neighbour, self.last_day(neighbour)))
    }

    /// The day on which a member appeared.
    pub(super) fn born(&self, index: u64) -> u64 {
        let newcomer = |newcomer: u64| ((newcomer + 1) * 1000).div_ceil(self.growth.max(1));
        index.checked_sub(self.first).map_or(0, newcomer)
    }

    /// How often a member has been edited up to a day.
    pub(super) fn edits(&self, index: u64, day: u32) -> u64 {
        let Some(rhythm) = self.rhythm(index) else { return 0 };
        let (born, day) = (self.born(index), u64::from(day));
        rhythm.beats(day.max(born)) - rhythm.beats(born)
    }

    /// The last day up to the given one on which a member was edited.
    pub(super) fn last_edit(&self, index: u64, day: u32) -> Option<u64> {
        let last = self.rhythm(index)?.last(u64::from(day))?;
        (last > self.born(index)).then_some(last)
    }

    fn rhythm(&self, index: u64) -> Option<Rhythm> {
        if self.edit_days == 0 {
            return None;
        }
        let is_busy = index < self.first / 100;
        let days = if is_busy { (self.edit_days / BUSY).max(1) } else { self.edit_days };
        let hash = mix(self.hash(index) ^ 0xed17);
        Some(Rhythm { days, phase: hash % days, hash })
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
        let hash = mix(self.salt ^ (block << 20) ^ u64::from(day));
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

/// One day of every so many, another one each time.
#[derive(Clone, Copy, Debug)]
struct Rhythm {
    days: u64,
    phase: u64,
    hash: u64,
}

impl Rhythm {
    /// How many of its days have come by a day.
    fn beats(&self, day: u64) -> u64 {
        let (bar, within) = ((day + self.phase) / self.days, (day + self.phase) % self.days);
        bar + u64::from(self.beat(bar) <= within)
    }

    /// The last of its days up to one.
    fn last(&self, day: u64) -> Option<u64> {
        let bar = (self.beats(day)).checked_sub(1)?;
        (bar * self.days + self.beat(bar)).checked_sub(self.phase)
    }

    /// Which day of a bar it is.
    fn beat(&self, bar: u64) -> u64 {
        mix(self.hash ^ bar) % self.days
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
#[path = "tests/population.rs"]
mod tests;
