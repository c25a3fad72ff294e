//! The books of images in PostgreSQL.

mod pictured;
mod read;
mod write;

use async_trait::async_trait;
use domain::images::{
    Image, ImageName, ImageState, ImageStats, Notes, Pictured, PicturedScan, Which,
};
use domain::{Key, StoreError, Timestamp};
use tokio_postgres::types::Type;

use super::connection::Value;
use super::values::signed;
use super::{Database, snapshot, transaction};

pub(crate) struct Images {
    database: Database,
}

impl Images {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }
}

#[async_trait]
impl domain::Images for Images {
    async fn pictured(&self, scan: PicturedScan) -> Result<Vec<Pictured>, StoreError> {
        snapshot!(self.database, tx => pictured::page(&tx, &scan).await)
    }

    async fn states(&self, names: &[ImageName]) -> Result<Vec<ImageState>, StoreError> {
        snapshot!(self.database, tx => read::states(&tx, names).await)
    }

    async fn note(&self, notes: &Notes) -> Result<u64, StoreError> {
        transaction!(self.database, tx => write::note(&tx, notes).await)
    }

    async fn touch(&self, name: &ImageName, now: Timestamp) -> Result<(), StoreError> {
        transaction!(self.database, tx => write::touch(&tx, name, now).await)
    }

    async fn least_used(
        &self,
        used_at: Timestamp,
        place: u64,
        bytes: u64,
    ) -> Result<Vec<Image>, StoreError> {
        snapshot!(self.database, tx => read::least_used(&tx, used_at, place, bytes).await)
    }

    async fn held(
        &self,
        which: &Which,
        after: Option<&ImageName>,
        limit: usize,
    ) -> Result<Vec<Image>, StoreError> {
        snapshot!(self.database, tx => read::held(&tx, which, after, limit).await)
    }

    async fn forget(&self, images: &[Image]) -> Result<u64, StoreError> {
        transaction!(self.database, tx => write::forget(&tx, images).await)
    }

    async fn forget_failures(&self, before: Timestamp, keys: &[Key]) -> Result<u64, StoreError> {
        transaction!(self.database, tx => write::forget_failures(&tx, before, keys).await)
    }

    async fn stats(&self) -> Result<ImageStats, StoreError> {
        snapshot!(self.database, tx => read::stats(&tx).await)
    }
}

/// The columns of a batch of names, for `UNNEST($1::text[], $2::text[]) AS n (path, size)`.
struct Names<'a> {
    paths: Vec<&'a str>,
    sizes: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(names: impl IntoIterator<Item = &'a ImageName>) -> Self {
        let names = names.into_iter().map(|name| (name.path.as_str(), name.size.as_str()));
        let (paths, sizes) = names.unzip();
        Self { paths, sizes }
    }

    fn values(&self) -> [Value<'_>; 2] {
        [(&self.paths, Type::TEXT_ARRAY), (&self.sizes, Type::TEXT_ARRAY)]
    }
}

/// The columns of a batch of titles and people; seasons and episodes have no images of their own.
struct Owners {
    kinds: Vec<i16>,
    ids: Vec<i64>,
}

impl Owners {
    fn of<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Self {
        let keys = keys.into_iter().map(|key| (i16::from(key.kind().number()), signed(key.id())));
        let (kinds, ids) = keys.unzip();
        Self { kinds, ids }
    }

    fn values(&self) -> [Value<'_>; 2] {
        [(&self.kinds, Type::INT2_ARRAY), (&self.ids, Type::INT8_ARRAY)]
    }
}
