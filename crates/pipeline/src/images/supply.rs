//! Images for who asks: from the folder, else fetched from TMDB's server and kept.
//!
//! However many ask for an image, it is fetched once. What TMDB does not have is
//! remembered for a while, in memory alone: names are for anybody to make up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use domain::images::{Image, ImageKind, ImageName, Notes};
use domain::{Key, Reference, Timestamp};
use tmdb::Client;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use super::fetch::{Missed, Pace, fetch};
use super::room::Room;
use super::{Address, Gallery, check};
use crate::clock::Clock;
use crate::error::PipelineError;

/// How long an image that TMDB does not have is not asked for again.
const GONE_FOR: Duration = Duration::from_hours(1);

/// How long one that could not be fetched is not asked for again.
const FAILED_FOR: Duration = Duration::from_secs(10);

/// Images remembered that cannot be had, at most.
const REMEMBERED: usize = 50_000;

/// What images are of that were asked for by their paths alone: of no title.
const OF: Reference = Reference::Configuration;

/// How to fetch, and within which bounds.
#[derive(Clone, Debug)]
pub struct SupplyOptions {
    /// Of all images together.
    pub cap_bytes: u64,
    /// Of one image.
    pub limit_bytes: usize,
    /// 0 for no limit.
    pub requests_per_second: u32,
    pub connections: usize,
    /// Of one image.
    pub tries: u32,
    /// How long one request waits.
    pub wait: Duration,
    /// Different images fetched or waiting for it, at most.
    pub at_once: usize,
}

/// An image, ready to be shown.
#[derive(Clone, Debug)]
pub struct Picture {
    pub bytes: Bytes,
    pub media_type: &'static str,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum NoPicture {
    #[error("TMDB has no such image")]
    Gone,
    #[error("the image could not be fetched in time")]
    Awaited { retry_after: Duration },
    #[error("too many images are asked for at once")]
    Busy { retry_after: Duration },
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

/// The images of a deployment, for one process that shows them. Cheap to clone.
#[derive(Clone)]
pub struct Supply(Arc<Parts>);

struct Parts {
    gallery: Gallery,
    tmdb: Client,
    clock: Clock,
    options: SupplyOptions,
    pace: Pace,
    connections: Semaphore,
    /// One image at a time is put into the room there is.
    room: tokio::sync::Mutex<()>,
    flights: Mutex<HashMap<ImageName, watch::Receiver<Option<Landed>>>>,
    missed: Mutex<HashMap<ImageName, (bool, Timestamp)>>,
}

#[derive(Clone, Debug)]
enum Landed {
    Here(Picture),
    Gone,
    Failed,
}

impl std::fmt::Debug for Supply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supply").field("options", &self.0.options).finish_non_exhaustive()
    }
}

impl Supply {
    pub fn new(gallery: Gallery, tmdb: Client, clock: Clock, options: SupplyOptions) -> Self {
        let pace = Pace::new(options.requests_per_second);
        let connections = Semaphore::new(options.connections.max(1));
        Self(Arc::new(Parts {
            gallery,
            tmdb,
            clock,
            options,
            pace,
            connections,
            room: tokio::sync::Mutex::default(),
            flights: Mutex::default(),
            missed: Mutex::default(),
        }))
    }

    /// The image, from the folder where it is there.
    pub async fn get(&self, name: &ImageName) -> Result<Picture, NoPicture> {
        let (ending, size) = (name.path.ending(), name.size.as_str());
        // Drawings come as they are; every other size of them is a `.png`.
        if !matches!(ending, "jpg" | "png" | "svg") || (ending == "svg" && size != "original") {
            return Err(NoPicture::Gone);
        }
        if let Some(picture) = self.held(name).await? {
            return Ok(picture);
        }
        self.recalled(name)?;
        let mut flight = self.join(name)?;
        let landed = timeout(self.0.options.wait, flight.wait_for(Option::is_some)).await;
        match landed {
            Ok(Ok(landed)) => match landed.clone() {
                Some(Landed::Here(picture)) => Ok(picture),
                Some(Landed::Gone) => Err(NoPicture::Gone),
                Some(Landed::Failed) | None => Err(NoPicture::Awaited { retry_after: FAILED_FOR }),
            },
            Ok(Err(_)) | Err(_) => Err(NoPicture::Awaited { retry_after: FAILED_FOR }),
        }
    }

