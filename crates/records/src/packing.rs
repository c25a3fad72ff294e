//! Texts and numbers of TMDB's that are smaller as bytes or integers.
//!
//! Each pair of functions is exact: what is packed comes back letter for
//! letter, and what would not come back is not packed.

mod bits;
mod calendar;
mod text;

pub(crate) use text::Unpacked;

pub(crate) use bits::{PathBits, PathReader, path_extension};
pub(crate) use calendar::{date_from_text, date_to_text, time_from_text, time_to_text};

/// Marks a text that would be taken for packed bytes by its length.
const VERBATIM: u8 = 0x0F;

const PATH_DIGITS: usize = 27;
/// Digits in each third of a path; 62⁹ is below 2⁵⁴.
const CHUNK_DIGITS: usize = 9;
const CHUNK_LIMIT: u64 = 62u64.pow(9);
/// Three chunks of seven bytes; the extension lies in the two top bits of the first.
pub(crate) const PATH_BYTES: usize = 21;
const EXTENSIONS: [&str; 4] = [".jpg", ".png", ".svg", ".webp"];
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

pub(crate) const HEX_BYTES: usize = 12;

/// Appends an image path: 21 bytes for `/` + 27 base-62 digits + extension, otherwise the text.
pub(crate) fn pack_path(text: &str, out: &mut Vec<u8>) {
    match path_bytes(text) {
        Some(packed) => out.extend_from_slice(&packed),
        None => push_verbatim(text, PATH_BYTES, out),
    }
}

/// Returns the text of a packed path, `None` if the bytes are none.
pub(crate) fn unpack_path(packed: &[u8]) -> Option<Unpacked<'_>> {
    let Ok(packed) = <&[u8; PATH_BYTES]>::try_from(packed) else { return verbatim(packed) };
    let mut digits = [0; PATH_DIGITS];
    for (chunk, digits) in packed.chunks_exact(7).zip(digits.chunks_exact_mut(CHUNK_DIGITS)) {
        let value = chunk.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        write_base62(value & ((1 << 54) - 1), digits)?;
    }
    if packed[7] >= 0x40 || packed[14] >= 0x40 {
        return None;
    }
    let extension = EXTENSIONS[usize::from(packed[0] >> 6)];
    Some(Unpacked::of(&[b"/", &digits, extension.as_bytes()]))
}

/// Writes nine digits, three at a time: small numbers divide faster.
fn write_base62(value: u64, digits: &mut [u8]) -> Option<()> {
    const GROUP: u64 = 62 * 62 * 62;
    let groups = [value / (GROUP * GROUP), value / GROUP % GROUP, value % GROUP];
    for (group, digits) in groups.into_iter().zip(digits.chunks_exact_mut(3)) {
        let group = u32::try_from(group).ok()?;
        for (digit, unit) in digits.iter_mut().zip([62 * 62, 62, 1]) {
            *digit = *BASE62.get((group / unit) as usize % 62)?;
        }
    }
    (value < CHUNK_LIMIT).then_some(())
}

fn path_bytes(text: &str) -> Option<[u8; PATH_BYTES]> {
    let (digits, extension) = text.as_bytes().strip_prefix(b"/")?.split_at_checked(PATH_DIGITS)?;
    let extension = EXTENSIONS.iter().position(|known| known.as_bytes() == extension)?;
    let mut packed = [0; PATH_BYTES];
    for (digits, chunk) in digits.chunks_exact(CHUNK_DIGITS).zip(packed.chunks_exact_mut(7)) {
        let mut value = 0;
        for digit in digits {
            value = value * 62 + u64::from(base62_value(*digit)?);
        }
        chunk.copy_from_slice(&value.to_be_bytes()[1..]);
    }
    packed[0] |= u8::try_from(extension).ok()? << 6;
    Some(packed)
}

fn base62_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'Z' => Some(digit - b'A' + 10),
        b'a'..=b'z' => Some(digit - b'a' + 36),
        _ => None,
    }
}

/// Appends 24 hexadecimal digits as 12 bytes, any other text as it is.
pub(crate) fn pack_hex(text: &str, out: &mut Vec<u8>) {
    match hex_bytes(text) {
        Some(packed) => out.extend_from_slice(&packed),
        None => push_verbatim(text, HEX_BYTES, out),
    }
}

/// Returns the text of a packed id, `None` if the bytes are none.
pub(crate) fn unpack_hex(packed: &[u8]) -> Option<Unpacked<'_>> {
    let Ok(packed) = <&[u8; HEX_BYTES]>::try_from(packed) else { return verbatim(packed) };
    let digit = |value: u8| b"0123456789abcdef"[usize::from(value)];
    let mut digits = [0; 2 * HEX_BYTES];
    for (byte, pair) in packed.iter().zip(digits.as_chunks_mut().0) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    Some(Unpacked::of(&[&digits]))
}

fn hex_bytes(text: &str) -> Option<[u8; HEX_BYTES]> {
    let text: &[u8; 2 * HEX_BYTES] = text.as_bytes().try_into().ok()?;
    let mut packed = [0; HEX_BYTES];
    for (pair, byte) in text.chunks_exact(2).zip(&mut packed) {
        *byte = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
    }
    Some(packed)
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn push_verbatim(text: &str, packed_bytes: usize, out: &mut Vec<u8>) {
    if text.len() == packed_bytes || text.as_bytes().first() == Some(&VERBATIM) {
        out.push(VERBATIM);
    }
    out.extend_from_slice(text.as_bytes());
}

fn verbatim(stored: &[u8]) -> Option<Unpacked<'_>> {
    let text = stored.strip_prefix(&[VERBATIM]).unwrap_or(stored);
    std::str::from_utf8(text).ok().map(Unpacked::Kept)
}

/// The bits of a decimal that count the digits behind the point.
const SCALE_BITS: u32 = 4;
const MAX_SCALE: u32 = 15;
/// Up to here every integer is a double, so that one division is exact to the last bit.
const MAX_EXACT: u64 = 1 << 53;

/// Packs a number that a decimal of at most 15 places gives back exactly.
pub(crate) fn decimal_from_f64(value: f64) -> Option<u64> {
    if !(0.0..9e15).contains(&value) {
        return None;
    }
    (0..=MAX_SCALE).find_map(|scale| {
        let digits = (value * power_of_ten(scale)).round();
        let integer = exact_integer(digits)?;
        let exact = (digits / power_of_ten(scale)).to_bits() == value.to_bits();
        exact.then_some(integer << SCALE_BITS | u64::from(scale))
    })
}

/// Packs a whole number.
pub(crate) fn decimal_from_u64(value: u64) -> Option<u64> {
    (value < MAX_EXACT).then_some(value << SCALE_BITS)
}

pub(crate) fn decimal_to_f64(packed: u64) -> f64 {
    let (digits, scale) = decimal_parts(packed);
    digits as f64 / power_of_ten(scale)
}

/// Returns the digits and how many of them follow the point.
#[expect(clippy::cast_possible_truncation, reason = "four bits")]
pub(crate) fn decimal_parts(packed: u64) -> (u64, u32) {
    (packed >> SCALE_BITS, (packed & u64::from(MAX_SCALE)) as u32)
}

fn power_of_ten(scale: u32) -> f64 {
    10u64.pow(scale) as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within 0 and 2^53, and whole"
)]
fn exact_integer(digits: f64) -> Option<u64> {
    (0.0..MAX_EXACT as f64).contains(&digits).then_some(digits as u64)
}

#[cfg(test)]
mod tests;
