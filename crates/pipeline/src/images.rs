//! Images on disk: fetched by a sync, checked, within a cap, dropped by TMDB's terms.
//!
//! A file is written before its row and deleted before its row. Whatever dies in
//! between, the next sync mends: it deletes files without a row and fetches the
//! images of rows without a file.

mod check;
mod fetch;
mod folder;
mod room;
mod supply;
mod sync;
mod verify;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::images::{Image, ImageName, ImageState, ImageTerms, Which};
use domain::{Images, Key, Timestamp};

use crate::error::PipelineError;
use folder::Folder;

pub use supply::{NoPicture, Picture, Supply, SupplyOptions};
pub use sync::{SyncOptions, Synced, sync};
pub use verify::{ImageFault, verify};

/// Images dropped in one go.
const BATCH: usize = 500;

/// Uses are noted once a day: more often would write for every image shown.
const USE_EVERY: Duration = Duration::from_hours(24);

/// The images of a deployment: their books, their folder, and the server behind them.
#[derive(Clone)]
pub struct Gallery {
    images: Arc<dyn Images>,
    folder: Folder,
    server: String,
}

impl std::fmt::Debug for Gallery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gallery").field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Where an image is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Local(PathBuf),
    /// At TMDB's server: there is no file, or none that may still be shown.
    Tmdb(String),
}

impl Gallery {
    /// `server` is the address of the folder of sizes, see [`tmdb::Config::images_url`].
    pub fn new(images: Arc<dyn Images>, folder: PathBuf, server: String) -> Self {
        Self { images, folder: Folder::new(folder), server }
    }

    /// Says where an image is, and notes its use where it is on disk.
    pub async fn address(
        &self,
        name: &ImageName,
        now: Timestamp,
    ) -> Result<Address, PipelineError> {
        let at_tmdb = || Address::Tmdb(self.at_tmdb(name));
        let states = self.images.states(std::slice::from_ref(name)).await?;
        let Some(ImageState::Held { bytes, fetched_at, used_at, .. }) = states.first() else {
            return Ok(at_tmdb());
        };
        let is_young = now.since(*fetched_at) < ImageTerms::default().keep_for;
        if !is_young || self.folder.lengths(vec![name.clone()]).await?[0] != Some(*bytes) {
            return Ok(at_tmdb());
        }
        if now.since(*used_at) >= USE_EVERY {
            self.images.touch(name, now).await?;
        }
        Ok(Address::Local(self.folder.path(name)))
    }

    /// Where TMDB's server has an image.
    pub fn at_tmdb(&self, name: &ImageName) -> String {
        tmdb::image_url(&self.server, name)
    }

    /// Drops images that were fetched before an instant, and notes of failures
    /// of before it. Returns how many images.
    pub async fn purge(&self, before: Timestamp) -> Result<u64, PipelineError> {
        let dropped = self.drop_all(&Which::FetchedBefore(before)).await?;
        self.images.forget_failures(before, &[]).await?;
        Ok(dropped)
    }

    /// Drops the images of keys that are gone. Returns how many.
    pub async fn remove(&self, keys: &[Key]) -> Result<u64, PipelineError> {
        if keys.is_empty() {
            return Ok(0);
        }
        let dropped = self.drop_all(&Which::Of(keys.to_vec())).await?;
        self.images.forget_failures(Timestamp::from_millis(i64::MIN), keys).await?;
        Ok(dropped)
    }

    async fn drop_all(&self, which: &Which) -> Result<u64, PipelineError> {
        let mut dropped = 0;
        let mut after = None;
        loop {
            let images = self.images.held(which, after.as_ref(), BATCH).await?;
            dropped += self.discard(&images).await?;
            if images.len() < BATCH {
                return Ok(dropped);
            }
            after = images.last().map(|image| image.name.clone());
        }
    }

    /// The names of those files that have no row.
    async fn without_row(&self, files: Vec<ImageName>) -> Result<Vec<ImageName>, PipelineError> {
        let mut without = vec![];
        for names in files.chunks(BATCH) {
            let states = self.images.states(names).await?;
            let is_held = |state: &ImageState| matches!(state, ImageState::Held { .. });
            let lost = names.iter().zip(&states).filter(|(_, state)| !is_held(state));
            without.extend(lost.map(|(name, _)| name.clone()));
        }
        Ok(without)
    }

    /// Deletes files, then their rows.
    async fn discard(&self, images: &[Image]) -> Result<u64, PipelineError> {
        if images.is_empty() {
            return Ok(0);
        }
        self.folder.delete(images.iter().map(|image| image.name.clone()).collect()).await?;
        Ok(self.images.forget(images).await?)
    }
}