    async fn held(&self, name: &ImageName) -> Result<Option<Picture>, PipelineError> {
        let now = (self.0.clock)();
        let Address::Local(path) = self.0.gallery.address(name, now).await? else {
            return Ok(None);
        };
        match tokio::fs::read(&path).await {
            Ok(bytes) => Ok(Some(picture(bytes.into()))),
            // Dropped in between, to make room for another.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => {
                Err(PipelineError::Disk { what: format!("read {}", path.display()), source })
            }
        }
    }

    /// Whether it is known that the image cannot be had now.
    fn recalled(&self, name: &ImageName) -> Result<(), NoPicture> {
        let now = (self.0.clock)();
        let missed = self.0.missed.lock().unwrap_or_else(PoisonError::into_inner);
        match missed.get(name) {
            Some((_, until)) if *until <= now => Ok(()),
            Some((true, _)) => Err(NoPicture::Gone),
            Some((false, until)) => Err(NoPicture::Awaited { retry_after: until.since(now) }),
            None => Ok(()),
        }
    }

    fn recall(&self, name: &ImageName, is_gone: bool) {
        let now = (self.0.clock)();
        let until = now + if is_gone { GONE_FOR } else { FAILED_FOR };
        let mut missed = self.0.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if missed.len() >= REMEMBERED {
            missed.retain(|_, (_, until)| now < *until);
        }
        if missed.len() < REMEMBERED {
            missed.insert(name.clone(), (is_gone, until));
        }
    }

    /// Waits along with who fetches the image already, or begins to.
    fn join(&self, name: &ImageName) -> Result<watch::Receiver<Option<Landed>>, NoPicture> {
        let mut flights = self.0.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(name) {
            return Ok(flight.clone());
        }
        if flights.len() >= self.0.options.at_once {
            return Err(NoPicture::Busy { retry_after: FAILED_FOR });
        }
        let (sender, receiver) = watch::channel(None);
        flights.insert(name.clone(), receiver.clone());
        let (supply, name) = (self.clone(), name.clone());
        tokio::spawn(async move {
            let over = Over { supply: &supply, name: &name };
            let landed = supply.fetch(&name).await;
            // Who comes now finds it on disk, or remembered.
            drop(over);
            sender.send_replace(Some(landed));
        });
        Ok(receiver)
    }

    async fn fetch(&self, name: &ImageName) -> Landed {
        let Ok(_connection) = self.0.connections.acquire().await else { return Landed::Failed };
        // Who looked before another's fetch ended, and joins after it, finds it here.
        match self.held(name).await {
            Ok(Some(picture)) => return Landed::Here(picture),
            Ok(None) => (),
            Err(error) => tracing::warn!(%error, "the own images could not be read"),
        }
        match self.recalled(name) {
            Err(NoPicture::Gone) => return Landed::Gone,
            Err(_) => return Landed::Failed,
            Ok(()) => (),
        }
        let options = &self.0.options;
        let wanted = (ImageKind::Other, name);
        let fetched =
            fetch(&self.0.tmdb, &self.0.pace, wanted, options.limit_bytes, options.tries).await;
        let bytes = match fetched {
            Ok(bytes) => bytes,
            Err(Missed { is_gone, reason, .. }) => {
                tracing::debug!(reason, "an image could not be fetched");
                self.recall(name, is_gone);
                return if is_gone { Landed::Gone } else { Landed::Failed };
            }
        };
        if let Err(error) = self.keep(name, bytes.clone()).await {
            // It is shown all the same.
            tracing::warn!(%error, "an image could not be kept");
        }
        Landed::Here(picture(bytes))
    }

    /// Keeps an image, where there is room or the least used makes some.
    async fn keep(&self, name: &ImageName, bytes: Bytes) -> Result<(), PipelineError> {
        let (gallery, now) = (&self.0.gallery, (self.0.clock)());
        let length = bytes.len() as u64;
        let _in_turn = self.0.room.lock().await;
        let held = gallery.images.note(&Notes::default()).await?;
        let mut room = Room::new(self.0.options.cap_bytes, held, now);
        if !room.is_possible(length) || !room.make(gallery, 0, length).await? {
            return Ok(());
        }
        gallery.folder.save(name, bytes).await?;
        let of = Key::reference(OF);
        let image = Image {
            name: name.clone(),
            kind: ImageKind::Other,
            of,
            bytes: length,
            fetched_at: now,
            used_at: now,
            place: 0,
        };
        gallery.images.note(&Notes { kept: vec![image], ..Notes::default() }).await?;
        Ok(())
    }
}

/// Ends a flight, whatever became of it.
struct Over<'a> {
    supply: &'a Supply,
    name: &'a ImageName,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        let flights = &self.supply.0.flights;
        flights.lock().unwrap_or_else(PoisonError::into_inner).remove(self.name);
    }
}

fn picture(bytes: Bytes) -> Picture {
    let media_type = check::media_type(&bytes);
    Picture { bytes, media_type }
}
