//! Columns → rows: once through the skeleton to count, once more to write.

mod places;

use std::cell::RefCell;
use std::ops::Range;

use super::hexes::{Hex, HexReader, Machine};
use super::refs::{Code, Run, VERBATIM};
use super::tree::{self, Content, KEY, ROOT, Times, VALUE};
use crate::packer::words::{Vocabulary, WordReader};
use crate::packing::{PATH_BYTES, PathReader};
use crate::schema::Message;
use crate::wire;
use places::{Places, Step};

/// Puts a body together again; `None` if the bytes are none of [`super::split()`]'s,
/// or the body would be larger than `limit`.
pub(in super::super) fn join(
    root: &'static Message,
    text: &[u8],
    random: &[u8],
    vocabulary: Option<&Vocabulary>,
    limit: usize,
) -> Option<Vec<u8>> {
    ROOM.with_borrow_mut(|room| {
        let joined = join_in(room, root, (text, random), vocabulary, limit);
        let body = joined.map(|()| room.out.clone());
        room.tidy();
        body
    })
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// Working memory that bodies on a thread take over from each other: most of them would
/// need a hundred allocations.
#[derive(Default)]
struct Room {
    places: Places,
    hexes: Vec<Hex>,
    machines: Vec<Machine>,
    paths: Vec<[u8; PATH_BYTES]>,
    /// Texts of sentences that came already, one behind the other.
    prose: Vec<u8>,
    texts: Vec<Range<usize>>,
    out: Vec<u8>,
}

impl Room {
    /// Larger than nearly all bodies, and little enough to keep for each thread.
    const KEPT: usize = 256 << 10;

    fn clear(&mut self) {
        self.hexes.clear();
        self.machines.clear();
        self.paths.clear();
        self.prose.clear();
        self.texts.clear();
        self.out.clear();
    }

    /// Gives back what a large body took.
    fn tidy(&mut self) {
        let rows = self.places.room() + self.hexes.len() + self.paths.len() + self.texts.len();
        if self.out.capacity() + self.prose.capacity() > Self::KEPT || rows > Self::KEPT / 64 {
            *self = Self::default();
        }
    }
}

fn join_in(
    room: &mut Room,
    root: &'static Message,
    (text, mut random): (&[u8], &[u8]),
    vocabulary: Option<&Vocabulary>,
    limit: usize,
) -> Option<()> {
    room.clear();
    let Room { places, hexes, machines, paths, prose, texts, out } = room;
    let (end, new_hexes) = places.read(root, text, vocabulary.is_some())?;
    let mut rest = &text[end..];
    let words = match vocabulary {
        Some(vocabulary) => Some(WordReader::new(vocabulary, &mut rest, random)?),
        None => None,
    };
    out.reserve(text.len() * 2);
    let hexes = HexReader::new(new_hexes, rest, &mut random, (machines, hexes))?;
    let mut joiner = Joiner {
        text,
        places,
        skeleton: text,
        hexes,
        hex_run: Run::default(),
        paths,
        path_bits: PathReader::new(random),
        path_run: Run::default(),
        words,
        prose,
        texts,
        prose_run: Run::default(),
        out,
        limit,
    };
    joiner.message(ROOT)
}

struct Joiner<'a> {
    text: &'a [u8],
    places: &'a mut Places,
    skeleton: &'a [u8],
    hexes: HexReader<'a>,
    hex_run: Run,
    paths: &'a mut Vec<[u8; PATH_BYTES]>,
    path_bits: PathReader<'a>,
    path_run: Run,
    words: Option<WordReader<'a>>,
    prose: &'a mut Vec<u8>,
    texts: &'a mut Vec<Range<usize>>,
    prose_run: Run,
    out: &'a mut Vec<u8>,
    limit: usize,
}

impl<'a> Joiner<'a> {
    fn message(&mut self, place: usize) -> Option<()> {
        let plan = self.places.retake_plan(place, &mut self.skeleton)?;
        for step in plan.start..plan.end {
            let step = self.places.step(step);
            if step.times == Times::Once {
                self.value(step.place, step.content, step.number)?;
            } else {
                self.values(step)?;
            }
        }
        Some(())
    }

