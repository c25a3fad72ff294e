//! Records one behind the other: each as the message `cinemirror.v1.Record`, with its
//! length before it, as protobuf libraries write and read delimited messages.

use std::io::{BufReader, Cursor, Read};

use bytes::Bytes;
use domain::Record;
use zstd::Decoder;

/// No record is longer; a length above it is damage.
const LONGEST: u64 = 256 << 20;

/// How files of packs end.
pub(crate) const EXTENSION: &str = ".pb.zst";

pub(crate) fn write(record: &Record, out: &mut Vec<u8>) {
    let message = records::envelope(record);
    let mut left = message.len() as u64;
    while left >= 0x80 {
        out.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    out.push((left & 0x7f) as u8);
    out.extend_from_slice(&message);
}

/// Reads the records of a pack, in order. Ends after the first fault.
pub(crate) struct Pack {
    content: Decoder<'static, BufReader<Cursor<Bytes>>>,
    /// Where the next record begins, in the content that is compressed.
    offset: u64,
    is_over: bool,
}

/// What is wrong with a pack, and where.
#[derive(Debug, thiserror::Error)]
#[error("at byte {offset} of its content: {why}")]
pub(crate) struct PackFault {
    pub(crate) offset: u64,
    pub(crate) why: String,
}

impl Pack {
    pub(crate) fn open(bytes: Bytes) -> Result<Self, PackFault> {
        let content = Decoder::new(Cursor::new(bytes))
            .map_err(|error| PackFault { offset: 0, why: error.to_string() })?;
        Ok(Self { content, offset: 0, is_over: false })
    }

    fn record(&mut self) -> Result<Option<Record>, PackFault> {
        let offset = self.offset;
        let fault = |why: String| PackFault { offset, why };
        let Some((length, prefix)) = self.length().map_err(fault)? else { return Ok(None) };
        let mut message = vec![];
        let read = self.content.by_ref().take(length).read_to_end(&mut message);
        read.map_err(|error| fault(error.to_string()))?;
        if (message.len() as u64) < length {
            let whole = format!("it ends within a record of {length} bytes");
            return Err(PackFault { offset, why: whole });
        }
        self.offset += prefix + length;
        let record = records::from_envelope(&message.into());
        let record = record.map_err(|error| PackFault { offset, why: error.to_string() })?;
        if record.schema_version > records::SCHEMA_VERSION {
            let why = format!(
                "{} was written by a newer Cinemirror (schema {}, this program knows {})",
                record.key,
                record.schema_version,
                records::SCHEMA_VERSION
            );
            return Err(PackFault { offset, why });
        }
        Ok(Some(record))
    }

    /// The next record's length, and how many bytes say it; none at the end.
    fn length(&mut self) -> Result<Option<(u64, u64)>, String> {
        let (mut length, mut count) = (0, 0);
        loop {
            let mut byte = [0];
            match self.content.read(&mut byte) {
                Ok(0) if count == 0 => return Ok(None),
                Ok(0) => return Err("it ends within a length".to_owned()),
                Ok(_) => (),
                Err(error) => return Err(error.to_string()),
            }
            length |= u64::from(byte[0] & 0x7f) << (7 * count);
            count += 1;
            if byte[0] < 0x80 {
                break;
            }
            if count == 5 {
                return Err("there is no length".to_owned());
            }
        }
        if length > LONGEST {
            return Err(format!("a record of {length} bytes is none"));
        }
        Ok(Some((length, count)))
    }
}

impl Iterator for Pack {
    type Item = Result<Record, PackFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.record().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}
