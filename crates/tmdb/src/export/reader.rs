//! Inflates a file chunk by chunk, cuts it into lines and reads them, on a thread of its own.

use std::io::{self, BufRead, Read};

use bytes::{Buf, Bytes};
use domain::Sighting;
use domain::sighting::Export;
use flate2::bufread::MultiGzDecoder;
use memchr::{memchr, memrchr};
use tokio::sync::mpsc;

use super::{ExportError, lines};

/// Sightings sent at once.
const BATCH: usize = 1_000;

/// Also the longest line that is believed; real ones have some 100 bytes.
const BUFFER_BYTES: usize = 256 << 10;

/// Of a malformed line, for a person.
const EXAMPLE_BYTES: usize = 200;

/// What the lines of a file came to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) lines: u64,
    pub(super) malformed: u64,
    pub(super) first_malformed: Option<String>,
}

/// Reads a file to its end and verifies its trailer.
pub(super) fn read(
    file: String,
    export: Export,
    input: mpsc::Receiver<Bytes>,
    sink: &mpsc::Sender<Vec<Sighting>>,
) -> Result<Tally, ExportError> {
    let chunks = Chunks { input, chunk: Bytes::new(), taken: 0 };
    let mut inflating = Inflating {
        file,
        input: MultiGzDecoder::new(chunks),
        buffer: vec![0; BUFFER_BYTES],
        filled: 0,
    };
    let mut batches = Batches { export, sink, batch: vec![], tally: Tally::default() };
    while let Some(lines) = inflating.lines(batches.tally.lines)? {
        let lines_end = lines.len();
        if batches.take(lines).is_none() {
            return Err(ExportError::Stopped { file: inflating.file });
        }
        inflating.drop_first(lines_end);
    }
    // Only here are the checksum and the length known to be right.
    let rest = &inflating.buffer[..inflating.filled];
    if !rest.is_empty() && lines::sighting(export, rest).is_none() {
        return Err(inflating.truncated(format!("line {} is not whole", batches.tally.lines + 1)));
    }
    if batches.take(rest).and_then(|()| batches.send()).is_none() {
        return Err(ExportError::Stopped { file: inflating.file });
    }
    let tally = batches.tally;
    if tally.lines > 0 && tally.malformed == tally.lines {
        return Err(inflating.corrupt(format!("none of its {} lines can be read", tally.lines)));
    }
    Ok(tally)
}

/// The inflated file, a buffer of it at a time.
struct Inflating {
    file: String,
    input: MultiGzDecoder<Chunks>,
    buffer: Vec<u8>,
    filled: usize,
}

impl Inflating {
    /// Returns the next whole lines, or `None` at the end of the file, where the
    /// buffer holds what follows the last newline.
    fn lines(&mut self, lines_before: u64) -> Result<Option<&[u8]>, ExportError> {
        loop {
            if self.filled == self.buffer.len() {
                return Err(self.corrupt(format!("line {} has no end", lines_before + 1)));
            }
            let start = self.filled;
            match self.input.read(&mut self.buffer[start..]) {
                Ok(0) if self.input.get_ref().taken == 0 => {
                    return Err(self.truncated("it is empty".to_owned()));
                }
                Ok(0) => return Ok(None),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    if self.input.get_ref().taken == 0 {
                        return Err(self.truncated("it is empty".to_owned()));
                    }
                    return Err(self.truncated("the gzip stream has no end".to_owned()));
                }
                Err(error) => return Err(self.corrupt(error.to_string())),
            }
            if let Some(newline) = memrchr(b'\n', &self.buffer[start..self.filled]) {
                return Ok(Some(&self.buffer[..=start + newline]));
            }
        }
    }

    /// Forgets bytes that were read.
    fn drop_first(&mut self, count: usize) {
        self.buffer.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    fn truncated(&self, what: String) -> ExportError {
        ExportError::Truncated { file: self.file.clone(), at: self.input.get_ref().taken, what }
    }

    fn corrupt(&self, what: String) -> ExportError {
        ExportError::Corrupt { file: self.file.clone(), at: self.input.get_ref().taken, what }
    }
}

/// Sightings on their way out. `None` means that nobody takes them any more.
struct Batches<'a> {
    export: Export,
    sink: &'a mpsc::Sender<Vec<Sighting>>,
    batch: Vec<Sighting>,
    tally: Tally,
}

impl Batches<'_> {
    fn take(&mut self, text: &[u8]) -> Option<()> {
        let mut text = text;
        while !text.is_empty() {
            let end = memchr(b'\n', text).unwrap_or(text.len());
            let line = text[..end].trim_ascii();
            text = text.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                continue;
            }
            self.tally.lines += 1;
            match lines::sighting(self.export, line) {
                Some(sighting) => self.batch.push(sighting),
                None => self.tally.note_malformed(line),
            }
            if self.batch.len() == BATCH {
                self.send()?;
            }
        }
        Some(())
    }

    fn send(&mut self) -> Option<()> {
        if self.batch.is_empty() {
            return Some(());
        }
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.sink.blocking_send(batch).ok()
    }
}

impl Tally {
    fn note_malformed(&mut self, line: &[u8]) {
        self.malformed += 1;
        self.first_malformed.get_or_insert_with(|| {
            String::from_utf8_lossy(&line[..line.len().min(EXAMPLE_BYTES)]).into_owned()
        });
    }
}

/// The chunks of the file as something to read.
struct Chunks {
    input: mpsc::Receiver<Bytes>,
    chunk: Bytes,
    taken: u64,
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.chunk.is_empty() {
            match self.input.blocking_recv() {
                Some(chunk) => self.chunk = chunk,
                None => break,
            }
        }
        Ok(&self.chunk)
    }

    fn consume(&mut self, count: usize) {
        self.chunk.advance(count);
        self.taken += count as u64;
    }
}

impl Read for Chunks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}
