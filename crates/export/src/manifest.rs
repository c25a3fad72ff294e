//! What an export holds: written last, so that what has one is whole.

use std::time::Duration;

use domain::{JUSTWATCH_NOTICE, Kind, TMDB_NOTICE, Timestamp};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::ExportError;
use crate::place::Place;
use crate::plan::Format;
use crate::table::Table;

pub(crate) const NAME: &str = "manifest.json";

/// Grows when a reader of earlier manifests would be misled.
const MANIFEST_VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub manifest_version: u32,
    /// Names this export; `--since` takes it.
    pub version: String,
    pub made_at: Timestamp,
    pub made_by: String,
    pub format: Format,
    /// Of the records that everything was made from.
    pub schema_version: u32,
    pub kinds: Vec<Kind>,
    /// When the oldest of it was fetched from TMDB.
    pub oldest_fetched_at: Option<Timestamp>,
    /// By when the terms of TMDB's API ask for all of it to be deleted, or replaced
    /// by a newer export.
    pub delete_by: Option<Timestamp>,
    /// Rows that were too old already, and not written.
    pub left_out_as_too_old: u64,
    pub notices: Vec<String>,
    pub tables: Vec<TableEntry>,
    /// What it is a delta of.
    pub delta: Option<Delta>,
    pub files: Vec<FileEntry>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableEntry {
    pub table: Table,
    pub rows: u64,
    pub bytes: u64,
    pub oldest_fetched_at: Option<Timestamp>,
    /// As the manifest's, of this table alone.
    pub delete_by: Option<Timestamp>,
    /// How a delta of it is applied; empty in a full export.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub apply: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// The version of the export before.
    pub since: String,
    pub since_made_at: Timestamp,
    /// `series` holds the days from here on, all of them.
    pub series_from: Option<Date>,
    /// Days before are gone.
    pub series_oldest: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    pub name: String,
    pub table: Table,
    pub rows: u64,
    pub bytes: u64,
    pub blake3: String,
}

impl Manifest {
    pub(crate) fn new(now: Timestamp, made_by: &str, format: Format, kinds: &[Kind]) -> Self {
        Self {
            manifest_version: MANIFEST_VERSION,
            version: version_at(now),
            made_at: now,
            made_by: made_by.to_owned(),
            format,
            schema_version: records::SCHEMA_VERSION,
            kinds: kinds.to_vec(),
            oldest_fetched_at: None,
            delete_by: None,
            left_out_as_too_old: 0,
            notices: vec![TMDB_NOTICE.to_owned(), JUSTWATCH_NOTICE.to_owned()],
            tables: vec![],
            delta: None,
            files: vec![],
        }
    }

    /// Adds up the files of each table.
    pub(crate) fn fill(
        &mut self,
        tables: impl IntoIterator<Item = (Table, Option<Timestamp>)>,
        files: Vec<FileEntry>,
        kept: Duration,
    ) {
        for (table, oldest) in tables {
            let own = || files.iter().filter(|file| file.table == table);
            let apply = if self.delta.is_some() { table.applied() } else { "" };
            self.tables.push(TableEntry {
                table,
                rows: own().map(|file| file.rows).sum(),
                bytes: own().map(|file| file.bytes).sum(),
                oldest_fetched_at: oldest,
                delete_by: oldest.map(|oldest| oldest + kept),
                apply: apply.to_owned(),
            });
        }
        self.oldest_fetched_at = self.tables.iter().filter_map(|it| it.oldest_fetched_at).min();
        self.delete_by = self.oldest_fetched_at.map(|oldest| oldest + kept);
        self.files = files;
    }

    /// The files of a table, in the order of their rows.
    pub fn files_of(&self, table: Table) -> impl Iterator<Item = &FileEntry> {
        self.files.iter().filter(move |file| file.table == table)
    }

    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|entry| entry.rows).sum()
    }

    /// Reads the manifest of an export; none where nothing has one.
    pub async fn read(place: &Place) -> Result<Option<Self>, ExportError> {
        let Some(bytes) = place.read(NAME).await? else { return Ok(None) };
        let file = place.shown(NAME);
        let manifest: Self = serde_json::from_slice(&bytes)
            .map_err(|error| ExportError::unreadable(&file, error))?;
        if manifest.manifest_version > MANIFEST_VERSION {
            let why = format!("it was written by a newer Cinemirror, {}", manifest.made_by);
            return Err(ExportError::unreadable(&file, why));
        }
        Ok(Some(manifest))
    }

    pub(crate) async fn write(&self, place: &Place) -> Result<(), ExportError> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| ExportError::write(&place.shown(NAME), &error))?;
        place.write(NAME, text.into()).await
    }
}

/// Versions sort as their exports were made.
fn version_at(now: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or_default();
    instant.strftime("%Y%m%dT%H%M%S%3fZ").to_string()
}
