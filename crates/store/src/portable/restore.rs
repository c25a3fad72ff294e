//! A deployment out of a file.

use std::path::{Path, PathBuf};

use domain::StoreError;
use prost::encoding::decode_varint;
use tokio::task::spawn_blocking;

use super::copy::{MoveError, Source, TableSum, fill};
use super::file::{End, FileError, Frame, Head, Manifest, Reader};
use super::sums::Sums;
use super::tables::Table;
use super::{Batch, Batches, Purpose, Rows, Watch, coding};
use crate::Store;

/// A backup that was read to its end and found whole.
#[derive(Clone, Debug)]
pub struct Verified {
    path: PathBuf,
    manifest: Manifest,
}

impl Verified {
    /// What is in it.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

/// Reads a backup to its end and checks all of it.
pub async fn verify(path: &Path) -> Result<Verified, FileError> {
    let path = path.to_owned();
    let reading = spawn_blocking(move || {
        let mut sums = Sums::new(Purpose::Move);
        let found = read(&path, &mut |batch| {
            for row in &batch.rows {
                sums.add(batch.table, row);
            }
            true
        })?;
        let manifest = found.matching(&path, &sums.end())?;
        Ok(Verified { path, manifest })
    });
    reading.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

/// Fills a database that is empty, or that holds what an interrupted restore of the
/// same backup has left. What was written is read again and compared.
pub async fn restore(from: &Verified, to: &Store, watch: &Watch) -> Result<(), MoveError> {
    let restored = fill(&Source::File(from.path.clone()), to, watch).await?;
    if restored.tables == from.manifest.tables {
        return Ok(());
    }
    let (path, at) = (from.path.clone(), from.manifest.file_bytes);
    let what = "it is not the file any more that was verified".to_owned();
    Err(FileError::Altered { path, at, what }.into())
}

/// The rows of a file that was verified.
pub(super) fn rows(path: PathBuf) -> Rows {
    let (batches, rows) = Rows::channel();
    spawn_blocking(move || send(&path, &batches));
    rows
}

fn send(path: &Path, batches: &Batches) {
    let read = read(path, &mut |batch| batches.blocking_send(Ok(batch)).is_ok());
    if let Err(error) = read {
        // Nobody may be there any more to be told.
        drop(batches.blocking_send(Err(StoreError::unavailable(error))));
    }
}

/// What was read of a file, besides its rows.
struct Found {
    head: Head,
    end: End,
    bytes: u64,
}

impl Found {
    fn matching(self, path: &Path, sums: &[TableSum]) -> Result<Manifest, FileError> {
        if self.end.tables != sums {
            let (path, at) = (path.to_owned(), self.bytes);
            let what = "its rows are not those that its end tells of".to_owned();
            return Err(FileError::Altered { path, at, what });
        }
        Ok(Manifest::of(self.head, self.end, self.bytes))
    }
}

/// Reads batch after batch until `take` returns false.
fn read(path: &Path, take: &mut dyn FnMut(Batch) -> bool) -> Result<Found, FileError> {
    let mut file = Reader::open(path)?;
    let (Frame::Head, head) = file.frame()? else {
        return Err(file.altered(&"it does not begin with its head"));
    };
    let head: Head = serde_json::from_slice(&head).map_err(|error| file.altered(&error))?;
    if head.tables != Head::known_tables() {
        return Err(FileError::Schema {
            path: path.to_owned(),
            program: head.program,
            schema: head.schema,
            known: crate::sqlite::SCHEMA,
        });
    }
    let known: Vec<&'static Table> = Purpose::Move.tables().collect();
    let mut is_wanted = true;
    loop {
        match file.frame()? {
            (Frame::Rows, content) if is_wanted => {
                let batch = batch(&content, &known).map_err(|error| file.altered(&error))?;
                is_wanted = take(batch);
            }
            (Frame::Rows, _) => (),
            (Frame::End, end) => {
                let end = serde_json::from_slice(&end).map_err(|error| file.altered(&error))?;
                return Ok(Found { head, end, bytes: file.end()? });
            }
            (Frame::Head, _) => return Err(file.altered(&"it has a second head")),
        }
    }
}

fn batch(mut content: &[u8], known: &[&'static Table]) -> std::io::Result<Batch> {
    let number = decode_varint(&mut content).map_err(std::io::Error::other)?;
    let rows = decode_varint(&mut content).map_err(std::io::Error::other)?;
    let table = usize::try_from(number).ok().and_then(|number| known.get(number));
    let table = table.ok_or_else(|| std::io::Error::other("rows of an unknown table"))?;
    let columns = table.columns.len();
    let rows = (0..rows).map(|_| coding::decode(&mut content, columns));
    Ok(Batch { table, rows: rows.collect::<Result<_, _>>()? })
}
