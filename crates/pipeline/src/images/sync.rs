//! One pass over titles and people, the most popular first, fetching the images they lack.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use domain::images::{
    Image, ImageFailure, ImageKind, ImageName, ImageState, ImageTerms, ImageWants, Notes, Pictured,
    PicturedScan, Step, Used,
};
use domain::{Key, Timestamp};
use futures_util::StreamExt;
use futures_util::stream;
use serde::Serialize;
use tmdb::Client;
use tokio_util::sync::CancellationToken;

use super::Gallery;
use super::fetch::{Missed, Pace, fetch};
use super::room::Room;
use crate::clock::Clock;
use crate::error::PipelineError;
use crate::watch::{Event, Watch};

/// Titles and people looked at in one go.
const PAGE: usize = 200;

/// Images whose notes are written together.
const NOTES: usize = 32;

/// So many failures in a row that are the server's, and a sync gives up.
const OUTAGE: u32 = 24;

/// What a sync is to do, and how fast.
#[derive(Clone, Debug)]
pub struct SyncOptions {
    pub wants: ImageWants,
    pub terms: ImageTerms,
    /// Of all images together.
    pub cap_bytes: u64,
    /// Of one image.
    pub limit_bytes: usize,
    /// 0 for no limit.
    pub requests_per_second: u32,
    pub connections: usize,
    /// Of one image, in one sync.
    pub tries: u32,
    /// Images to fetch at most.
    pub limit: Option<u64>,
}

/// What a sync did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Synced {
    /// Images that titles and people should have, as far as the sync got.
    pub wanted: u64,
    /// Of these, on disk already.
    pub kept: u64,
    pub fetched: u64,
    pub fetched_bytes: u64,
    /// TMDB has no such image; not asked for again.
    pub gone: u64,
    /// Tried again by a later sync.
    pub failed: u64,
    /// Failed before, and their time has not come.
    pub waiting: u64,
    /// Dropped to keep to the cap.
    pub evicted: u64,
    /// Leftovers that were deleted: unfinished files, files that nobody knows.
    pub swept: u64,
    /// Whether it ended because there is no room for more.
    pub is_full: bool,
    /// Whether it ended because somebody asked it to.
    pub is_stopped: bool,
}

struct Sync<'a> {
    gallery: &'a Gallery,
    tmdb: &'a Client,
    options: &'a SyncOptions,
    clock: &'a Clock,
    watch: &'a dyn Watch,
    stop: &'a CancellationToken,
    started: Timestamp,
    pace: Arc<Pace>,
    room: Room,
    notes: Notes,
    outage: u32,
    synced: Synced,
}

/// An image to fetch.
struct Job {
    name: ImageName,
    kind: ImageKind,
    of: Key,
    place: u64,
    state: ImageState,
    on_disk: Option<u64>,
}

