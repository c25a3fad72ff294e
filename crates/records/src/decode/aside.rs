//! Reads the `Aside` message: nulls, empties, the unknown.

use super::{DecodeError, Result};
use crate::wire::{self, Payload};

#[derive(Debug, Default)]
pub(crate) struct Aside<'a> {
    /// Runs of field numbers.
    nulls: &'a [u8],
    empties: &'a [u8],
    pub(crate) unknown: Vec<(&'a str, &'a str)>,
    pub(crate) whole: Option<&'a str>,
}

const MALFORMED: DecodeError = DecodeError::Malformed("aside");

impl<'a> Aside<'a> {
    pub(crate) fn read(payload: Payload<'a>) -> Result<Self> {
        let Payload::Len(mut input) = payload else { return Err(MALFORMED) };
        let mut aside = Self::default();
        while !input.is_empty() {
            match wire::take_field(&mut input) {
                Some((1, Payload::Len(run))) => aside.nulls = ascending(run)?,
                Some((2, Payload::Len(run))) => aside.empties = ascending(run)?,
                Some((3, Payload::Len(entry))) => aside.unknown.push(unknown(entry)?),
                Some((4, Payload::Len(bytes))) => aside.whole = Some(json(text(bytes)?)?),
                _ => return Err(MALFORMED),
            }
        }
        Ok(aside)
    }

    /// Fields that are null, by number.
    pub(crate) fn nulls(&self) -> impl Iterator<Item = u32> + use<'a> {
        numbers(self.nulls)
    }

    /// Fields that are empty texts, lists or objects, by number.
    pub(crate) fn empties(&self) -> impl Iterator<Item = u32> + use<'a> {
        numbers(self.empties)
    }
}

/// Checks a run of field numbers; each may come once, so that no few bytes name many fields.
fn ascending(run: &[u8]) -> Result<&[u8]> {
    let (mut rest, mut last) = (run, None);
    while !rest.is_empty() {
        match take_number(&mut rest) {
            Some(number) if last.is_none_or(|last| last < number) => last = Some(number),
            _ => return Err(MALFORMED),
        }
    }
    Ok(run)
}

fn numbers(mut run: &[u8]) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || take_number(&mut run))
}

fn take_number(run: &mut &[u8]) -> Option<u32> {
    wire::take_varint(run).and_then(|number| u32::try_from(number).ok())
}

fn unknown(mut entry: &[u8]) -> Result<(&str, &str)> {
    match (wire::take_field(&mut entry), wire::take_field(&mut entry)) {
        (Some((1, Payload::Len(name))), Some((2, Payload::Len(value)))) if entry.is_empty() => {
            Ok((text(name)?, json(text(value)?)?))
        }
        _ => Err(MALFORMED),
    }
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).ok().ok_or(MALFORMED)
}

/// Checks a kept JSON text.
pub(super) fn json(text: &str) -> Result<&str> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(DecodeError::Kept)?;
    Ok(text)
}
