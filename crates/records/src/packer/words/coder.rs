//! Numbers of known likelihood in as few bits as that takes: an asymmetric
//! numeral system, written backwards so that it is read forwards.

/// The state stays in 2^16..2^32.
const LOW: u64 = 1 << 16;

/// A number by its share of all that could stand here.
#[derive(Clone, Copy, Debug)]
struct Share {
    start: u16,
    size: u16,
    scale_bits: u32,
}

#[derive(Debug, Default)]
pub(super) struct Encoder {
    shares: Vec<Share>,
}

impl Encoder {
    pub(super) fn put(&mut self, start: u16, size: u16, scale_bits: u32) {
        self.shares.push(Share { start, size, scale_bits });
    }

    /// Writes the low bits of a number, 15 at most.
    pub(super) fn put_bits(&mut self, value: u16, bits: u32) {
        if bits > 0 {
            self.put(value, 1, bits);
        }
    }

    pub(super) fn finish(&self) -> Vec<u8> {
        if self.shares.is_empty() {
            return Vec::new();
        }
        let mut bytes = Vec::with_capacity(self.shares.len());
        let mut state = LOW;
        for share in self.shares.iter().rev() {
            let size = u64::from(share.size);
            if state >= size << (32 - share.scale_bits) {
                bytes.extend_from_slice(&state.to_le_bytes()[..2]);
                state >>= 16;
            }
            state = ((state / size) << share.scale_bits) + state % size + u64::from(share.start);
        }
        bytes.extend_from_slice(&state.to_le_bytes()[..4]);
        bytes
    }
}

/// Reads what an [`Encoder`] wrote, from the end of `bytes`.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    bytes: &'a [u8],
    state: u32,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        match bytes.split_last_chunk() {
            Some((bytes, state)) => Self { bytes, state: u32::from_le_bytes(*state) },
            None => Self { bytes: &[], state: 0 },
        }
    }

    /// Returns where in 0..2^bits the next number's share is.
    pub(super) fn peek(&self, bits: u32) -> u16 {
        let [low, high, ..] = (self.state & ((1 << bits) - 1)).to_le_bytes();
        u16::from_le_bytes([low, high])
    }

    /// Goes on behind a number by its share; `None` at the end.
    pub(super) fn skip(&mut self, start: u16, size: u16, bits: u32) -> Option<()> {
        let offset = u32::from(self.peek(bits).checked_sub(start)?);
        self.state = u32::from(size).checked_mul(self.state >> bits)?.checked_add(offset)?;
        if u64::from(self.state) < LOW {
            let (bytes, next) = self.bytes.split_last_chunk()?;
            self.bytes = bytes;
            self.state = self.state << 16 | u32::from(u16::from_le_bytes(*next));
        }
        Some(())
    }

    pub(super) fn take_bits(&mut self, bits: u32) -> Option<u16> {
        if bits == 0 {
            return Some(0);
        }
        let value = self.peek(bits);
        self.skip(value, 1, bits)?;
        Some(value)
    }
}