/// Fetches what is wanted and not on disk, or too old.
///
/// Room is made by dropping what was used least recently; when nothing is left
/// but what this sync wants more, it ends.
pub async fn sync(
    gallery: &Gallery,
    tmdb: &Client,
    options: &SyncOptions,
    clock: &Clock,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Synced, PipelineError> {
    let _lock = gallery.folder.lock().await?;
    let swept = sweep(gallery).await?;
    let started = clock();
    let held = gallery.images.note(&Notes::default()).await?;
    let mut sync = Sync {
        gallery,
        tmdb,
        options,
        clock,
        watch,
        stop,
        started,
        pace: Arc::new(Pace::new(options.requests_per_second)),
        room: Room::new(options.cap_bytes, held, started),
        notes: Notes::default(),
        outage: 0,
        synced: Synced { swept, ..Synced::default() },
    };
    // The cap may have been lowered.
    sync.room.make(gallery, 0, 0).await?;
    let passed = sync.pass().await;
    // What was fetched before an error is on disk and counts.
    let noted = sync.write_notes().await;
    passed.and(noted)?;
    sync.synced.evicted = sync.room.dropped;
    Ok(sync.synced)
}

/// Deletes unfinished files and files without a row. Returns how many.
async fn sweep(gallery: &Gallery) -> Result<u64, PipelineError> {
    let found = gallery.folder.walk().await?;
    let unfinished = found.unfinished.len();
    gallery.folder.delete_unfinished(found.unfinished).await?;
    let lost = gallery.without_row(found.names).await?;
    let swept = unfinished + lost.len();
    gallery.folder.delete(lost).await?;
    Ok(swept as u64)
}

impl Sync<'_> {
    async fn pass(&mut self) -> Result<(), PipelineError> {
        let min_popularity = self.options.wants.min_popularity;
        let mut scan = PicturedScan { min_popularity, after: None, limit: PAGE };
        loop {
            let page = self.gallery.images.pictured(scan).await?;
            let is_end = page.len() < PAGE;
            scan.after = page.last().map(|last| (last.popularity, last.key));
            let jobs = self.look(&page).await?;
            self.fetch_all(jobs).await?;
            if is_end || self.has_ended() {
                return Ok(());
            }
        }
    }

    fn has_ended(&mut self) -> bool {
        self.synced.is_stopped |= self.stop.is_cancelled();
        self.synced.is_full || self.synced.is_stopped || self.left() == 0
    }

    /// How many images may still be fetched.
    fn left(&self) -> usize {
        let tried = self.synced.fetched + self.synced.gone + self.synced.failed;
        let left = self.options.limit.map_or(u64::MAX, |limit| limit.saturating_sub(tried));
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// Notes the use of what is there, and returns what is to be fetched.
    async fn look(&mut self, page: &[Pictured]) -> Result<Vec<Job>, PipelineError> {
        let mut seen = HashSet::new();
        let mut wanted = vec![];
        for pictured in page {
            for (kind, name) in self.options.wants.of(pictured) {
                if seen.insert(name.clone()) {
                    wanted.push((kind, name, pictured.key));
                }
            }
        }
        let names: Vec<ImageName> = wanted.iter().map(|(_, name, _)| name.clone()).collect();
        let states = self.gallery.images.states(&names).await?;
        let lengths = self.gallery.folder.lengths(names).await?;
        let now = (self.clock)();
        let mut jobs = vec![];
        for (((kind, name, of), state), on_disk) in wanted.into_iter().zip(states).zip(lengths) {
            self.synced.wanted += 1;
            let place = self.synced.wanted;
            match self.options.terms.step(&state, on_disk, now) {
                Step::Keep => {
                    self.synced.kept += 1;
                    self.notes.used.push(Used { name, of, at: self.started, place });
                }
                Step::Wait => self.synced.waiting += 1,
                Step::Fetch => jobs.push(Job { name, kind, of, place, state, on_disk }),
            }
        }
        self.write_notes().await?;
        jobs.truncate(self.left());
        Ok(jobs)
    }

    async fn fetch_all(&mut self, jobs: Vec<Job>) -> Result<(), PipelineError> {
        let (tmdb, options, stop) = (self.tmdb, self.options, self.stop.clone());
        let pace = Arc::clone(&self.pace);
        let fetches = stream::iter(jobs).map(|job| {
            let pace = &pace;
            async move {
                let wanted = (job.kind, &job.name);
                let fetched = fetch(tmdb, pace, wanted, options.limit_bytes, options.tries).await;
                (job, fetched)
            }
        });
        // In order: the last room goes to the most wanted, not to the quickest.
        let mut fetches = std::pin::pin!(fetches.buffered(options.connections.max(1)));
        loop {
            let next = tokio::select! {
                next = fetches.next() => next,
                () = stop.cancelled() => None,
            };
            let Some((job, fetched)) = next else { return Ok(()) };
            match fetched {
                Ok(bytes) => self.keep(job, bytes).await?,
                Err(missed) => self.miss(&job, missed)?,
            }
            if self.notes.kept.len() + self.notes.failed.len() >= NOTES {
                self.write_notes().await?;
            }
            if self.synced.is_full {
                return Ok(());
            }
        }
    }

    async fn keep(&mut self, job: Job, bytes: Bytes) -> Result<(), PipelineError> {
        self.outage = 0;
        let length = bytes.len() as u64;
        if !self.room.is_possible(length) {
            let reason = format!("{}: its {length} bytes are more than images.max_gib", job.name);
            return self.miss(&job, Missed { is_gone: false, is_outage: false, reason });
        }
        let instead_of = job.on_disk.unwrap_or(0);
        let more = length.saturating_sub(instead_of);
        if !self.room.has(more) {
            self.write_notes().await?;
            if !self.room.make(self.gallery, job.place, more).await? {
                self.synced.is_full = true;
                return Ok(());
            }
        }
        self.gallery.folder.save(&job.name, bytes).await?;
        self.room.add(length, instead_of);
        self.synced.fetched += 1;
        self.synced.fetched_bytes += length;
        self.notes.kept.push(Image {
            name: job.name,
            kind: job.kind,
            of: job.of,
            bytes: length,
            fetched_at: (self.clock)(),
            used_at: self.started,
            place: job.place,
        });
        let (images, bytes) = (self.synced.fetched, self.synced.fetched_bytes);
        self.watch.see(Event::Fetched { images, bytes });
        Ok(())
    }

    fn miss(&mut self, job: &Job, missed: Missed) -> Result<(), PipelineError> {
        let Missed { is_gone, is_outage, reason } = missed;
        tracing::debug!(reason, "an image could not be fetched");
        if is_gone {
            self.synced.gone += 1;
        } else {
            self.synced.failed += 1;
        }
        self.outage = if is_outage { self.outage + 1 } else { 0 };
        let now = (self.clock)();
        let failed = self.options.terms.failed(&job.state, is_gone, now);
        let why = (self.outage >= OUTAGE).then(|| {
            format!(
                "{OUTAGE} in a row could not be fetched, the last was {reason}; sync again later"
            )
        });
        let (name, of) = (job.name.clone(), job.of);
        self.notes.failed.push(ImageFailure { name, of, failed, reason, at: now });
        match why {
            Some(why) => Err(PipelineError::Source { what: "images".to_owned(), why }),
            None => Ok(()),
        }
    }

    async fn write_notes(&mut self) -> Result<(), PipelineError> {
        let notes = std::mem::take(&mut self.notes);
        if notes.kept.is_empty() && notes.used.is_empty() && notes.failed.is_empty() {
            return Ok(());
        }
        self.room.set_held(self.gallery.images.note(&notes).await?);
        Ok(())
    }
}
