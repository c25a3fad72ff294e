//! A body's texts as one stream of ranks.

use super::coder::{Decoder, Encoder};
use super::tokens;
use super::{CLASSES, END, FIRST_WORD, KNOWN, SCALE_BITS, SPELLED, Vocabulary};
use crate::packer::columns::refs::Seen;
use crate::wire;

/// Words spelled later than this one are spelled every time.
const MAX_KNOWN: usize = 1 << 15;

#[derive(Debug)]
pub(in super::super) struct WordWriter<'a> {
    vocabulary: &'a Vocabulary,
    encoder: Encoder,
    /// The class of the rank before.
    before: usize,
    known: Seen<&'a [u8]>,
    known_count: usize,
    spelled: Vec<u8>,
}

impl<'a> WordWriter<'a> {
    pub(in super::super) fn new(vocabulary: &'a Vocabulary) -> Self {
        Self {
            vocabulary,
            encoder: Encoder::default(),
            before: END,
            known: Seen::new(),
            known_count: 0,
            spelled: Vec::new(),
        }
    }

    pub(in super::super) fn push(&mut self, text: &'a [u8]) {
        for token in tokens::tokens(text) {
            if let Some(rank) = self.vocabulary.rank(token) {
                self.rank(rank);
            } else if let Some(number) = self.known.find(&token) {
                self.rank(KNOWN);
                self.encoder.put_bits(low_bits(number), bits_for(self.known_count));
            } else {
                self.rank(SPELLED);
                wire::put_varint(token.len() as u64, &mut self.spelled);
                self.spelled.extend_from_slice(token);
                if self.known_count < MAX_KNOWN {
                    self.known.find_or_add(token);
                    self.known_count += 1;
                }
            }
        }
        self.rank(END);
    }

    fn rank(&mut self, rank: usize) {
        let (class, open) = super::class(rank);
        let starts = &self.vocabulary.starts[self.before];
        self.encoder.put(starts[class], starts[class + 1] - starts[class], SCALE_BITS);
        self.encoder.put_bits(low_bits(rank & ((1 << open) - 1)), open);
        self.before = class;
    }

    /// Appends what compresses and what does not.
    pub(in super::super) fn finish(&self, text: &mut Vec<u8>, random: &mut Vec<u8>) {
        wire::put_varint(self.spelled.len() as u64, text);
        text.extend_from_slice(&self.spelled);
        random.extend_from_slice(&self.encoder.finish());
    }
}

/// The inverse of [`WordWriter`].
#[derive(Debug)]
pub(in super::super) struct WordReader<'a> {
    vocabulary: &'a Vocabulary,
    decoder: Decoder<'a>,
    before: usize,
    known: Vec<&'a [u8]>,
    spelled: &'a [u8],
}

impl<'a> WordReader<'a> {
    /// Takes what was spelled from the front of the text, and reads the rest from the end of `random`.
    pub(in super::super) fn new(
        vocabulary: &'a Vocabulary,
        text: &mut &'a [u8],
        random: &'a [u8],
    ) -> Option<Self> {
        let spelled = wire::take_bytes(text)?;
        let decoder = Decoder::new(random);
        Some(Self { vocabulary, decoder, before: END, known: Vec::new(), spelled })
    }

    /// Appends the next text, at most `limit` bytes.
    pub(in super::super) fn next(&mut self, limit: usize, text: &mut Vec<u8>) -> Option<()> {
        let start = text.len();
        let mut last: &[u8] = &[];
        loop {
            let token = match self.rank()? {
                END => return Some(()),
                SPELLED => {
                    let token = wire::take_bytes(&mut self.spelled)?;
                    if self.known.len() < MAX_KNOWN {
                        self.known.push(token);
                    }
                    token
                }
                KNOWN => {
                    let number = self.decoder.take_bits(bits_for(self.known.len()))?;
                    self.known.get(usize::from(number))?
                }
                rank => self.vocabulary.word(rank)?,
            };
            if tokens::is_spaced(last, token) {
                text.push(b' ');
            }
            text.extend_from_slice(token);
            if text.len() - start > limit {
                return None;
            }
            last = token;
        }
    }

    fn rank(&mut self) -> Option<usize> {
        let starts = &self.vocabulary.starts[self.before];
        let place = self.decoder.peek(SCALE_BITS);
        let class = starts.partition_point(|start| *start <= place).checked_sub(1)?;
        let end = *starts.get(class + 1)?;
        self.decoder.skip(starts[class], end - starts[class], SCALE_BITS)?;
        self.before = class;
        let (lowest, open) = super::lowest_rank(class);
        Some(lowest + usize::from(self.decoder.take_bits(open)?))
    }
}

/// Bits that number so many words.
fn bits_for(count: usize) -> u32 {
    count.next_power_of_two().trailing_zeros()
}

#[expect(clippy::cast_possible_truncation, reason = "ranks and numbers have 15 bits at most")]
fn low_bits(value: usize) -> u16 {
    value as u16
}

const _: () = assert!(CLASSES == 72 && FIRST_WORD < super::OWN_CLASS);
