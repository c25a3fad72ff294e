//! The file of a backup.
//!
//! It begins with `CinemirrorBackup` and the number of its format (four bytes; all
//! numbers have their lowest byte first). Then come *frames*, each of
//!
//! - a byte that says what it is: `H`, `R` or `E`;
//! - how long its content is as it lies there, and how long when unpacked (four bytes each);
//! - the BLAKE3 hash of these nine bytes and the content as it lies there (32 bytes);
//! - the content, compressed by zstd.
//!
//! The first is the *head* (`H`, JSON): what made it and when, and each table with
//! its columns and their types. Frames of *rows* follow (`R`): the number of a table
//! in the head's list and how many rows there are (varints), and the rows as
//! [`super::coding`] writes them, in the order of their keys. The last is the *end*
//! (`E`, JSON): rows, bytes and hash of each table, when the oldest of what is TMDB's
//! was fetched, and how many bodies lie elsewhere. Then comes the hash of the whole file up to here, and nothing
//! more; what was cut off lacks it.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use blake3::Hasher;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use zstd::bulk::{Compressor, Decompressor};

use super::copy::TableSum;
use super::tables;

const MAGIC: &[u8; 16] = b"CinemirrorBackup";
const FORMAT: u32 = 1;
const HASH: usize = blake3::OUT_LEN;
const LEVEL: i32 = 3;

/// What a backup tells of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Manifest {
    #[serde(flatten)]
    pub head: Head,
    pub tables: Vec<TableSum>,
    /// When the oldest of what is TMDB's was fetched: its terms hold for copies too.
    pub oldest: Option<Timestamp>,
    /// How many bodies lie in an object store, and so not in the file.
    pub bodies_elsewhere: u64,
    pub file_bytes: u64,
}

impl Manifest {
    pub(super) fn of(head: Head, end: End, file_bytes: u64) -> Self {
        let End { tables, oldest, bodies_elsewhere } = end;
        Self { head, tables, oldest, bodies_elsewhere, file_bytes }
    }
}

/// What a backup begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the program that made it.
    pub program: String,
    /// How many migrations its tables are made of.
    pub schema: usize,
    pub made_at: Timestamp,
    /// Tables with the names and types of their columns.
    #[serde(rename = "columns")]
    pub(super) tables: Vec<(String, Vec<(String, String)>)>,
}

impl Head {
    /// The tables that this program knows.
    pub(super) fn known_tables() -> Vec<(String, Vec<(String, String)>)> {
        let column =
            |column: &tables::Column| (column.name.to_owned(), column.kind.name().to_owned());
        let tables = super::Purpose::Move.tables();
        tables
            .map(|table| (table.name.to_owned(), table.columns.iter().map(column).collect()))
            .collect()
    }
}

/// What a backup ends with.
#[derive(Serialize, Deserialize)]
pub(super) struct End {
    pub(super) tables: Vec<TableSum>,
    pub(super) oldest: Option<Timestamp>,
    pub(super) bodies_elsewhere: u64,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("cannot use {}: {why}", path.display())]
    Io { path: PathBuf, why: io::Error },
    #[error("{} is there already: name another file, or say --replace", .0.display())]
    Taken(PathBuf),
    #[error("{} is no backup of Cinemirror's", .0.display())]
    Foreign(PathBuf),
    #[error(
        "{} is a backup of format {found}, and this program reads {FORMAT}: use the version that made it, or a newer one",
        path.display()
    )]
    Format { path: PathBuf, found: u32 },
    #[error("{} is cut off at byte {at}: copy it again from where it was made", path.display())]
    CutOff { path: PathBuf, at: u64 },
    #[error(
        "{} was altered near byte {at} ({what}): copy it again from where it was made",
        path.display()
    )]
    Altered { path: PathBuf, at: u64, what: String },
    #[error(
        "{} was made by cinemirror {program} with other tables ({schema} migrations, here are {known}): restore it with that version, and let this one open what it has restored",
        path.display()
    )]
    Schema { path: PathBuf, program: String, schema: usize, known: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Head = b'H' as isize,
    Rows = b'R' as isize,
    End = b'E' as isize,
}

impl Frame {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Head, Self::Rows, Self::End].into_iter().find(|frame| *frame as u8 == byte)
    }
}

pub(super) struct Writer {
    path: PathBuf,
    out: BufWriter<File>,
    packer: Compressor<'static>,
    whole: Hasher,
    bytes: u64,
}

impl Writer {
    pub(super) fn create(path: &Path) -> Result<Self, FileError> {
        let failed = |why| FileError::Io { path: path.to_owned(), why };
        let mut writer = Self {
            path: path.to_owned(),
            out: BufWriter::new(File::create(path).map_err(failed)?),
            packer: Compressor::new(LEVEL).map_err(failed)?,
            whole: Hasher::new(),
            bytes: 0,
        };
        writer.put(MAGIC)?;
        writer.put(&FORMAT.to_le_bytes())?;
        Ok(writer)
    }

