//! The port to the books of images: which are on disk, since when, and which failed.
//!
//! The files themselves lie in a folder of [`crate::images::name::ImageName::place`]s;
//! a port never touches them. A file is written before its row and deleted
//! before its row, so a row may lack its file and never the other way round for
//! longer than until the next sync.

pub mod name;
pub mod rules;

use async_trait::async_trait;
use serde::Serialize;

use crate::failure::StoreError;
use crate::key::Key;
use crate::time::Timestamp;

pub use name::{ImageKind, ImageName, ImagePath, ImageSize};
pub use rules::{ImageTerms, ImageWants, Step};

/// Which images are held, used and failed, and which titles and people have some.
#[async_trait]
pub trait Images: Send + Sync {
    /// Lists titles and people with pictures, the most popular first.
    async fn pictured(&self, scan: PicturedScan) -> Result<Vec<Pictured>, StoreError>;

    /// Tells how images stand, in the order asked.
    async fn states(&self, names: &[ImageName]) -> Result<Vec<ImageState>, StoreError>;

    /// Writes what became of images. Returns the bytes held in all.
    async fn note(&self, notes: &Notes) -> Result<u64, StoreError>;

    /// Moves the last use of an image that is held, not backwards.
    async fn touch(&self, name: &ImageName, now: Timestamp) -> Result<(), StoreError>;

    /// Lists images that are less wanted than one last used at an instant and in
    /// a place: the least recently used first, of these the last place first,
    /// until they make up so many bytes.
    async fn least_used(
        &self,
        used_at: Timestamp,
        place: u64,
        bytes: u64,
    ) -> Result<Vec<Image>, StoreError>;

    /// Lists held images in the order of names, after a name. Fewer than `limit`
    /// means the end.
    async fn held(
        &self,
        which: &Which,
        after: Option<&ImageName>,
        limit: usize,
    ) -> Result<Vec<Image>, StoreError>;

    /// Drops the rows of images whose files are gone; those that were fetched
    /// since they were listed stay. Returns how many.
    async fn forget(&self, images: &[Image]) -> Result<u64, StoreError>;

    /// Drops notes of failures: those of before an instant, and those of these keys.
    async fn forget_failures(&self, before: Timestamp, keys: &[Key]) -> Result<u64, StoreError>;

    /// Measures what is held.
    async fn stats(&self) -> Result<ImageStats, StoreError>;
}

/// Which titles and people to list next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PicturedScan {
    pub min_popularity: f64,
    /// Popularity and key of the last one of the page before.
    pub after: Option<(f64, Key)>,
    pub limit: usize,
}

/// A title or a person, and the paths of its pictures as TMDB gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Pictured {
    pub key: Key,
    pub popularity: f64,
    pub poster: Option<String>,
    pub backdrop: Option<String>,
    pub profile: Option<String>,
    /// Further backdrops.
    pub stills: Vec<String>,
}

/// An image that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    pub name: ImageName,
    pub kind: ImageKind,
    /// The title or the person it shows. Where several share it, the last that wanted it.
    pub of: Key,
    pub bytes: u64,
    pub fetched_at: Timestamp,
    pub used_at: Timestamp,
    /// Its place in the order of the sync that last wanted it: of images used
    /// equally long ago, the one with the highest goes first.
    pub place: u64,
}

/// How an image stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageState {
    Unknown,
    Held {
        bytes: u64,
        fetched_at: Timestamp,
        used_at: Timestamp,
        /// Of the failures since it was fetched, if fetching it anew failed.
        failed: Option<Failed>,
    },
    Failed(Failed),
}

/// How often fetching an image failed in a row, and when it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    pub attempts: u32,
    /// `None` when it failed for good.
    pub retry_at: Option<Timestamp>,
}

/// What became of images, for [`Images::note`].
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Now on disk. Their failures are forgotten.
    pub kept: Vec<Image>,
    /// Wanted again and still there: name, place and who wants it.
    pub used: Vec<Used>,
    pub failed: Vec<ImageFailure>,
}

/// A held image that was wanted again.
#[derive(Clone, Debug)]
pub struct Used {
    pub name: ImageName,
    pub of: Key,
    pub at: Timestamp,
    pub place: u64,
}

/// A fetch of an image that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFailure {
    pub name: ImageName,
    pub of: Key,
    pub failed: Failed,
    pub reason: String,
    pub at: Timestamp,
}

/// Which held images are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// Fetched before an instant.
    FetchedBefore(Timestamp),
    /// Of titles and people.
    Of(Vec<Key>),
}

/// What is held, by kind and size, and what failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImageStats {
    pub held: Vec<ImageCount>,
    pub images: u64,
    pub bytes: u64,
    /// Failed for good: TMDB has no such image.
    pub gone: u64,
    /// Failed and tried again later.
    pub failed: u64,
    pub oldest_fetched_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImageCount {
    pub kind: ImageKind,
    pub size: ImageSize,
    pub images: u64,
    pub bytes: u64,
}
