//! Texts that are made from packed bytes, short enough to need no memory of their own.

use std::borrow::Cow;
use std::ops::Deref;

/// An image path is the longest.
const LONGEST: usize = 33;

/// The text of packed bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unpacked<'a> {
    /// It was kept as it is.
    Kept(&'a str),
    Made {
        bytes: [u8; LONGEST],
        length: usize,
    },
}

impl<'a> Unpacked<'a> {
    /// Of ASCII parts, one behind the other, of which the longest text has 33 letters.
    pub(super) fn of(parts: &[&[u8]]) -> Self {
        let (mut bytes, mut length) = ([0; LONGEST], 0);
        for part in parts {
            bytes[length..length + part.len()].copy_from_slice(part);
            length += part.len();
        }
        Self::Made { bytes, length }
    }

    pub(crate) fn into_cow(self) -> Cow<'a, str> {
        match self {
            Self::Kept(text) => text.into(),
            Self::Made { .. } => String::from(&*self).into(),
        }
    }
}

impl Deref for Unpacked<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Kept(text) => text,
            Self::Made { bytes, length } => {
                std::str::from_utf8(&bytes[..*length]).unwrap_or_default()
            }
        }
    }
}
