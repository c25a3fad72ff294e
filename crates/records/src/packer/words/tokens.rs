//! Where a text's words begin and end.

use std::hash::Hasher;

/// Splits a text into words and what stands between them, without single spaces between words.
pub(super) fn tokens(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    let mut behind_word = false;
    std::iter::from_fn(move || {
        if behind_word
            && let [b' ', behind @ ..] = rest
            && starts_word(behind)
        {
            rest = behind;
        }
        let word = starts_word(rest);
        let mut end = 0;
        while end < rest.len() && starts_word(&rest[end..]) == word {
            end += if word { 1 } else { mark_len(&rest[end..]) };
        }
        let (token, behind) = rest.split_at(end.min(rest.len()));
        rest = behind;
        behind_word = word;
        (!token.is_empty()).then_some(token)
    })
}

/// Whether a single space stands between two tokens that follow each other.
pub(super) fn is_spaced(before: &[u8], token: &[u8]) -> bool {
    starts_word(before) && starts_word(token)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn starts_word(text: &[u8]) -> bool {
    match text {
        [] | [0xE2, 0x80, _, ..] => false,
        [byte, ..] => is_letter(*byte),
    }
}

/// Bytes of a mark; quotation marks and dashes have three.
fn mark_len(text: &[u8]) -> usize {
    if matches!(text, [0xE2, 0x80, _, ..]) { 3 } else { 1 }
}

/// FNV-1a, for the words of a vocabulary.
#[derive(Debug)]
pub(in super::super) struct WordHasher(u64);

impl Default for WordHasher {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
}
