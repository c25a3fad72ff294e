//! Random-looking values, each kept once; later ones point back.

use std::collections::HashMap;
use std::hash::Hash;

use crate::wire;

/// Codes below this one say how a new value is written.
const FIRST_REF: u64 = 5;
/// The value follows, with its length.
pub(super) const VERBATIM: u64 = 4;

/// How a value is written in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// Below [`FIRST_REF`].
    New(u64),
    /// The place of an equal value among the new ones.
    Ref(usize),
}

/// The value that a run of references would point to next.
#[derive(Debug, Default)]
pub(super) struct Run {
    next: usize,
}

impl Run {
    pub(super) fn put(&mut self, code: Code, out: &mut Vec<u8>) {
        match code {
            Code::New(code) => wire::put_varint(code, out),
            Code::Ref(index) => {
                let step = (index as u64).wrapping_sub(self.next as u64).cast_signed();
                let zigzag = (step << 1 ^ step >> 63).cast_unsigned();
                wire::put_varint(zigzag + FIRST_REF, out);
                self.next = index + 1;
            }
        }
    }

    /// What a code says that was read from the column.
    pub(super) fn read(&mut self, code: u64) -> Option<Code> {
        let Some(zigzag) = code.checked_sub(FIRST_REF) else { return Some(Code::New(code)) };
        let step = (zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed());
        let index = i64::try_from(self.next).ok()?.checked_add(step)?;
        let index = usize::try_from(index).ok()?;
        self.next = index.checked_add(1)?;
        Some(Code::Ref(index))
    }
}

/// Where each value was written first.
#[derive(Debug)]
pub(in super::super) struct Seen<T> {
    places: HashMap<T, usize>,
}

impl<T: Eq + Hash> Seen<T> {
    pub(in super::super) fn new() -> Self {
        Self { places: HashMap::new() }
    }

    /// Returns the place of an equal value.
    pub(in super::super) fn find(&self, value: &T) -> Option<usize> {
        self.places.get(value).copied()
    }

    /// Returns the place of an equal value, or remembers this one.
    pub(in super::super) fn find_or_add(&mut self, value: T) -> Option<usize> {
        let next = self.places.len();
        match self.places.entry(value) {
            std::collections::hash_map::Entry::Occupied(entry) => Some(*entry.get()),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(next);
                None
            }
        }
    }
}
