//! Protobuf's wire format, as strict as canonical bytes are.

pub(crate) const VARINT: u32 = 0;
pub(crate) const LEN: u32 = 2;

pub(crate) fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

pub(crate) fn put_tag(number: u32, wire_type: u32, out: &mut Vec<u8>) {
    put_varint(u64::from(number << 3 | wire_type), out);
}

pub(crate) fn put_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    put_tag(number, LEN, out);
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// As [`put_varint`], over bytes of just that length.
pub(crate) fn write_varint(mut value: u64, out: &mut [u8]) {
    let last = out.len() - 1;
    for (index, byte) in out.iter_mut().enumerate() {
        *byte = value.to_le_bytes()[0] & 0x7F | if index < last { 0x80 } else { 0 };
        value >>= 7;
    }
}

/// The bytes that [`put_varint`] appends.
pub(crate) fn varint_len(value: u64) -> usize {
    (64 - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Takes a varint from the front; `None` at the end, or if it is not the shortest.
#[inline]
pub(crate) fn take_varint(input: &mut &[u8]) -> Option<u64> {
    // Most tags, lengths and numbers are as short as this.
    if let [byte @ ..0x80, rest @ ..] = *input {
        *input = rest;
        return Some(u64::from(*byte));
    }
    take_long_varint(input)
}

fn take_long_varint(input: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for (index, byte) in input.iter().take(10).enumerate() {
        let bits = u64::from(byte & 0x7F);
        if index == 9 && bits > 1 {
            return None;
        }
        value |= bits << (7 * index);
        if byte & 0x80 == 0 {
            *input = &input[index + 1..];
            return (bits != 0 || index == 0).then_some(value);
        }
    }
    None
}

/// Skips so many varints; `None` at the end.
pub(crate) fn skip_varints(count: u64, input: &mut &[u8]) -> Option<()> {
    let mut left = count;
    for (index, byte) in input.iter().enumerate() {
        if left == 0 {
            *input = &input[index..];
            return Some(());
        }
        left -= u64::from(*byte < 0x80);
    }
    *input = &[];
    (left == 0).then_some(())
}

/// Takes a length and as many bytes from the front.
pub(crate) fn take_bytes<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_varint(input)?).ok()?;
    let (bytes, rest) = input.split_at_checked(length)?;
    *input = rest;
    Some(bytes)
}

/// A field as it lies on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'a> {
    Varint(u64),
    Len(&'a [u8]),
}

/// Takes a field from the front; `None` if the bytes are none of ours.
#[inline]
pub(crate) fn take_field<'a>(input: &mut &'a [u8]) -> Option<(u32, Payload<'a>)> {
    let tag = u32::try_from(take_varint(input)?).ok()?;
    let payload = match tag & 7 {
        VARINT => Payload::Varint(take_varint(input)?),
        LEN => Payload::Len(take_bytes(input)?),
        _ => return None,
    };
    (tag >> 3 != 0).then_some((tag >> 3, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_come_back_and_know_their_length() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(value, &mut bytes);
            assert_eq!(bytes.len(), varint_len(value));
            assert_eq!(take_varint(&mut bytes.as_slice()), Some(value));
            let twice = [&*bytes, &*bytes, &[7]].concat();
            let mut rest = &*twice;
            assert_eq!((skip_varints(2, &mut rest), rest), (Some(()), &[7][..]));
            assert_eq!((skip_varints(1, &mut rest), rest), (Some(()), &[][..]));
            assert_eq!((skip_varints(0, &mut rest), skip_varints(1, &mut rest)), (Some(()), None));
            let mut written = vec![0; bytes.len()];
            write_varint(value, &mut written);
            assert_eq!(written, bytes);
        }
    }

    #[test]
    fn long_winded_and_broken_varints_are_refused() {
        for bytes in [&[][..], &[0x80], &[0x80, 0], &[0xFF; 10], &[0xFF; 11]] {
            assert_eq!(take_varint(&mut &*bytes), None, "{bytes:?}");
        }
    }
}
