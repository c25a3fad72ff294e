//! Image paths one after the other without a bit between them.

use super::{CHUNK_LIMIT, PATH_BYTES};

const CHUNK_BITS: u32 = 54;

/// Writes the digits of packed paths, 162 bits each; the extension is the caller's.
#[derive(Debug, Default)]
pub(crate) struct PathBits {
    bytes: Vec<u8>,
    /// Fewer than 8 bits that are not written yet.
    pending: u64,
    pending_bits: u32,
}

impl PathBits {
    pub(crate) fn push(&mut self, packed: &[u8; PATH_BYTES]) {
        for chunk in chunks(packed) {
            self.pending |= chunk << self.pending_bits;
            self.pending_bits += CHUNK_BITS;
            while self.pending_bits >= 8 {
                self.bytes.push(self.pending.to_le_bytes()[0]);
                self.pending >>= 8;
                self.pending_bits -= 8;
            }
        }
    }

    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        if self.pending_bits > 0 {
            self.bytes.push(self.pending.to_le_bytes()[0]);
        }
        self.bytes
    }
}

/// The inverse of [`PathBits`].
#[derive(Debug)]
pub(crate) struct PathReader<'a> {
    bytes: std::slice::Iter<'a, u8>,
    pending: u64,
    pending_bits: u32,
}

impl<'a> PathReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter(), pending: 0, pending_bits: 0 }
    }

    /// Returns the next packed path, with an extension by its number.
    pub(crate) fn next(&mut self, extension: u64) -> Option<[u8; PATH_BYTES]> {
        let mut packed = [0; PATH_BYTES];
        for chunk in packed.chunks_exact_mut(7) {
            while self.pending_bits < CHUNK_BITS {
                self.pending |= u64::from(*self.bytes.next()?) << self.pending_bits;
                self.pending_bits += 8;
            }
            let value = self.pending & ((1 << CHUNK_BITS) - 1);
            self.pending >>= CHUNK_BITS;
            self.pending_bits -= CHUNK_BITS;
            chunk.copy_from_slice(&value.to_be_bytes()[1..]);
        }
        packed[0] |= u8::try_from(extension).ok()?.checked_mul(0x40)?;
        Some(packed)
    }
}

/// Returns the number of a packed path's extension; `None` if the bytes are none.
pub(crate) fn path_extension(packed: &[u8]) -> Option<u64> {
    let packed: &[u8; PATH_BYTES] = packed.try_into().ok()?;
    let is_path = chunks(packed).into_iter().all(|chunk| chunk < CHUNK_LIMIT)
        && packed[7] < 0x40
        && packed[14] < 0x40;
    is_path.then_some(u64::from(packed[0] >> 6))
}

fn chunks(packed: &[u8; PATH_BYTES]) -> [u64; 3] {
    [0, 7, 14].map(|start| {
        let chunk = &packed[start..start + 7];
        chunk.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)) & ((1 << CHUNK_BITS) - 1)
    })
}
