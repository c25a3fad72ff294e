//! Numbers that look random and are functions of what they are asked for.

/// Scrambles 64 bits (the finisher of splitmix64).
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// 128 bits that tell bodies apart; not a cryptographic digest.
pub(crate) fn digest(bytes: &[u8]) -> (u64, u64) {
    let (mut high, mut low) = (bytes.len() as u64, 0x5bd1_e995_u64);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        high = (high ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd).rotate_left(29);
        low = (low.rotate_left(31) ^ word).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    }
    for byte in rest {
        high = mix(high ^ u64::from(*byte));
    }
    (mix(high ^ low), mix(low.wrapping_add(high)))
}

/// A stream of numbers that follows from its seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number from 0 to `end - 1`; 0 when `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True for this share of the throws.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// About normally distributed, within ±3.5.
    pub(crate) fn bell(&mut self) -> f64 {
        let sum = self.share() + self.share() + self.share() + self.share();
        (sum - 2.0) * 3.0_f64.sqrt()
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.place(choices.len())]
    }

    /// An index into so many choices.
    pub(crate) fn place(&mut self, choices: usize) -> usize {
        usize::try_from(self.below(choices as u64)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_give_equal_throws() {
        let throws = |seed| {
            let mut dice = Dice::new(seed);
            (0..10).map(|_| dice.below(100)).collect::<Vec<_>>()
        };
        assert_eq!(throws(3), throws(3));
        assert_ne!(throws(3), throws(4));
    }

    #[test]
    fn throws_stay_within_their_bounds() {
        let mut dice = Dice::new(9);
        for _ in 0..1000 {
            assert!(dice.below(7) < 7);
            assert!((3..=5).contains(&dice.between(3, 5)));
            assert!((0.0..1.0).contains(&dice.share()));
            assert!(dice.bell().abs() < 3.5);
        }
        assert_eq!(dice.below(0), 0);
    }

    #[test]
    fn one_byte_more_is_another_digest() {
        assert_ne!(digest(b"abcdefgh"), digest(b"abcdefgi"));
        assert_ne!(digest(b"abcdefgh1"), digest(b"abcdefgh2"));
        assert_ne!(digest(b""), digest(b"\0"));
    }
}
