//! Columns → rows: once through the skeleton to count, once more to write.

use std::ops::Range;

use super::hexes::HexReader;
use super::refs::{Code, Run, VERBATIM};
use super::tree::{self, Content, KEY, ROOT, Step, Times, Tree, VALUE};
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
    tree.count_uses()?;
    let mut rest = skeleton;
    let mut random = random;
    let mut hexes = 0;
    for place in &mut tree.places {
        let values = rest;
        hexes += skip_values(place.content, place.count, vocabulary.is_some(), &mut rest)?;
        place.values = &values[..values.len() - rest.len()];
    }
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
        texts: Vec::new(),
        prose_run: Run::default(),
        out: Vec::with_capacity(text.len() * 2),
        limit,
    };
    joiner.message(ROOT)?;
    Some(joiner.out)
}

/// Finds every place, and counts the values of each column but those that come once with
/// each message, see [`Tree::count_uses`].
fn count<'a>(
    tree: &mut Tree<'a>,
    place: usize,
    message: &'static Message,
    skeleton: &mut &'a [u8],
) -> Option<()> {
    let (number, is_new) = tree.take_plan(place, message, skeleton)?;
    // No message is within another of the same place.
    let mut plan = std::mem::take(&mut tree.places[place].plans[number]);
    plan.uses += 1;
    if is_new {
        for step in &mut plan.steps {
            step.child = tree.child(place, step.number, step.content);
            count_field(tree, *step, skeleton)?;
        }
    } else {
        for branch in &plan.branches {
            count_field(tree, plan.steps[*branch], skeleton)?;
        }
    }
    tree.places[place].plans[number] = plan;
    Some(())
}

fn count_field<'a>(tree: &mut Tree<'a>, step: Step, skeleton: &mut &'a [u8]) -> Option<()> {
    let Step { times, content, child, .. } = step;
    let rows = match (times, content) {
        (Times::Once, Content::Message(message)) => return count(tree, child, message, skeleton),
        (Times::Once, _) => return Some(()),
        (Times::Each | Times::Run | Times::Entries, _) => wire::take_varint(skeleton)?,
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
    Some(())
}

/// Skips the values of a column, and returns how many new ids there are among them.
fn skip_values(content: Content, count: u64, in_words: bool, input: &mut &[u8]) -> Option<usize> {
    let mut hexes = 0;
    match content {
        Content::Varints | Content::Differences => wire::skip_varints(count, input)?,
        Content::Prose if in_words => wire::skip_varints(count, input)?,
        Content::Texts | Content::Prose => {
            for _ in 0..count {
                wire::take_bytes(input)?;
            }
        }
        Content::Paths | Content::Hexes => {
            for _ in 0..count {
                match wire::take_varint(input)? {
                    VERBATIM => drop(wire::take_bytes(input)?),
                    0 if matches!(content, Content::Hexes) => hexes += 1,
                    _ => {}
                }
            }
        }
        Content::Message(_) | Content::Map(_) if count == 0 => {}
        Content::Message(_) | Content::Map(_) => return None,
    }
    Some(hexes)
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
    /// Texts of sentences that came already, one behind the other.
    prose: Vec<u8>,
    texts: Vec<Range<usize>>,
    prose_run: Run,
    out: Vec<u8>,
    limit: usize,
}

impl Joiner<'_> {
    fn message(&mut self, place: usize) -> Option<()> {
        let number = self.tree.retake_plan(place, &mut self.skeleton)?;
        let plan = std::mem::take(&mut self.tree.places[place].plans[number]);
        for step in &plan.steps {
            if step.times == Times::Once {
                self.value(step.child, step.content, step.number)?;
            } else {
                self.values(*step)?;
            }
        }
        self.tree.places[place].plans[number] = plan;
        Some(())
    }

    /// Writes the next values of a place that has several in a message.
    fn values(&mut self, step: Step) -> Option<()> {
        let Step { number, times, content, child } = step;
        let rows = wire::take_varint(&mut self.skeleton)?;
        match times {
            Times::Once => return None,
            Times::Run => {
                let start = self.open(number);
                for _ in 0..rows {
                    let value = self.varint(child)?;
                    wire::put_varint(value, &mut self.out);
                }
                self.close(start)?;
            }
            Times::Each => {
                for _ in 0..rows {
                    self.value(child, content, number)?;
                }
            }
            Times::Entries => {
                let Content::Map(value) = content else { return None };
                let keys = self.tree.child(child, KEY, Content::Texts);
                let of_values = tree::map_value(value);
                let values = self.tree.child(child, VALUE, of_values);
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
                let value = self.varint(place)?;
                wire::put_tag(number, wire::VARINT, &mut self.out);
                wire::put_varint(value, &mut self.out);
            }
            Content::Message(_) => {
                let start = self.open(number);
                self.message(place)?;
                self.close(start)?;
            }
            Content::Prose if let Some(words) = &mut self.words => {
                let code = self.prose_run.take(&mut self.tree.places[place].values)?;
                let text = match code {
                    Code::New(0) => {
                        let start = self.prose.len();
                        words.next(self.limit, &mut self.prose)?;
                        self.texts.push(start..self.prose.len());
                        self.texts.last()?
                    }
                    Code::New(_) => return None,
                    Code::Ref(index) => self.texts.get(index)?,
                };
                wire::put_bytes(number, self.prose.get(text.clone())?, &mut self.out);
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

    /// Begins a field whose length is not known yet, and returns where its content starts.
    fn open(&mut self, number: u32) -> usize {
        wire::put_tag(number, wire::LEN, &mut self.out);
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
