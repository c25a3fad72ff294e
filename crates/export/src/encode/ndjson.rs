//! NDJSON: an object a row, with every column of its table.

use std::io::Write;

use serde_json::ser::{CompactFormatter, Formatter};
use zstd::Encoder;

use super::LEVEL;
use crate::batch::{Batch, Held, Values};
use crate::column::Type;
use crate::error::ExportError;
use crate::manifest::FileEntry;
use crate::sink::Sink;

pub(crate) struct Writer {
    name: String,
    out: Out,
    rows: u64,
    text: Vec<u8>,
}

enum Out {
    Plain(Sink),
    Compressed(Encoder<'static, Sink>),
}

impl Writer {
    pub(super) fn plain(sink: Sink) -> Self {
        Self { name: sink.name().to_owned(), out: Out::Plain(sink), rows: 0, text: vec![] }
    }

    pub(super) fn compressed(sink: Sink) -> Result<Self, ExportError> {
        let name = sink.name().to_owned();
        let encoder =
            Encoder::new(sink, LEVEL).map_err(|error| ExportError::write(&name, &error))?;
        Ok(Self { name, out: Out::Compressed(encoder), rows: 0, text: vec![] })
    }

    pub(super) fn write(&mut self, batch: &Batch) -> Result<(), ExportError> {
        const AT_ONCE: usize = 256 << 10;
        let fault = |error| ExportError::write(&self.name, &error);
        let mut columns: Vec<Cursor<'_>> = batch.columns.iter().map(Cursor::new).collect();
        self.text.clear();
        for _ in 0..batch.rows {
            for (place, column) in columns.iter_mut().enumerate() {
                self.text.push(if place == 0 { b'{' } else { b',' });
                write!(self.text, "\"{}\":", column.values.shape.name).map_err(fault)?;
                column.write(&mut self.text).map_err(fault)?;
            }
            self.text.extend_from_slice(b"}\n");
            if self.text.len() >= AT_ONCE {
                self.out.write(&self.text).map_err(fault)?;
                self.text.clear();
            }
        }
        self.out.write(&self.text).map_err(fault)?;
        self.rows += batch.rows as u64;
        Ok(())
    }

    pub(super) fn bytes(&self) -> u64 {
        match &self.out {
            Out::Plain(sink) => sink.bytes(),
            Out::Compressed(encoder) => encoder.get_ref().bytes(),
        }
    }

    pub(super) fn finish(self) -> Result<FileEntry, ExportError> {
        let sink = match self.out {
            Out::Plain(sink) => sink,
            Out::Compressed(encoder) => {
                encoder.finish().map_err(|error| ExportError::write(&self.name, &error))?
            }
        };
        sink.finish(self.rows)
    }
}

impl Out {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Plain(sink) => sink.write_all(bytes),
            Self::Compressed(encoder) => encoder.write_all(bytes),
        }
    }
}

/// How far a column has been read.
struct Cursor<'a> {
    values: &'a Values,
    /// Of the levels,
    level: usize,
    /// and of the values.
    place: usize,
}

impl<'a> Cursor<'a> {
    fn new(values: &'a Values) -> Self {
        Self { values, level: 0, place: 0 }
    }

    /// Writes the next row's value.
    fn write(&mut self, out: &mut Vec<u8>) -> std::io::Result<()> {
        if self.values.shape.kind == Type::Texts {
            return self.list(out);
        }
        let is_there = self.values.present.get(self.level).is_none_or(|level| *level > 0);
        self.level += 1;
        if is_there { self.value(out) } else { out.write_all(b"null") }
    }

    fn list(&mut self, out: &mut Vec<u8>) -> std::io::Result<()> {
        out.push(b'[');
        let mut is_first = true;
        loop {
            if self.values.present.get(self.level) == Some(&1) {
                if !is_first {
                    out.push(b',');
                }
                self.value(out)?;
            }
            is_first = false;
            self.level += 1;
            // Every further level of the row repeats.
            if self.values.repeated.get(self.level) != Some(&1) {
                break;
            }
        }
        out.push(b']');
        Ok(())
    }

    fn value(&mut self, out: &mut Vec<u8>) -> std::io::Result<()> {
        let place = self.place;
        self.place += 1;
        let mut format = CompactFormatter;
        match (&self.values.held, self.values.shape.kind) {
            (Held::Texts(texts), _) => {
                serde_json::to_writer(out, texts.get(place)).map_err(std::io::Error::from)
            }
            (Held::Ints(days), Type::Day) => write!(out, "\"{}\"", date(days[place])),
            (Held::Ints(ints), _) => format.write_i32(out, ints[place]),
            (Held::Longs(instants), Type::Instant) => {
                write!(out, "\"{}\"", instant(instants[place]))
            }
            (Held::Longs(longs), _) => format.write_i64(out, longs[place]),
            (Held::Reals(reals), _) => format.write_f64(out, reals[place]),
            (Held::Flags(flags), _) => format.write_bool(out, flags[place]),
        }
    }
}

fn date(days: i32) -> jiff::civil::Date {
    const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);
    EPOCH.saturating_add(jiff::Span::new().days(days))
}

/// RFC 3339 in UTC, with milliseconds.
fn instant(millis: i64) -> impl std::fmt::Display {
    let instant = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    format!("{instant:.3}")
}