    pub(super) fn frame(&mut self, frame: Frame, content: &[u8]) -> Result<(), FileError> {
        let packed = self.packer.compress(content).map_err(|error| self.failed(error))?;
        let too_long = |_| self.failed(io::Error::other("a row is longer than 4 GB"));
        let length = u32::try_from(packed.len()).map_err(too_long)?;
        let unpacked = u32::try_from(content.len()).map_err(too_long)?;
        let mut start = vec![frame as u8];
        start.extend(length.to_le_bytes());
        start.extend(unpacked.to_le_bytes());
        let hash = Hasher::new().update(&start).update(&packed).finalize();
        start.extend(hash.as_bytes());
        self.put(&start)?;
        self.put(&packed)
    }

    /// Ends the file, and sees it onto the disk. Returns how many bytes it has.
    pub(super) fn end(mut self) -> Result<u64, FileError> {
        let hash = self.whole.finalize();
        self.put(hash.as_bytes())?;
        let done = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        done.map_err(|error| self.failed(error))?;
        Ok(self.bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.whole.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes).map_err(|error| self.failed(error))
    }

    fn failed(&self, why: io::Error) -> FileError {
        FileError::Io { path: self.path.clone(), why }
    }
}

pub(super) struct Reader {
    path: PathBuf,
    input: BufReader<File>,
    unpacker: Decompressor<'static>,
    whole: Hasher,
    at: u64,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let failed = |why| FileError::Io { path: path.to_owned(), why };
        let mut reader = Self {
            path: path.to_owned(),
            input: BufReader::with_capacity(1 << 17, File::open(path).map_err(failed)?),
            unpacker: Decompressor::new().map_err(failed)?,
            whole: Hasher::new(),
            at: 0,
        };
        let start = reader.take(MAGIC.len() as u64)?;
        if !MAGIC.starts_with(&start) {
            return Err(FileError::Foreign(path.to_owned()));
        }
        reader.whole_of(&start, MAGIC.len())?;
        let format = reader.number()?;
        if format != FORMAT {
            return Err(FileError::Format { path: path.to_owned(), found: format });
        }
        Ok(reader)
    }

    pub(super) fn frame(&mut self) -> Result<(Frame, Vec<u8>), FileError> {
        let start = self.exactly(9)?;
        let length = u32::from_le_bytes([start[1], start[2], start[3], start[4]]);
        let unpacked = u32::from_le_bytes([start[5], start[6], start[7], start[8]]);
        let hash = self.exactly(HASH)?;
        let packed = self.exactly(length as usize)?;
        if Hasher::new().update(&start).update(&packed).finalize().as_bytes()[..] != hash {
            return Err(self.altered(&"its hash differs"));
        }
        let frame = Frame::from_byte(start[0]).ok_or_else(|| self.altered(&"an unknown frame"))?;
        let content = self.unpacker.decompress(&packed, unpacked as usize);
        Ok((frame, content.map_err(|error| self.altered(&error))?))
    }

    /// Reads what comes after the last frame. Returns how many bytes the file has.
    pub(super) fn end(mut self) -> Result<u64, FileError> {
        let wanted = self.whole.finalize();
        if self.exactly(HASH)? != wanted.as_bytes() {
            return Err(self.altered(&"the hash of the whole differs"));
        }
        let bytes = self.at;
        if !self.take(1)?.is_empty() {
            return Err(self.altered(&"something follows its end"));
        }
        Ok(bytes)
    }

    pub(super) fn altered(&self, what: &dyn std::fmt::Display) -> FileError {
        FileError::Altered { path: self.path.clone(), at: self.at, what: what.to_string() }
    }

    fn number(&mut self) -> Result<u32, FileError> {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.exactly(4)?);
        Ok(u32::from_le_bytes(bytes))
    }

    fn exactly(&mut self, length: usize) -> Result<Vec<u8>, FileError> {
        let bytes = self.take(length as u64)?;
        self.whole_of(&bytes, length)?;
        Ok(bytes)
    }

    fn whole_of(&self, bytes: &[u8], length: usize) -> Result<(), FileError> {
        if bytes.len() == length {
            return Ok(());
        }
        Err(FileError::CutOff { path: self.path.clone(), at: self.at })
    }

    /// As many bytes as there are, at most `length`: a length may be altered, so no
    /// room is made before there is something to fill it.
    fn take(&mut self, length: u64) -> Result<Vec<u8>, FileError> {
        let mut bytes = vec![];
        let read = (&mut self.input).take(length).read_to_end(&mut bytes);
        match read {
            Err(why) if why.kind() != ErrorKind::UnexpectedEof => {
                return Err(FileError::Io { path: self.path.clone(), why });
            }
            _ => (),
        }
        self.whole.update(&bytes);
        self.at += bytes.len() as u64;
        Ok(bytes)
    }
}
