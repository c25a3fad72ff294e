//! The books of images in SQLite.

mod pictured;
mod read;
mod write;

use async_trait::async_trait;
use domain::images::{
    Image, ImageName, ImageState, ImageStats, Notes, Pictured, PicturedScan, Which,
};
use domain::{Key, StoreError, Timestamp};

use super::Database;
use super::fault::Fault;

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
        self.database.read(move |db| pictured::page(db, &scan)).await
    }

    async fn states(&self, names: &[ImageName]) -> Result<Vec<ImageState>, StoreError> {
        let names = names.to_vec();
        self.database.read(move |db| read::states(db, &names)).await
    }

    async fn note(&self, notes: &Notes) -> Result<u64, StoreError> {
        let notes = notes.clone();
        self.database.write(move |db| write::note(db, &notes)).await
    }

    async fn touch(&self, name: &ImageName, now: Timestamp) -> Result<(), StoreError> {
        let name = name.clone();
        self.database.write(move |db| write::touch(db, &name, now)).await
    }

    async fn least_used(
        &self,
        used_at: Timestamp,
        place: u64,
        bytes: u64,
    ) -> Result<Vec<Image>, StoreError> {
        self.database.read(move |db| read::least_used(db, used_at, place, bytes)).await
    }

    async fn held(
        &self,
        which: &Which,
        after: Option<&ImageName>,
        limit: usize,
    ) -> Result<Vec<Image>, StoreError> {
        let (which, after) = (which.clone(), after.cloned());
        self.database.read(move |db| read::held(db, &which, after.as_ref(), limit)).await
    }

    async fn forget(&self, images: &[Image]) -> Result<u64, StoreError> {
        let images = images.to_vec();
        self.database.write(move |db| write::forget(db, &images)).await
    }

    async fn forget_failures(&self, before: Timestamp, keys: &[Key]) -> Result<u64, StoreError> {
        let keys = keys.to_vec();
        self.database.write(move |db| write::forget_failures(db, before, &keys)).await
    }

    async fn stats(&self) -> Result<ImageStats, StoreError> {
        self.database.read(read::stats).await
    }
}
