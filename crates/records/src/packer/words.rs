//! Prose as words of a trained vocabulary.
//!
//! A text is words and what stands between them; a single space between two
//! words is not written. Each is its rank in the vocabulary, of which the
//! class is written by its likelihood behind the class before, and the rest
//! as bits. What the vocabulary lacks is spelled once a body, and then known
//! by number. All ends up in one stream, which is read from its end.
//!
//! A vocabulary as stored, all integers little-endian: the likelihoods, two
//! bytes each, by class and the class before; then the words with their
//! lengths, most frequent first.

mod coder;
mod stream;
mod tokens;
mod train;

use std::collections::HashMap;

use crate::wire;

pub(super) use stream::{WordReader, WordWriter};
pub(super) use train::train;

/// Ranks that are no words: the text ends,
const END: usize = 0;
/// a word follows letter by letter,
const SPELLED: usize = 1;
/// a word that was spelled before follows, as its number.
const KNOWN: usize = 2;
const FIRST_WORD: usize = 3;
const MAX_RANKS: usize = 1 << 15;

/// Ranks below have a class of their own; above, every octave has four.
const OWN_CLASS: usize = 32;
const CLASSES: usize = 72;

/// Likelihoods are parts of 2 to this power.
const SCALE_BITS: u32 = 14;

/// The words of a dictionary, and how likely they follow each other.
#[derive(Debug)]
pub(super) struct Vocabulary {
    words: Vec<Box<[u8]>>,
    ranks: HashMap<Box<[u8]>, usize, Fast>,
    /// For each class before: where each class begins, and the end.
    starts: Vec<[u16; CLASSES + 1]>,
}

type Fast = std::hash::BuildHasherDefault<tokens::WordHasher>;

impl Vocabulary {
    fn new(words: Vec<Box<[u8]>>, likelihoods: &[[u16; CLASSES]]) -> Option<Self> {
        let ranks = (FIRST_WORD..).zip(&words).map(|(rank, word)| (word.clone(), rank)).collect();
        let starts = likelihoods.iter().map(|row| {
            let mut starts = [0; CLASSES + 1];
            for (class, likelihood) in row.iter().enumerate() {
                let next = starts[class] + likelihood;
                starts[class + 1] = next;
                if *likelihood == 0 || next > 1 << SCALE_BITS {
                    return None;
                }
            }
            (starts[CLASSES] == 1 << SCALE_BITS).then_some(starts)
        });
        Some(Self { ranks, starts: starts.collect::<Option<_>>()?, words })
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (table, mut rest) = bytes.split_at_checked(CLASSES * CLASSES * 2)?;
        let mut numbers = table.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
        let mut likelihoods = vec![[0; CLASSES]; CLASSES];
        for (place, number) in likelihoods.iter_mut().flatten().zip(&mut numbers) {
            *place = number.min(1 << SCALE_BITS);
        }
        let mut words = Vec::new();
        while !rest.is_empty() {
            words.push(wire::take_bytes(&mut rest)?.into());
        }
        if words.len() + FIRST_WORD > MAX_RANKS {
            return None;
        }
        Self::new(words, &likelihoods)
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for pair in self.starts.iter().flat_map(|starts| starts.windows(2)) {
            bytes.extend_from_slice(&(pair[1] - pair[0]).to_le_bytes());
        }
        for word in &self.words {
            wire::put_varint(word.len() as u64, &mut bytes);
            bytes.extend_from_slice(word);
        }
        bytes
    }

    fn rank(&self, word: &[u8]) -> Option<usize> {
        self.ranks.get(word).copied()
    }

    fn word(&self, rank: usize) -> Option<&[u8]> {
        self.words.get(rank.checked_sub(FIRST_WORD)?).map(|word| &**word)
    }
}

/// Returns a rank's class, and how many of its low bits the class leaves open.
fn class(rank: usize) -> (usize, u32) {
    if rank < OWN_CLASS {
        return (rank, 0);
    }
    let open = rank.ilog2() - 2;
    (OWN_CLASS + (open as usize - 3) * 4 + ((rank >> open) & 3), open)
}

/// Returns the lowest rank of a class, and how many low bits it leaves open.
fn lowest_rank(class: usize) -> (usize, u32) {
    let Some(above) = class.checked_sub(OWN_CLASS) else { return (class, 0) };
    let rank = (4 + above % 4) << (above / 4 + 3);
    (rank, rank.ilog2() - 2)
}

#[cfg(test)]
mod tests;
