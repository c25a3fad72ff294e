//! Columns → rows: once through the skeleton to count, once more to write.

use super::hexes::HexReader;
use super::refs::{Code, Run, VERBATIM};
use super::tree::{self, Content, KEY, ROOT, Times, Tree, VALUE};
use crate::packer::words::{Vocabulary, WordReader};
use crate::packing::{PATH_BYTES, PathReader};
use crate::schema::Message;
use crate::wire;

/// Puts a body together again; `None` if the bytes are none of [`super::split()`]'s,
/// or the body would be larger than `limit`.
pub(in super::super) fn join(
    root: &'static Message,
    text: &[u8],
    random: &[u8],
    vocabulary: Option<&Vocabulary>,
    limit: usize,
) -> Option<Vec<u8>> {
    let mut tree = Tree::new(root);
    let mut skeleton = text;
    count(&mut tree, ROOT, root, &mut skeleton)?;
    let mut rest = skeleton;
    let mut random = random;
    let mut hexes = 0;
    for place in &mut tree.places {
        let values = rest;
        for _ in 0..place.count {
            hexes += skip_value(place.content, vocabulary.is_some(), &mut rest)?;
        }
        place.values = &values[..values.len() - rest.len()];
    }
    tree.forget_shapes();
    let words = match vocabulary {
        Some(vocabulary) => Some(WordReader::new(vocabulary, &mut rest, random)?),
        None => None,
    };
    let mut joiner = Joiner {
        tree,
        skeleton: text,
        hexes: HexReader::new(hexes, rest, &mut random)?,
        hex_run: Run::default(),
        paths: Vec::new(),
        path_bits: PathReader::new(random),
        path_run: Run::default(),
        words,
        prose: Vec::new(),
        prose_run: Run::default(),
        out: Vec::with_capacity(text.len() * 2),
        limit,
    };
    joiner.message(ROOT, root)?;
    Some(joiner.out)
}

/// Counts the values of each column.
fn count<'a>(
    tree: &mut Tree<'a>,
    place: usize,
    message: &'static Message,
    skeleton: &mut &'a [u8],
) -> Option<()> {
    let mut numbers = Vec::new();
    tree.take_shape(place, skeleton, &mut numbers)?;
    for number in numbers {
        let (times, content) = tree::field(message, number)?;
        let child = tree.child(place, number, content);
        let rows = match times {
            Times::Once => 1,
            Times::Each | Times::Run | Times::Entries => wire::take_varint(skeleton)?,
        };
        match content {
            Content::Message(message) => {
                for _ in 0..rows {
                    count(tree, child, message, skeleton)?;
                }
            }
            Content::Map(value) => {
                let keys = tree.child(child, KEY, Content::Texts);
                tree.places[keys].count = tree.places[keys].count.checked_add(rows)?;
                let content = tree::map_value(value);
                let values = tree.child(child, VALUE, content);
                match content {
                    Content::Message(message) => {
                        for _ in 0..rows {
                            count(tree, values, message, skeleton)?;
                        }
                    }
                    _ => tree.places[values].count = tree.places[values].count.checked_add(rows)?,
                }
            }
            _ => tree.places[child].count = tree.places[child].count.checked_add(rows)?,
        }
    }
    Some(())
}

/// Returns how many new ids there are in the value.
fn skip_value(content: Content, in_words: bool, input: &mut &[u8]) -> Option<usize> {
    match content {
        Content::Varints | Content::Differences => drop(wire::take_varint(input)?),
        Content::Prose if in_words => drop(wire::take_varint(input)?),
        Content::Texts | Content::Prose => drop(wire::take_bytes(input)?),
        Content::Paths | Content::Hexes => match wire::take_varint(input)? {
            VERBATIM => drop(wire::take_bytes(input)?),
            0 if matches!(content, Content::Hexes) => return Some(1),
            _ => {}
        },
        Content::Message(_) | Content::Map(_) => return None,
    }
    Some(0)
}

struct Joiner<'a> {
    tree: Tree<'a>,
    skeleton: &'a [u8],
    hexes: HexReader<'a>,
    hex_run: Run,
    paths: Vec<[u8; PATH_BYTES]>,
    path_bits: PathReader<'a>,
    path_run: Run,
    words: Option<WordReader<'a>>,
    prose: Vec<Vec<u8>>,
    prose_run: Run,
    out: Vec<u8>,
    limit: usize,
}

