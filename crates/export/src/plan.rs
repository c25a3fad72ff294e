//! What an export is to hold, and whether that makes sense.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::{Kind, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::ExportError;
use crate::manifest::Manifest;
use crate::place::Place;
use crate::table::Table;

/// How files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Parquet,
    /// An object a line, compressed with zstd or not.
    Ndjson,
    /// Whole records, which `import` takes back.
    Protobuf,
}

/// What an export is to hold, and by whose clock.
#[derive(Clone, Debug)]
pub struct Plan {
    /// That of the export before, or Parquet, where it is not given.
    pub format: Option<Format>,
    /// Those of the export before, or all that the format has, where it is empty.
    pub kinds: Vec<Kind>,
    /// Likewise.
    pub tables: Vec<Table>,
    /// NDJSON without compression.
    pub plain: bool,
    /// A file that has grown so large is ended, and the next one begun.
    pub file_bytes: u64,
    /// Whether a complete export that lies there already may be replaced.
    pub replace: bool,
    pub now: Timestamp,
    /// How long the terms let anybody keep what was fetched.
    pub kept: Duration,
    /// The program and its version.
    pub made_by: String,
}

/// The export that a delta is made against.
#[derive(Clone, Debug)]
pub struct Base {
    pub place: Place,
    pub manifest: Manifest,
}

impl Base {
    /// Finds an export by where it lies (its folder or its manifest), or by its
    /// version, in the folders beside the new one.
    pub async fn find(
        since: &str,
        target: &Place,
        options: &[(String, String)],
    ) -> Result<Self, ExportError> {
        if !is_version(since) {
            let folder = since.strip_suffix(crate::manifest::NAME).unwrap_or(since);
            let place = Place::open(if folder.is_empty() { "." } else { folder }, options)?;
            let manifest = Manifest::read(&place).await?.ok_or_else(|| {
                ExportError::Asked(format!(
                    "there is no export at {place}: it has no manifest.json"
                ))
            })?;
            return Ok(Self { place, manifest });
        }
        for place in target.beside().await? {
            // A folder that is no export of this program's is none to look at.
            match Manifest::read(&place).await {
                Ok(Some(manifest)) if manifest.version == since => {
                    return Ok(Self { place, manifest });
                }
                _ => (),
            }
        }
        Err(ExportError::Asked(format!(
            "no export of version {since} lies beside {target}; name its folder or its manifest.json instead"
        )))
    }
}

/// Whether a text reads as a version: `20261121T154700123Z`.
fn is_version(text: &str) -> bool {
    text.len() == 19
        && text.char_indices().all(|(place, letter)| match place {
            8 => letter == 'T',
            18 => letter == 'Z',
            _ => letter.is_ascii_digit(),
        })
}

/// What an export holds, every part of it decided.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) format: Format,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) tables: Vec<Table>,
}

impl Plan {
    pub(crate) fn decide(&self, base: Option<&Manifest>) -> Result<Decided, ExportError> {
        let format = self.format.or(base.map(|base| base.format)).unwrap_or(Format::Parquet);
        let kinds = self.kinds(format, base)?;
        let tables = self.tables(format, &kinds, base)?;
        Ok(Decided { format, kinds, tables })
    }

    fn kinds(&self, format: Format, base: Option<&Manifest>) -> Result<Vec<Kind>, ExportError> {
        let may_have =
            |kind: Kind| format == Format::Protobuf || kind.is_title() || kind == Kind::Person;
        let mut kinds: Vec<Kind> = match (self.kinds.as_slice(), base) {
            ([], Some(base)) => base.kinds.clone(),
            ([], None) => Kind::ALL.into_iter().filter(|kind| may_have(*kind)).collect(),
            (asked, _) => asked.to_vec(),
        };
        kinds.sort_unstable();
        kinds.dedup();
        if let Some(kind) = kinds.iter().find(|kind| !may_have(**kind)) {
            return Err(ExportError::Asked(format!(
                "tables are of movie, tv and person; {kind} is in exports of records, --format protobuf"
            )));
        }
        match base {
            Some(base) if base.kinds != kinds => Err(ExportError::Asked(format!(
                "a delta has the kinds of the export before, {}",
                words(&base.kinds)
            ))),
            _ => Ok(kinds),
        }
    }

    fn tables(
        &self,
        format: Format,
        kinds: &[Kind],
        base: Option<&Manifest>,
    ) -> Result<Vec<Table>, ExportError> {
        let is_packs = format == Format::Protobuf;
        if base.is_some_and(|base| (base.format == Format::Protobuf) != is_packs) {
            return Err(ExportError::Asked(
                "a delta of records is against an export of records, one of tables against one of tables".to_owned(),
            ));
        }
        if is_packs {
            return match self.tables.as_slice() {
                [] => Ok(vec![Table::Records]),
                _ => Err(ExportError::Asked(
                    "--format protobuf writes whole records; --tables is for parquet and ndjson"
                        .to_owned(),
                )),
            };
        }
        let has_rows = |table: &Table| kinds.iter().any(|kind| table.has(*kind));
        let held = base.map(|base| base.tables.iter().map(|entry| entry.table));
        let held: Option<BTreeSet<Table>> = held.map(Iterator::collect);
        let mut tables: BTreeSet<Table> = match (self.tables.as_slice(), &held) {
            ([], Some(held)) => held.clone(),
            ([], None) => Table::CHOICE.into_iter().filter(has_rows).collect(),
            (asked, _) => asked.iter().copied().collect(),
        };
        tables.retain(|table| Table::CHOICE.contains(table));
        if let Some(table) = tables.iter().find(|table| !has_rows(table)) {
            let kinds = words(kinds);
            return Err(ExportError::Asked(format!("the table {table} has no rows of {kinds}")));
        }
        if let Some(table) =
            held.as_ref().and_then(|held| tables.iter().find(|table| !held.contains(table)))
        {
            return Err(ExportError::Asked(format!(
                "the export before has no table {table}, so a delta of it makes no sense"
            )));
        }
        // A title that has lost its last trailer is told by its row among the works.
        if base.is_some() && tables.iter().any(|table| table.is_of_titles()) {
            tables.insert(Table::Works);
        }
        Ok(tables.into_iter().collect())
    }
}

fn words(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}
