//! Packs: records as `cinemirror.v1.Record`, each with its length before it,
//! compressed with zstd.

use std::io::Write;

use zstd::Encoder;

use super::LEVEL;
use crate::error::ExportError;
use crate::manifest::FileEntry;
use crate::sink::Sink;

pub(crate) struct Writer {
    name: String,
    encoder: Encoder<'static, Sink>,
    records: u64,
}

impl Writer {
    pub(super) fn begin(sink: Sink) -> Result<Self, ExportError> {
        let name = sink.name().to_owned();
        let encoder =
            Encoder::new(sink, LEVEL).map_err(|error| ExportError::write(&name, &error))?;
        Ok(Self { name, encoder, records: 0 })
    }

    pub(super) fn write(&mut self, bytes: &[u8], records: u64) -> Result<(), ExportError> {
        self.records += records;
        self.encoder.write_all(bytes).map_err(|error| ExportError::write(&self.name, &error))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.encoder.get_ref().bytes()
    }

    pub(super) fn finish(self) -> Result<FileEntry, ExportError> {
        let sink = self.encoder.finish().map_err(|error| ExportError::write(&self.name, &error))?;
        sink.finish(self.records)
    }
}
