//! A deployment into one file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use domain::Timestamp;
use prost::encoding::encode_varint;

use super::copy::MoveError;
use super::file::{End, FileError, Frame, Head, Manifest, Writer};
use super::sums::Sums;
use super::{Batch, Purpose, Rows, Step, Value, Watch};
use crate::Store;

/// How a backup is to be made.
#[derive(Clone, Debug)]
pub struct BackupOptions {
    /// The version of the program, which the file tells.
    pub program: String,
    pub now: Timestamp,
    /// Whether a file of that name may be replaced.
    pub replace: bool,
}

/// What the names of backups end in.
const SUFFIX: &str = "cmbackup";

/// Writes all tables of a deployment, as they are at one instant, into a file: `to`
/// where that ends in `.cmbackup`, else one in that folder, named by the instant. It
/// has its name once it is whole. Returns where it is, and what is in it.
pub async fn backup(
    store: &Store,
    to: &Path,
    options: BackupOptions,
    watch: &Watch,
) -> Result<(PathBuf, Manifest), MoveError> {
    let path = place(to, options.now)?;
    if !options.replace && path.exists() {
        return Err(FileError::Taken(path).into());
    }
    let head = Head {
        program: options.program,
        schema: crate::sqlite::SCHEMA,
        made_at: options.now,
        tables: Head::known_tables(),
    };
    let rows = store.rows(Purpose::Move).await?;
    let (place, watch) = (path.clone(), Watch::clone(watch));
    let writing = tokio::task::spawn_blocking(move || write(&place, head, rows, &watch)).await;
    let manifest = writing.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    Ok((path, manifest))
}

/// Makes the folder where it is missing.
fn place(to: &Path, now: Timestamp) -> Result<PathBuf, FileError> {
    if to.extension().is_some_and(|suffix| suffix == SUFFIX) {
        return Ok(to.to_owned());
    }
    let made = fs::create_dir_all(to);
    made.map_err(|why| FileError::Io { path: to.to_owned(), why })?;
    let instant = now.to_string().replace(':', "");
    Ok(to.join(format!("cinemirror-{instant}.{SUFFIX}")))
}

/// Where instants at which something of TMDB's was fetched are.
const FETCHED: [(&str, &str); 8] = [
    ("dead_letters", "died_at"),
    ("versions", "fetched_at"),
    ("heads", "fetched_at"),
    ("dictionaries", "added_at"),
    ("works", "last_refreshed_at"),
    ("people", "last_refreshed_at"),
    ("things", "last_refreshed_at"),
    ("list_entries", "seen_at"),
];

/// When the oldest rows of a batch were fetched.
fn oldest(batch: &Batch) -> Option<Timestamp> {
    let (_, column) = FETCHED.iter().find(|(table, _)| *table == batch.table.name)?;
    let place = batch.table.place(column);
    let instants = batch.rows.iter().filter_map(|row| match row[place] {
        Value::Integer(millis) => Some(Timestamp::from_millis(millis)),
        _ => None,
    });
    instants.min()
}

fn write(path: &Path, head: Head, rows: Rows, watch: &Watch) -> Result<Manifest, MoveError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = write_frames(&partial, head, rows, watch).and_then(|manifest| {
        let renamed = fs::rename(&partial, path).and_then(|()| see_onto_disk(path));
        renamed.map_err(|why| FileError::Io { path: path.to_owned(), why })?;
        Ok(manifest)
    });
    if written.is_err() {
        // What is half written is of no use; that it cannot be deleted is not what went wrong.
        drop(fs::remove_file(&partial));
    }
    written
}

/// The file's name too.
fn see_onto_disk(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write_frames(
    path: &Path,
    head: Head,
    mut rows: Rows,
    watch: &Watch,
) -> Result<Manifest, MoveError> {
    let mut file = Writer::create(path)?;
    file.frame(Frame::Head, &json(path, &head)?)?;
    let mut sums = Sums::new(Purpose::Move);
    let (mut fetched, mut bodies_elsewhere) = (None, 0);
    let mut content = vec![];
    while let Some(batch) = rows.blocking_next()? {
        let number = head.tables.iter().position(|(name, _)| name == batch.table.name);
        content.clear();
        encode_varint(number.unwrap_or_default() as u64, &mut content);
        encode_varint(batch.rows.len() as u64, &mut content);
        for row in &batch.rows {
            content.extend_from_slice(sums.add(batch.table, row));
        }
        file.frame(Frame::Rows, &content)?;
        fetched = fetched.into_iter().chain(oldest(&batch)).min();
        bodies_elsewhere += batch.bodies_elsewhere();
        watch(Step { table: batch.table.name, rows: sums.rows(), bytes: sums.bytes() });
    }
    let end = End { tables: sums.end(), oldest: fetched, bodies_elsewhere };
    file.frame(Frame::End, &json(path, &end)?)?;
    Ok(Manifest::of(head, end, file.end()?))
}

fn json(path: &Path, value: &impl serde::Serialize) -> Result<Vec<u8>, FileError> {
    serde_json::to_vec(value)
        .map_err(|error| FileError::Io { path: path.to_owned(), why: error.into() })
}
