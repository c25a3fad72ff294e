//! Every key of the mirror as of an export, with the instant that tells whether its rows
//! have changed: what the next delta is made against.
//!
//! Lines of a key and milliseconds since 1970 with a tab between, in the order of keys.

use std::io::{BufRead, BufReader, Cursor, Write};

use bytes::Bytes;
use domain::{Key, StoreError, Timestamp};
use zstd::{Decoder, Encoder};

use crate::encode::LEVEL;
use crate::error::ExportError;
use crate::manifest::FileEntry;
use crate::sink::Sink;

pub(crate) const NAME: &str = "keys.tsv.zst";

/// Writes the keys as they come, and tells them from those of the export before.
pub(crate) struct Keys {
    list: Encoder<'static, Sink>,
    rows: u64,
    last: Option<Key>,
    earlier: Option<Earlier>,
}

impl Keys {
    pub(crate) fn begin(sink: Sink, earlier: Option<Earlier>) -> Result<Self, ExportError> {
        let list = Encoder::new(sink, LEVEL).map_err(|error| ExportError::write(NAME, &error))?;
        Ok(Self { list, rows: 0, last: None, earlier })
    }

    /// Notes a key. Keys of the export before that lie between it and the last one
    /// are gone. Returns whether its rows are to be written.
    pub(crate) fn meet(
        &mut self,
        key: Key,
        stamp: Timestamp,
        gone: &mut Vec<Key>,
    ) -> Result<bool, ExportError> {
        if let Some(last) = self.last.filter(|last| *last >= key) {
            let why = format!("{key} was read after {last}, out of order");
            return Err(StoreError::Corrupt(why).into());
        }
        self.last = Some(key);
        self.rows += 1;
        writeln!(self.list, "{key}\t{}", stamp.as_millis())
            .map_err(|error| ExportError::write(NAME, &error))?;
        let Some(earlier) = &mut self.earlier else { return Ok(true) };
        while let Some((other, _)) = earlier.next.filter(|(other, _)| *other < key) {
            gone.push(other);
            earlier.step()?;
        }
        match earlier.next {
            Some((other, seen)) if other == key => {
                earlier.step()?;
                Ok(seen != stamp)
            }
            _ => Ok(true),
        }
    }

    /// Ends the list. What is left of the export before is gone.
    pub(crate) fn finish(mut self, gone: &mut Vec<Key>) -> Result<FileEntry, ExportError> {
        if let Some(earlier) = &mut self.earlier {
            while let Some((other, _)) = earlier.next {
                gone.push(other);
                earlier.step()?;
            }
        }
        let sink = self.list.finish().map_err(|error| ExportError::write(NAME, &error))?;
        sink.finish(self.rows)
    }
}

/// The keys of the export before, one after the other.
pub(crate) struct Earlier {
    lines: BufReader<Decoder<'static, BufReader<Cursor<Bytes>>>>,
    line: String,
    next: Option<(Key, Timestamp)>,
}

impl Earlier {
    pub(crate) fn read(bytes: Bytes) -> Result<Self, ExportError> {
        let decoder = Decoder::new(Cursor::new(bytes))
            .map_err(|error| ExportError::unreadable(NAME, error))?;
        let mut earlier = Self { lines: BufReader::new(decoder), line: String::new(), next: None };
        earlier.step()?;
        Ok(earlier)
    }

    fn step(&mut self) -> Result<(), ExportError> {
        self.line.clear();
        let read = self.lines.read_line(&mut self.line);
        if read.map_err(|error| ExportError::unreadable(NAME, error))? == 0 {
            self.next = None;
            return Ok(());
        }
        let parsed = self.line.trim_end().split_once('\t').and_then(|(key, stamp)| {
            Some((key.parse().ok()?, Timestamp::from_millis(stamp.parse().ok()?)))
        });
        if parsed.is_none() {
            let why = format!("`{}` is no key with an instant", self.line.trim_end());
            return Err(ExportError::unreadable(NAME, why));
        }
        self.next = parsed;
        Ok(())
    }
}