    /// Writes the next values of a place that has several in a message.
    fn values(&mut self, step: Step) -> Option<()> {
        let Step { number, times, content, place } = step;
        let rows = wire::take_varint(&mut self.skeleton)?;
        match times {
            Times::Once => return None,
            Times::Run => {
                let start = self.open(number);
                for _ in 0..rows {
                    let value = self.varint(place, content)?;
                    wire::put_varint(value, self.out);
                }
                self.close(start)?;
            }
            Times::Each => {
                for _ in 0..rows {
                    self.value(place, content, number)?;
                }
            }
            Times::Entries => {
                let Content::Map(value) = content else { return None };
                let keys = self.places.of_entries(place, KEY, Content::Texts);
                let of_values = tree::map_value(value);
                let values = self.places.of_entries(place, VALUE, of_values);
                for _ in 0..rows {
                    let start = self.open(number);
                    self.value(keys, Content::Texts, KEY)?;
                    self.value(values, of_values, VALUE)?;
                    self.close(start)?;
                }
            }
        }
        Some(())
    }

    /// Writes the next value of a place as a field.
    fn value(&mut self, place: usize, content: Content, number: u32) -> Option<()> {
        match content {
            Content::Varints | Content::Differences => {
                let value = self.varint(place, content)?;
                wire::put_tag(number, wire::VARINT, self.out);
                wire::put_varint(value, self.out);
            }
            Content::Message(_) => {
                let start = self.open(number);
                self.message(place)?;
                self.close(start)?;
            }
            Content::Prose if self.words.is_some() => {
                let text = self.sentences(place)?;
                wire::put_bytes(number, self.prose.get(text)?, self.out);
            }
            Content::Texts | Content::Prose => {
                let bytes = self.take(place, wire::take_bytes)?;
                wire::put_bytes(number, bytes, self.out);
            }
            Content::Paths => {
                let code = self.code(place, |joiner| &mut joiner.path_run)?;
                let bytes = match code {
                    Code::New(VERBATIM) => self.take(place, wire::take_bytes)?,
                    Code::New(code) => {
                        self.paths.push(self.path_bits.next(code)?);
                        self.paths.last()?
                    }
                    Code::Ref(index) => self.paths.get(index)?,
                };
                wire::put_bytes(number, bytes, self.out);
            }
            Content::Hexes => {
                let code = self.code(place, |joiner| &mut joiner.hex_run)?;
                let bytes = match code {
                    Code::New(0) => &self.hexes.next()?,
                    Code::New(_) => self.take(place, wire::take_bytes)?,
                    Code::Ref(index) => self.hexes.read.get(index)?,
                };
                wire::put_bytes(number, bytes, self.out);
            }
            Content::Map(_) => return None,
        }
        (self.out.len() <= self.limit).then_some(())
    }

    /// Where the next text of sentences lies, once it has been read.
    fn sentences(&mut self, place: usize) -> Option<Range<usize>> {
        match self.code(place, |joiner| &mut joiner.prose_run)? {
            Code::New(0) => {
                let start = self.prose.len();
                self.words.as_mut()?.next(self.limit, self.prose)?;
                self.texts.push(start..self.prose.len());
                self.texts.last().cloned()
            }
            Code::New(_) => None,
            Code::Ref(index) => self.texts.get(index).cloned(),
        }
    }

    fn varint(&mut self, place: usize, content: Content) -> Option<u64> {
        let value = self.take(place, wire::take_varint)?;
        if !matches!(content, Content::Differences) {
            return Some(value);
        }
        let step = (value >> 1).cast_signed() ^ -((value & 1).cast_signed());
        let place = self.places.place(place);
        place.last = place.last.wrapping_add(step.cast_unsigned());
        Some(place.last)
    }

    fn code(&mut self, place: usize, run: fn(&mut Self) -> &mut Run) -> Option<Code> {
        let code = self.take(place, wire::take_varint)?;
        run(self).read(code)
    }

    /// Takes the next value from the column of a place.
    #[inline]
    fn take<T>(&mut self, place: usize, take: impl Fn(&mut &'a [u8]) -> Option<T>) -> Option<T> {
        let place = self.places.place(place);
        let mut rest = self.text.get(place.at..)?;
        let value = take(&mut rest)?;
        place.at = self.text.len() - rest.len();
        Some(value)
    }

    /// Begins a field whose length is not known yet, and returns where its content starts.
    fn open(&mut self, number: u32) -> usize {
        wire::put_tag(number, wire::LEN, self.out);
        // Room for the length of nearly everything.
        self.out.push(0);
        self.out.len()
    }

    /// Writes the length of everything since `start`.
    fn close(&mut self, start: usize) -> Option<()> {
        let end = self.out.len();
        let length = end - start;
        let more = wire::varint_len(length as u64) - 1;
        if more == 0 {
            self.out[start - 1] = length.to_le_bytes()[0];
        } else {
            self.out.resize(end + more, 0);
            self.out.copy_within(start..end, start + more);
            wire::write_varint(length as u64, &mut self.out[start - 1..start + more]);
        }
        (self.out.len() <= self.limit).then_some(())
    }
}