impl Joiner<'_> {
    fn message(&mut self, place: usize, message: &'static Message) -> Option<()> {
        let mut numbers = Vec::new();
        self.tree.take_shape(place, &mut self.skeleton, &mut numbers)?;
        for number in numbers {
            let (times, content) = tree::field(message, number)?;
            let child = self.tree.child(place, number, content);
            match times {
                Times::Once => self.value(child, number)?,
                Times::Run => {
                    let rows = wire::take_varint(&mut self.skeleton)?;
                    wire::put_tag(number, wire::LEN, &mut self.out);
                    let start = self.out.len();
                    for _ in 0..rows {
                        let value = self.varint(child)?;
                        wire::put_varint(value, &mut self.out);
                    }
                    self.close(start)?;
                }
                Times::Each => {
                    for _ in 0..wire::take_varint(&mut self.skeleton)? {
                        self.value(child, number)?;
                    }
                }
                Times::Entries => {
                    let Content::Map(value) = content else { return None };
                    let keys = self.tree.child(child, KEY, Content::Texts);
                    let values = self.tree.child(child, VALUE, tree::map_value(value));
                    for _ in 0..wire::take_varint(&mut self.skeleton)? {
                        wire::put_tag(number, wire::LEN, &mut self.out);
                        let start = self.out.len();
                        self.value(keys, KEY)?;
                        self.value(values, VALUE)?;
                        self.close(start)?;
                    }
                }
            }
        }
        Some(())
    }

    /// Writes the next value of a place as a field.
    fn value(&mut self, place: usize, number: u32) -> Option<()> {
        let content = self.tree.places[place].content;
        match content {
            Content::Varints | Content::Differences => {
                let value = self.varint(place)?;
                wire::put_tag(number, wire::VARINT, &mut self.out);
                wire::put_varint(value, &mut self.out);
            }
            Content::Message(message) => {
                wire::put_tag(number, wire::LEN, &mut self.out);
                let start = self.out.len();
                self.message(place, message)?;
                self.close(start)?;
            }
            Content::Prose if let Some(words) = &mut self.words => {
                let code = self.prose_run.take(&mut self.tree.places[place].values)?;
                let bytes = match code {
                    Code::New(0) => {
                        self.prose.push(words.next(self.limit)?);
                        self.prose.last()?
                    }
                    Code::New(_) => return None,
                    Code::Ref(index) => self.prose.get(index)?,
                };
                wire::put_bytes(number, bytes, &mut self.out);
            }
            Content::Texts | Content::Prose => {
                let bytes = wire::take_bytes(&mut self.tree.places[place].values)?;
                wire::put_bytes(number, bytes, &mut self.out);
            }
            Content::Paths => {
                let code = self.path_run.take(&mut self.tree.places[place].values)?;
                let bytes = match code {
                    Code::New(VERBATIM) => wire::take_bytes(&mut self.tree.places[place].values)?,
                    Code::New(code) => {
                        self.paths.push(self.path_bits.next(code)?);
                        self.paths.last()?
                    }
                    Code::Ref(index) => self.paths.get(index)?,
                };
                wire::put_bytes(number, bytes, &mut self.out);
            }
            Content::Hexes => {
                let code = self.hex_run.take(&mut self.tree.places[place].values)?;
                let bytes = match code {
                    Code::New(0) => &self.hexes.next()?,
                    Code::New(_) => wire::take_bytes(&mut self.tree.places[place].values)?,
                    Code::Ref(index) => self.hexes.read.get(index)?,
                };
                wire::put_bytes(number, bytes, &mut self.out);
            }
            Content::Map(_) => return None,
        }
        (self.out.len() <= self.limit).then_some(())
    }

    fn varint(&mut self, place: usize) -> Option<u64> {
        let place = &mut self.tree.places[place];
        let value = wire::take_varint(&mut place.values)?;
        if !matches!(place.content, Content::Differences) {
            return Some(value);
        }
        let step = (value >> 1).cast_signed() ^ -((value & 1).cast_signed());
        place.last = place.last.wrapping_add(step.cast_unsigned());
        Some(place.last)
    }

    /// Puts the length of everything since `start` before it.
    fn close(&mut self, start: usize) -> Option<()> {
        let length = self.out.len() - start;
        let mut prefix = Vec::with_capacity(wire::varint_len(length as u64));
        wire::put_varint(length as u64, &mut prefix);
        self.out.splice(start..start, prefix);
        (self.out.len() <= self.limit).then_some(())
    }
}
