//! The formats: batches in, bytes of a file out.

mod ndjson;
mod packs;
mod parquet;

use crate::batch::Batch;
use crate::error::ExportError;
use crate::manifest::FileEntry;
use crate::plan::Format;
use crate::sink::Sink;
use crate::table::Table;

/// For compressing; above 3 it takes much longer for little.
pub(crate) const LEVEL: i32 = 3;

/// What is written in one go.
#[derive(Debug)]
pub(crate) enum Load {
    Rows(Batch),
    /// Records, each with its length before it.
    Records {
        bytes: Vec<u8>,
        records: u64,
    },
}

/// How the files of a table are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Parquet,
    Ndjson,
    PlainNdjson,
    Packs,
}

impl Encoding {
    pub(crate) fn of(table: Table, format: Format, plain: bool) -> Self {
        match (table, format) {
            (Table::Records, _) => Self::Packs,
            (_, Format::Parquet) => Self::Parquet,
            _ if plain => Self::PlainNdjson,
            _ => Self::Ndjson,
        }
    }

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Ndjson => "ndjson.zst",
            Self::PlainNdjson => "ndjson",
            Self::Packs => "pb.zst",
        }
    }
}

/// A file being written in one of the formats.
pub(crate) enum File {
    Parquet(Box<parquet::Writer>),
    Ndjson(ndjson::Writer),
    Packs(packs::Writer),
}

impl File {
    pub(crate) fn begin(encoding: Encoding, table: Table, sink: Sink) -> Result<Self, ExportError> {
        Ok(match encoding {
            Encoding::Parquet => Self::Parquet(Box::new(parquet::Writer::begin(table, sink)?)),
            Encoding::Ndjson => Self::Ndjson(ndjson::Writer::compressed(sink)?),
            Encoding::PlainNdjson => Self::Ndjson(ndjson::Writer::plain(sink)),
            Encoding::Packs => Self::Packs(packs::Writer::begin(sink)?),
        })
    }

    pub(crate) fn write(&mut self, load: &Load) -> Result<(), ExportError> {
        match (self, load) {
            (Self::Parquet(file), Load::Rows(batch)) => file.write(batch),
            (Self::Ndjson(file), Load::Rows(batch)) => file.write(batch),
            (Self::Packs(file), Load::Records { bytes, records }) => file.write(bytes, *records),
            _ => Err(ExportError::Broken("a load came to a file of another format".to_owned())),
        }
    }

    /// How much there is of it. Compressors hold some back.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Parquet(file) => file.bytes(),
            Self::Ndjson(file) => file.bytes(),
            Self::Packs(file) => file.bytes(),
        }
    }

    pub(crate) fn finish(self) -> Result<FileEntry, ExportError> {
        match self {
            Self::Parquet(file) => file.finish(),
            Self::Ndjson(file) => file.finish(),
            Self::Packs(file) => file.finish(),
        }
    }
}
