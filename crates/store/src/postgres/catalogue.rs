//! The catalogue in PostgreSQL.

mod after;
mod alike;
mod external;
mod facets;
mod lists;
mod names;
mod query;
mod ratings;
mod read;
mod remove;
mod tables;
mod write;

use async_trait::async_trait;
use domain::catalogue::{
    Alike, Card, ListEntry, ListName, ListPage, Person, Rescored, Work, WorkPage, WorkQuery,
};
use domain::facets::{ExternalSource, Facets, NamePage, NameQuery};
use domain::outline::Outline;
use domain::rating::{ImportedRating, ImportedSource, RatingSource};
use domain::{Catalog, Key, Kind, Record, StoreError, Timestamp};

use super::batch::plain;
use super::{Database, snapshot, transaction};
use crate::projection::{self, work_id};

pub(super) use tables::{genre_word, vector};

pub(crate) struct Catalogue {
    database: Database,
}

impl Catalogue {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl Catalog for Catalogue {
    async fn put(&self, records: &[Record]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let records = records.to_vec();
        // Elsewhere, since a batch keeps a processor for a while.
        let project = move || write::Batch::of(records.iter().map(projection::project));
        let projected = tokio::task::spawn_blocking(project).await;
        let batch = projected.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        transaction!(self.database, tx => write::put(&tx, &batch).await)
    }

    async fn remove(&self, keys: &[Key]) -> Result<(), StoreError> {
        transaction!(self.database, tx => remove::remove(&tx, keys).await)
    }

    async fn move_popularity(&self, kind: Kind, moved: &[(u64, f32)]) -> Result<(), StoreError> {
        let moved = projection::popularity::moves(moved);
        if moved.is_empty() {
            return Ok(());
        }
        transaction!(self.database, tx => write::shift(&tx, kind, &moved).await)
    }

    async fn alike(&self, key: Key, outline: &Outline) -> Result<Vec<Alike>, StoreError> {
        snapshot!(self.database, tx => alike::find(&tx, key, outline).await)
    }

    async fn forget_lists(&self, before: Timestamp) -> Result<u64, StoreError> {
        transaction!(self.database, tx => lists::forget(&tx, before).await)
    }

    async fn wanted_similar(&self, lists: &[String], limit: usize) -> Result<Vec<Key>, StoreError> {
        snapshot!(self.database, tx => lists::wanted_similar(&tx, lists, limit).await)
    }

    async fn import_ratings(
        &self,
        source: &RatingSource,
        ratings: &[ImportedRating],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        transaction!(self.database, tx => ratings::import(&tx, source, ratings, now).await)
    }

    async fn imported(&self) -> Result<Vec<ImportedSource>, StoreError> {
        snapshot!(self.database, tx => ratings::imported(&tx).await)
    }

    async fn forget_ratings(&self, source: &RatingSource) -> Result<u64, StoreError> {
        transaction!(self.database, tx => ratings::forget(&tx, source).await)
    }

    async fn rescore(&self, after: Option<Key>, limit: usize) -> Result<Rescored, StoreError> {
        transaction!(self.database, tx => ratings::rescore(&tx, after, limit).await)
    }

    async fn clear(&self) -> Result<(), StoreError> {
        transaction!(self.database, tx => remove::clear(&tx).await)
    }

    async fn work(&self, key: Key) -> Result<Option<Work>, StoreError> {
        let Some(id) = work_id(&key) else { return Ok(None) };
        let mut works = snapshot!(self.database, tx => read::works(&tx, &[id]).await)?;
        Ok(works.pop())
    }

    async fn card(&self, key: Key) -> Result<Option<Card>, StoreError> {
        let Some(id) = work_id(&key) else { return Ok(None) };
        snapshot!(self.database, tx => read::card(&tx, id).await)
    }

    async fn person(&self, id: u64) -> Result<Option<Person>, StoreError> {
        snapshot!(self.database, tx => read::person(&tx, id).await)
    }

    async fn query(&self, query: &WorkQuery) -> Result<WorkPage, StoreError> {
        snapshot!(self.database, tx => query::page(&tx, query).await)
    }

    async fn put_list_page(&self, page: &ListPage) -> Result<(), StoreError> {
        transaction!(self.database, tx => lists::put_page(&tx, page).await)
    }

    async fn list(&self, list: &ListName, limit: usize) -> Result<Vec<ListEntry>, StoreError> {
        snapshot!(self.database, tx => lists::list(&tx, list, limit).await)
    }

    async fn works_after(&self, after: Option<Key>, limit: usize) -> Result<Vec<Work>, StoreError> {
        snapshot!(self.database, tx => after::works(&tx, after, limit).await)
    }

    async fn people_after(
        &self,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Person>, StoreError> {
        snapshot!(self.database, tx => after::people(&tx, after, limit).await)
    }

    async fn entries_after(
        &self,
        after: Option<(ListName, u32)>,
        limit: usize,
    ) -> Result<Vec<(ListName, ListEntry)>, StoreError> {
        snapshot!(self.database, tx => after::entries(&tx, after.as_ref(), limit).await)
    }

    async fn readings(&self, list: &str) -> Result<Vec<ListName>, StoreError> {
        snapshot!(self.database, tx => lists::readings(&tx, list).await)
    }

    async fn facets_after(
        &self,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Facets>, StoreError> {
        snapshot!(self.database, tx => facets::after(&tx, after, limit).await)
    }

    async fn facets_since(
        &self,
        since: Timestamp,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Facets>, StoreError> {
        snapshot!(self.database, tx => facets::since(&tx, since, after, limit).await)
    }

    async fn search(&self, query: &NameQuery) -> Result<NamePage, StoreError> {
        snapshot!(self.database, tx => names::search(&tx, query).await)
    }

    async fn by_external_id(
        &self,
        source: ExternalSource,
        id: &str,
    ) -> Result<Vec<Key>, StoreError> {
        let id = plain(id);
        snapshot!(self.database, tx => external::find(&tx, source, &id).await)
    }

    async fn counts(&self) -> Result<Vec<(Kind, u64)>, StoreError> {
        snapshot!(self.database, tx => read::counts(&tx).await)
    }
}
