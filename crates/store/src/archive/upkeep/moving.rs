//! Moves bodies from one place to another.
//!
//! Workers write to the new place already, and read the old one too
//! ([`crate::Bodies::earlier_url`]); so whatever lies in the old place only gets less.

use std::collections::HashSet;

use domain::{Kind, StoreError};
use futures_util::stream::{self, StreamExt};
use serde::Serialize;

use super::{AT_A_TIME, Mark, Pages, Seen, UpkeepError, go_on, mark};
use crate::archive::{Archive, Place, Relocation, VersionRow};
use crate::objects::{ObjectHeader, Objects};

/// Looks at everything so often, until nothing is left to move.
const ROUNDS: u32 = 5;

/// A place that bodies are moved from or to.
#[derive(Clone, Debug)]
pub(crate) enum End {
    Database,
    Objects(Objects),
}

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Versions there are.
    pub versions: u64,
    /// Bodies that were moved now.
    pub moved: u64,
    pub bytes: u64,
    /// Bodies that lie in the old place alone after all; nobody could read some of
    /// them, or workers still write there.
    pub left: u64,
}

impl Archive {
    /// Moves every body, and counts what is left in the old place.
    pub(crate) async fn move_bodies(
        &self,
        from: &End,
        to: &End,
        seen: Seen<'_>,
    ) -> Result<Moved, UpkeepError> {
        if let End::Objects(to) = to {
            for dictionary in self.index.dictionaries().await? {
                to.put_dictionary(dictionary.kind, &dictionary.bytes).await?;
            }
        }
        let mut all = Moved::default();
        for _ in 0..ROUNDS {
            let round = self.round(from, to, all.moved, seen).await?;
            all.versions = round.versions;
            all.moved += round.moved;
            all.bytes += round.bytes;
            all.left = round.left;
            if round.moved == 0 {
                break;
            }
        }
        Ok(all)
    }

    /// Moves what lies in the old place; `left` counts what did before.
    async fn round(
        &self,
        from: &End,
        to: &End,
        moved_before: u64,
        seen: Seen<'_>,
    ) -> Result<Moved, UpkeepError> {
        let mut round = Moved::default();
        for kind in Kind::ALL {
            let there = match (from, to) {
                (End::Objects(_), End::Objects(to)) => names(to, kind).await?,
                _ => HashSet::new(),
            };
            let mut pages = Pages::new(&*self.index, kind);
            while let Some(rows) = pages.next().await? {
                round.versions += rows.len() as u64;
                let is_left = |row: &VersionRow| match (&row.stored.place, from, to) {
                    (Place::Row(_), End::Database, End::Objects(_))
                    | (Place::Object(_), End::Objects(_), End::Database) => true,
                    (Place::Object(object), End::Objects(_), End::Objects(to)) => {
                        !there.contains(&mark(&to.name(&row.record.key, row.number, object)))
                    }
                    _ => false,
                };
                let rows: Vec<_> = rows.into_iter().filter(is_left).collect();
                round.left += rows.len() as u64;
                self.move_page(from, to, rows, &mut round).await?;
                go_on(seen, moved_before + round.moved)?;
            }
        }
        Ok(round)
    }

    async fn move_page(
        &self,
        from: &End,
        to: &End,
        rows: Vec<VersionRow>,
        round: &mut Moved,
    ) -> Result<(), StoreError> {
        let moves = rows.into_iter().map(|row| copied(from, to, row));
        let copies: Vec<_> = stream::iter(moves).buffered(AT_A_TIME).collect().await;
        let mut relocations = vec![];
        let mut sizes = vec![];
        for copy in copies {
            match copy {
                Ok(Copy::Same(bytes)) => {
                    round.moved += 1;
                    round.bytes += bytes;
                }
                Ok(Copy::Elsewhere(relocation, bytes)) => {
                    relocations.push(relocation);
                    sizes.push(bytes);
                }
                // Told by the count of what is left, and by a look at every version.
                Err(StoreError::Corrupt(why)) => tracing::warn!("not moved: {why}"),
                Err(error) => return Err(error),
            }
        }
        if relocations.is_empty() {
            return Ok(());
        }
        let moved = self.index.relocate(relocations).await?;
        for (_, bytes) in moved.into_iter().zip(sizes).filter(|(is_moved, _)| *is_moved) {
            round.moved += 1;
            round.bytes += bytes;
        }
        self.sweep_all().await;
        Ok(())
    }
}

/// A body that is in its new place.
enum Copy {
    /// Under the same name, so that its row says the same.
    Same(u64),
    Elsewhere(Relocation, u64),
}

async fn copied(from: &End, to: &End, row: VersionRow) -> Result<Copy, StoreError> {
    let (key, version) = (row.record.key, row.number);
    let place = row.stored.place.clone();
    let (to, bytes) = match (&place, from, to) {
        (Place::Row(bytes), End::Database, End::Objects(objects)) => {
            let object = objects.put(&header(&row), bytes.clone()).await?;
            (Place::Object(object), bytes.len())
        }
        (Place::Object(object), End::Objects(objects), End::Database) => {
            let bytes = objects.get(&key, version, object).await?;
            let length = bytes.len();
            (Place::Row(bytes), length)
        }
        (Place::Object(object), End::Objects(from), End::Objects(to)) => {
            let name = to.name(&key, version, object);
            let missing = || StoreError::Corrupt(format!("there is no object {name}"));
            let bytes = to.copy_from(from, &name).await?.ok_or_else(missing)?;
            return Ok(Copy::Same(bytes));
        }
        _ => return Ok(Copy::Same(0)),
    };
    Ok(Copy::Elsewhere(Relocation { key, version, from: place, to }, bytes as u64))
}

fn header(row: &VersionRow) -> ObjectHeader {
    ObjectHeader {
        key: row.record.key,
        version: row.number,
        valid_from: row.valid_from,
        fetched_at: row.record.fetched_at,
        asked: row.record.asked.clone(),
        hash: row.record.hash,
        schema_version: row.record.schema_version,
        body_bytes: row.body_bytes,
        dictionary: row.stored.dictionary,
        is_patch: row.stored.is_patch,
    }
}

/// The names of all objects of a kind.
async fn names(objects: &Objects, kind: Kind) -> Result<HashSet<Mark>, StoreError> {
    let mut listed = objects.list(kind.as_str());
    let mut names = HashSet::new();
    while let Some(object) = listed.next().await {
        names.insert(mark(&object?.name));
    }
    Ok(names)
}
