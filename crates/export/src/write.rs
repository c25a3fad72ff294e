//! The last stage: loads become files, a new one when one has grown large.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;

use tokio::runtime::Handle;

use crate::encode::{Encoding, File, Load};
use crate::error::ExportError;
use crate::manifest::FileEntry;
use crate::place::Place;
use crate::plan::Format;
use crate::sink::Sink;
use crate::table::Table;

/// How files are to be written.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    pub(crate) place: Place,
    pub(crate) format: Format,
    pub(crate) plain: bool,
    pub(crate) file_bytes: u64,
    pub(crate) runtime: Handle,
}

impl Shelf {
    /// `works-00000.parquet`.
    fn begin(&self, table: Table, number: usize) -> Result<File, ExportError> {
        let encoding = Encoding::of(table, self.format, self.plain);
        let name = format!("{table}-{number:05}.{}", encoding.extension());
        File::begin(encoding, table, Sink::begin(&self.place, table, name, &self.runtime))
    }
}

/// Whether a file of this name is one that exports write.
pub(crate) fn is_ours(name: &str) -> bool {
    if name == crate::manifest::NAME || name == crate::keys::NAME {
        return true;
    }
    let Some((table, rest)) = name.split_once('-') else { return false };
    let Some((number, extension)) = rest.split_once('.') else { return false };
    table.parse::<Table>().is_ok()
        && number.len() == 5
        && number.bytes().all(|digit| digit.is_ascii_digit())
        && ["parquet", "ndjson", "ndjson.zst", "pb.zst"].contains(&extension)
}

/// Writes what comes until nothing more can, and ends all files. Every one of the
/// tables gets a file, if an empty one.
pub(crate) fn write(
    shelf: &Shelf,
    tables: &[Table],
    loads: &Receiver<(Table, Load)>,
) -> Result<Vec<FileEntry>, ExportError> {
    let mut open: BTreeMap<Table, File> = BTreeMap::new();
    let mut done: BTreeMap<Table, Vec<FileEntry>> =
        tables.iter().map(|table| (*table, vec![])).collect();
    for (table, load) in loads {
        let ended = done.entry(table).or_default();
        let mut file = match open.remove(&table) {
            Some(file) => file,
            None => shelf.begin(table, ended.len())?,
        };
        file.write(&load)?;
        if file.bytes() >= shelf.file_bytes {
            ended.push(file.finish()?);
        } else {
            open.insert(table, file);
        }
    }
    for (table, file) in open {
        done.entry(table).or_default().push(file.finish()?);
    }
    for (table, ended) in &mut done {
        if ended.is_empty() {
            ended.push(shelf.begin(*table, 0)?.finish()?);
        }
    }
    Ok(done.into_values().flatten().collect())
}
