//! Loads the index when it is first needed, and keeps it up.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::{Catalog, Kind, StoreError, Timestamp};
use tokio::sync::{Mutex, watch};

use super::filter::Filter;
use super::select::{self, Order, Page};
use super::table::Table;

/// Titles that are read in one go.
const SLICE: usize = 1_000;

/// How old what is answered may be.
const POLL_EVERY: Duration = Duration::from_secs(30);

/// Records are written some time after they were fetched; what was fetched so long before
/// a look may have come after it.
const OVERLAP: Duration = Duration::from_mins(10);

/// What a look for news does not see: titles that were purged, popularity that moved.
const RELOAD_EVERY: Duration = Duration::from_hours(4);

/// The index of a process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Titles(Arc<Shared>);

struct Shared {
    table: RwLock<Table>,
    standing: watch::Sender<Standing>,
    /// Held by whoever brings it up to date.
    upkeep: Mutex<Upkeep>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Empty,
    Loading,
    Loaded,
    Failed,
}

#[derive(Clone, Copy, Debug, Default)]
struct Upkeep {
    loaded_at: Option<Timestamp>,
    polled_at: Option<Timestamp>,
}

/// Why a page cannot be had now.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotReady {
    /// It is being loaded; come again.
    Loading,
    /// The store could not be read.
    Failed,
}

impl Titles {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Shared {
            table: RwLock::default(),
            standing: watch::Sender::new(Standing::Empty),
            upkeep: Mutex::default(),
        }))
    }

    /// Finds a page of titles. Loads the index where it is not there yet, and waits
    /// for it so long; looks for news in the background.
    pub(crate) async fn page(
        &self,
        catalog: &Arc<dyn Catalog>,
        now: Timestamp,
        wait: Duration,
        wanted: (Kind, Filter, Order, u32),
    ) -> Result<Page, NotReady> {
        self.keep_up(catalog, now);
        let mut standing = self.0.standing.subscribe();
        let is_known = |now: &Standing| matches!(now, Standing::Loaded | Standing::Failed);
        match tokio::time::timeout(wait, standing.wait_for(is_known)).await {
            Ok(Ok(standing)) if *standing == Standing::Loaded => {}
            Ok(_) => return Err(NotReady::Failed),
            Err(_) => return Err(NotReady::Loading),
        }
        let titles = self.clone();
        let select = move || titles.select(&wanted);
        tokio::task::spawn_blocking(select).await.map_err(|_panic| NotReady::Failed)
    }

    /// A page of what is loaded.
    pub(super) fn select(&self, (kind, filter, order, page): &(Kind, Filter, Order, u32)) -> Page {
        let table = self.0.table.read().unwrap_or_else(PoisonError::into_inner);
        select::page(&table, *kind, filter, *order, *page)
    }

    /// Starts what is due, unless it runs already.
    fn keep_up(&self, catalog: &Arc<dyn Catalog>, now: Timestamp) {
        // Whoever holds it does what is due.
        let Ok(upkeep) = self.0.upkeep.try_lock() else { return };
        let is_due =
            move |last: Option<Timestamp>, every| last.is_none_or(|last| now >= last + every);
        if !is_due(upkeep.polled_at, POLL_EVERY) {
            return;
        }
        drop(upkeep);
        if *self.0.standing.borrow() != Standing::Loaded {
            self.0.standing.send_replace(Standing::Loading);
        }
        let (titles, catalog) = (self.clone(), Arc::clone(catalog));
        tokio::spawn(async move {
            let Ok(mut upkeep) = titles.0.upkeep.try_lock() else { return };
            let done = if is_due(upkeep.loaded_at, RELOAD_EVERY) {
                titles.load(&*catalog).await.map(|()| upkeep.loaded_at = Some(now))
            } else {
                let since = upkeep.polled_at.map_or(now, |last| last - OVERLAP);
                titles.poll(&*catalog, since).await
            };
            match done {
                Ok(()) => {
                    upkeep.polled_at = Some(now);
                    titles.0.standing.send_replace(Standing::Loaded);
                }
                Err(error) => titles.failed(&error),
            }
        });
    }

    /// What was loaded before is still answered from.
    fn failed(&self, error: &StoreError) {
        tracing::warn!(%error, "the index of titles could not be brought up to date");
        self.0.standing.send_if_modified(|standing| {
            let is_first = *standing == Standing::Loading;
            *standing = if is_first { Standing::Failed } else { *standing };
            is_first
        });
    }

    /// Reads all there is, slice by slice; what is not there any more goes.
    pub(super) async fn load(&self, catalog: &dyn Catalog) -> Result<(), StoreError> {
        let mut left: HashSet<(Kind, u32)> = self.with(|table| {
            let ids = |kind| table.ids(kind).into_iter().map(move |id| (kind, id));
            ids(Kind::Movie).chain(ids(Kind::Tv)).collect()
        });
        let mut after = None;
        loop {
            let slice = catalog.facets_after(after, SLICE).await?;
            self.with(|table| slice.iter().for_each(|facets| table.put(facets)));
            for facets in &slice {
                if let Ok(id) = u32::try_from(facets.key.id()) {
                    left.remove(&(facets.key.kind(), id));
                }
            }
            after = slice.last().map(|last| last.key).or(after);
            if slice.len() < SLICE {
                break;
            }
        }
        let (titles, bytes) = self.with(|table| {
            for (kind, id) in &left {
                table.remove(*kind, *id);
            }
            table.size()
        });
        tracing::debug!(titles, bytes, "the index of titles is loaded");
        Ok(())
    }

    /// Reads what was fetched since.
    pub(super) async fn poll(
        &self,
        catalog: &dyn Catalog,
        mut since: Timestamp,
    ) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let slice = catalog.facets_since(since, after, SLICE).await?;
            self.with(|table| slice.iter().for_each(|facets| table.put(facets)));
            let Some(last) = slice.last().filter(|_| slice.len() == SLICE) else { return Ok(()) };
            (since, after) = (last.fetched_at, Some(last.key));
        }
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Table) -> T) -> T {
        work(&mut self.0.table.write().unwrap_or_else(PoisonError::into_inner))
    }
}
