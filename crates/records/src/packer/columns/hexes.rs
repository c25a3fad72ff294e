//! TMDB's 12-byte ids, taken apart: two bytes of time that neighbours share,
//! three of time and count that nothing predicts, five of one of few machines.

use super::refs::Seen;
use crate::packing::HEX_BYTES;
use crate::wire;

pub(super) type Hex = [u8; HEX_BYTES];
pub(super) type Machine = [u8; 5];
/// Bytes of each id that are not compressed.
const RANDOM_BYTES: usize = 5;

#[derive(Debug)]
pub(super) struct HexWriter {
    hours: [Vec<u8>; 2],
    machines: Vec<u8>,
    machines_seen: Seen<Machine>,
    random: Vec<u8>,
}

impl HexWriter {
    pub(super) fn new() -> Self {
        Self {
            hours: [Vec::new(), Vec::new()],
            machines: Vec::new(),
            machines_seen: Seen::new(),
            random: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, hex: &Hex) {
        let [first, second, t1, t2, m1, m2, m3, m4, m5, c1, c2, c3] = *hex;
        self.hours[0].push(first);
        self.hours[1].push(second);
        self.random.extend_from_slice(&[t1, t2, c1, c2, c3]);
        let machine = [m1, m2, m3, m4, m5];
        if let Some(index) = self.machines_seen.find_or_add(machine) {
            wire::put_varint(index as u64 + 1, &mut self.machines);
        } else {
            self.machines.push(0);
            self.machines.extend_from_slice(&machine);
        }
    }

    /// Appends what compresses and what does not.
    pub(super) fn finish(&self, text: &mut Vec<u8>, random: &mut Vec<u8>) {
        let [first, second] = &self.hours;
        for part in [first, second, &self.machines] {
            text.extend_from_slice(part);
        }
        random.extend_from_slice(&self.random);
    }
}

/// The inverse of [`HexWriter`].
#[derive(Debug)]
pub(super) struct HexReader<'a> {
    hours: [&'a [u8]; 2],
    machines: &'a [u8],
    machines_seen: &'a mut Vec<Machine>,
    random: &'a [u8],
    /// All so far; later values point to them.
    pub(super) read: &'a mut Vec<Hex>,
}

impl<'a> HexReader<'a> {
    /// Takes `count` ids from the rest of the text, and what belongs to them from the front
    /// of `random`. The lists are to be empty.
    pub(super) fn new(
        count: usize,
        text: &'a [u8],
        random: &mut &'a [u8],
        (machines_seen, read): (&'a mut Vec<Machine>, &'a mut Vec<Hex>),
    ) -> Option<Self> {
        let (first, text) = text.split_at_checked(count)?;
        let (second, machines) = text.split_at_checked(count)?;
        let (own, rest) = random.split_at_checked(count.checked_mul(RANDOM_BYTES)?)?;
        *random = rest;
        Some(Self { hours: [first, second], machines, machines_seen, random: own, read })
    }

    pub(super) fn next(&mut self) -> Option<Hex> {
        let index = self.read.len();
        let (first, second) = (*self.hours[0].get(index)?, *self.hours[1].get(index)?);
        let [t1, t2, c1, c2, c3] = *self.random.as_chunks::<RANDOM_BYTES>().0.get(index)?;
        let known = usize::try_from(wire::take_varint(&mut self.machines)?).ok()?;
        let machine = if let Some(known) = known.checked_sub(1) {
            *self.machines_seen.get(known)?
        } else {
            let (machine, rest) = self.machines.split_first_chunk()?;
            self.machines = rest;
            self.machines_seen.push(*machine);
            *machine
        };
        let [m1, m2, m3, m4, m5] = machine;
        let hex = [first, second, t1, t2, m1, m2, m3, m4, m5, c1, c2, c3];
        self.read.push(hex);
        Some(hex)
    }
}
