//! The catalogue in SQLite.

mod after;
mod alike;
mod external;
mod facets;
mod lists;
mod names;
mod popularity;
mod query;
mod ratings;
mod read;
mod remove;
mod search;
mod write;

use async_trait::async_trait;
use domain::Timestamp;
use domain::catalogue::{
    Alike, Card, ListEntry, ListName, ListPage, Person, Rescored, Work, WorkPage, WorkQuery,
};
use domain::facets::{ExternalSource, Facets, NamePage, NameQuery};
use domain::outline::Outline;
use domain::rating::{ImportedRating, ImportedSource, RatingSource};
use domain::{Catalog, Key, Kind, Record, StoreError};

use super::Database;
use super::fault::Fault;
use crate::projection::{self, work_id, work_key, work_name};

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
        // Read on another thread: the one that writes is the narrow place.
        let project = move |_: &_| Ok(records.iter().map(projection::project).collect());
        let rows: Vec<_> = self.database.read(project).await?;
        self.database.write(move |db| rows.iter().try_for_each(|rows| write::put(db, rows))).await
    }

    async fn remove(&self, keys: &[Key]) -> Result<(), StoreError> {
        let keys = keys.to_vec();
        self.database.write(move |db| remove::remove(db, &keys)).await
    }

    async fn move_popularity(&self, kind: Kind, moved: &[(u64, f32)]) -> Result<(), StoreError> {
        let moved = projection::popularity::moves(moved);
        if moved.is_empty() {
            return Ok(());
        }
        self.database.write(move |db| popularity::shift(db, kind, &moved)).await
    }

    async fn alike(&self, key: Key, outline: &Outline) -> Result<Vec<Alike>, StoreError> {
        let outline = outline.clone();
        self.database.read(move |db| alike::find(db, key, &outline)).await
    }

    async fn forget_lists(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.database.write(move |db| lists::forget(db, before)).await
    }

    async fn wanted_similar(&self, lists: &[String], limit: usize) -> Result<Vec<Key>, StoreError> {
        let lists = lists.to_vec();
        self.database.read(move |db| lists::wanted_similar(db, &lists, limit)).await
    }

    async fn import_ratings(
        &self,
        source: &RatingSource,
        ratings: &[ImportedRating],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let (source, ratings) = (source.clone(), ratings.to_vec());
        self.database.write(move |db| ratings::import(db, &source, &ratings, now)).await
    }

    async fn imported(&self) -> Result<Vec<ImportedSource>, StoreError> {
        self.database.read(ratings::imported).await
    }

    async fn forget_ratings(&self, source: &RatingSource) -> Result<u64, StoreError> {
        let source = source.clone();
        self.database.write(move |db| ratings::forget(db, &source)).await
    }

    async fn rescore(&self, after: Option<Key>, limit: usize) -> Result<Rescored, StoreError> {
        self.database.write(move |db| ratings::rescore(db, after, limit)).await
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.database.write(remove::clear).await
    }

    async fn work(&self, key: Key) -> Result<Option<Work>, StoreError> {
        let Some(id) = work_id(&key) else { return Ok(None) };
        self.database.read(move |db| read::work(db, id)).await
    }

    async fn card(&self, key: Key) -> Result<Option<Card>, StoreError> {
        let Some(id) = work_id(&key) else { return Ok(None) };
        self.database.read(move |db| read::card(db, id)).await
    }

    async fn person(&self, id: u64) -> Result<Option<Person>, StoreError> {
        self.database.read(move |db| read::person(db, id)).await
    }

    async fn query(&self, query: &WorkQuery) -> Result<WorkPage, StoreError> {
        let query = query.clone();
        self.database.read(move |db| query::page(db, &query)).await
    }

    async fn put_list_page(&self, page: &ListPage) -> Result<(), StoreError> {
        let page = page.clone();
        self.database.write(move |db| lists::put_page(db, &page)).await
    }

    async fn list(&self, list: &ListName, limit: usize) -> Result<Vec<ListEntry>, StoreError> {
        let list = list.clone();
        self.database.read(move |db| lists::list(db, &list, limit)).await
    }

    async fn works_after(&self, after: Option<Key>, limit: usize) -> Result<Vec<Work>, StoreError> {
        self.database.read(move |db| after::works(db, after, limit)).await
    }

    async fn people_after(
        &self,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Person>, StoreError> {
        self.database.read(move |db| after::people(db, after, limit)).await
    }

    async fn entries_after(
        &self,
        after: Option<(ListName, u32)>,
        limit: usize,
    ) -> Result<Vec<(ListName, ListEntry)>, StoreError> {
        self.database.read(move |db| after::entries(db, after.as_ref(), limit)).await
    }

    async fn readings(&self, list: &str) -> Result<Vec<ListName>, StoreError> {
        let list = list.to_owned();
        self.database.read(move |db| lists::readings(db, &list)).await
    }

    async fn facets_after(
        &self,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Facets>, StoreError> {
        self.database.read(move |db| facets::after(db, after, limit)).await
    }

    async fn facets_since(
        &self,
        since: Timestamp,
        after: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Facets>, StoreError> {
        self.database.read(move |db| facets::since(db, since, after, limit)).await
    }

    async fn search(&self, query: &NameQuery) -> Result<NamePage, StoreError> {
        let query = query.clone();
        self.database.read(move |db| search::search(db, &query)).await
    }

    async fn by_external_id(
        &self,
        source: ExternalSource,
        id: &str,
    ) -> Result<Vec<Key>, StoreError> {
        let id = id.to_owned();
        self.database.read(move |db| external::find(db, source, &id)).await
    }

    async fn counts(&self) -> Result<Vec<(Kind, u64)>, StoreError> {
        self.database.read(read::counts).await
    }
}
