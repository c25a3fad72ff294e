//! Makes a vocabulary from texts.

use std::collections::{HashMap, HashSet};

use super::tokens::tokens;
use super::{CLASSES, END, FIRST_WORD, Fast, KNOWN, MAX_RANKS, SCALE_BITS, SPELLED, Vocabulary};

/// Rarer words are not worth their place.
const MIN_COUNT: u32 = 2;
/// Fewer words and marks teach nothing.
const MIN_TOKENS: u32 = 4 << 10;
/// How much weight a class has by itself, against what came before.
const PRIOR: f64 = 16.0;

/// Returns a stored vocabulary of the texts of many bodies; `None` if there are too few.
pub(in super::super) fn train(bodies: &[Vec<Vec<u8>>]) -> Option<Vec<u8>> {
    let mut counts: HashMap<&[u8], u32, Fast> = HashMap::default();
    let mut texts = HashSet::new();
    // A text that many bodies repeat says nothing of the others.
    for token in
        bodies.iter().flatten().filter(|text| texts.insert(*text)).flat_map(|text| tokens(text))
    {
        *counts.entry(token).or_default() += 1;
    }
    if counts.values().sum::<u32>() < MIN_TOKENS {
        return None;
    }
    let mut words: Vec<_> = counts.into_iter().filter(|(_, count)| *count >= MIN_COUNT).collect();
    words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    words.truncate(MAX_RANKS - FIRST_WORD);
    let words: Vec<Box<[u8]>> = words.into_iter().map(|(word, _)| word.into()).collect();
    let even = even();
    let vocabulary = Vocabulary::new(words, &even)?;
    let likelihoods = likelihoods(&followers(&vocabulary, bodies));
    Some(Vocabulary::new(vocabulary.words, &likelihoods)?.to_bytes())
}

/// Counts which class follows which.
fn followers(vocabulary: &Vocabulary, bodies: &[Vec<Vec<u8>>]) -> Vec<[f64; CLASSES]> {
    let mut counts = vec![[0.0; CLASSES]; CLASSES];
    let mut before = END;
    let mut count = |rank| {
        let (class, _) = super::class(rank);
        counts[before][class] += 1.0;
        before = class;
    };
    for texts in bodies {
        let mut known: HashSet<&[u8], Fast> = HashSet::default();
        for text in texts {
            for token in tokens(text) {
                let rank = vocabulary
                    .rank(token)
                    .unwrap_or_else(|| if known.insert(token) { SPELLED } else { KNOWN });
                count(rank);
            }
            count(END);
        }
    }
    counts
}

fn likelihoods(counts: &[[f64; CLASSES]]) -> Vec<[u16; CLASSES]> {
    let total: f64 = counts.iter().flatten().sum();
    let alone: [f64; CLASSES] = std::array::from_fn(|class| {
        let all: f64 = counts.iter().map(|row| row[class]).sum();
        (all + 1.0) / (total + CLASSES as f64)
    });
    counts
        .iter()
        .map(|row| {
            let all: f64 = row.iter().sum();
            scaled(&std::array::from_fn(|class| {
                (row[class] + PRIOR * alone[class]) / (all + PRIOR)
            }))
        })
        .collect()
}

/// Scales shares to integers of at least one that fill the scale.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares of the scale")]
fn scaled(shares: &[f64; CLASSES]) -> [u16; CLASSES] {
    let free = (1 << SCALE_BITS) - CLASSES as u16;
    let mut row = shares.map(|share| (share * f64::from(free)) as u16 + 1);
    let rest = (1 << SCALE_BITS) - row.iter().sum::<u16>();
    let largest = (0..CLASSES).max_by_key(|class| row[*class]).unwrap_or_default();
    row[largest] += rest;
    row
}

fn even() -> Vec<[u16; CLASSES]> {
    vec![scaled(&[1.0 / CLASSES as f64; CLASSES]); CLASSES]
}
