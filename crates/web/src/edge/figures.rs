//! What was asked, how it went and how long it took: counted without a lock.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use domain::served::ServedFigures;

/// Statuses that are counted apart; all others stand together.
pub(crate) const STATUSES: [u16; 18] =
    [200, 204, 206, 304, 400, 401, 403, 404, 405, 409, 413, 414, 422, 429, 500, 501, 503, 0];

/// The upper ends of the buckets, in microseconds.
pub(crate) const BUCKETS: [u64; 12] = [
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    100_000,
    500_000,
    1_000_000,
    5_000_000,
    u64::MAX,
];

/// The part of the site that a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Tmdb,
    Image,
    Control,
    Probe,
    /// The document, its page and other things for people.
    Page,
    Other,
}

impl Place {
    pub(crate) fn of(path: &str) -> Self {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match first {
            "3" => Self::Tmdb,
            "t" => Self::Image,
            "pipeline" | "cache" | "cards" | "clients" | "events" => Self::Control,
            "healthz" | "readyz" | "metrics" => Self::Probe,
            "" | "docs" | "openapi.json" | "favicon.ico" | "favicon.svg" => Self::Page,
            _ => Self::Other,
        }
    }

    /// Whether pages of any origin may read it.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Tmdb | Self::Image | Self::Page)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Tmdb => "/3",
            Self::Image => "/t/p",
            Self::Control => "control",
            Self::Probe => "probe",
            Self::Page => "page",
            Self::Other => "other",
        }
    }

    const ALL: [Self; 6] =
        [Self::Tmdb, Self::Image, Self::Control, Self::Probe, Self::Page, Self::Other];
}

/// How the mirror came to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Kept from an equal request.
    Kept,
    /// From the mirror.
    Fresh,
    /// From the mirror, older than it should be.
    Stale,
    /// TMDB was asked.
    Fetched,
    /// No data.
    Failed,
}

impl Outcome {
    pub(crate) const ALL: [Self; 5] =
        [Self::Kept, Self::Fresh, Self::Stale, Self::Fetched, Self::Failed];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Fetched => "fetched",
            Self::Failed => "failed",
        }
    }
}

/// What a handler tells of its answer, as an extension of the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    /// The path in the table of endpoints.
    pub(crate) endpoint: &'static str,
    pub(crate) outcome: Outcome,
    /// Whether it waited for an equal request and shares its answer.
    pub(crate) is_shared: bool,
}

/// The figures of this process since it started.
#[derive(Debug)]
pub(crate) struct Figures {
    rows: HashMap<&'static str, Row>,
    in_flight: AtomicI64,
    shed: AtomicU64,
    connections: AtomicI64,
}

/// The figures of one endpoint, or of a part of the site.
#[derive(Debug, Default)]
pub(crate) struct Row {
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BUCKETS.len()],
    micros: AtomicU64,
    outcomes: [AtomicU64; Outcome::ALL.len()],
    saved: AtomicU64,
}

impl Figures {
    pub(crate) fn new(endpoints: impl Iterator<Item = &'static str>) -> Self {
        let names = endpoints.chain(Place::ALL.into_iter().map(Place::name));
        Self {
            rows: names.map(|name| (name, Row::default())).collect(),
            in_flight: AtomicI64::new(0),
            shed: AtomicU64::new(0),
            connections: AtomicI64::new(0),
        }
    }

    pub(crate) fn in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn turned_away(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }

    pub(crate) fn connections(&self) -> i64 {
        self.connections.load(Ordering::Relaxed)
    }

    /// What was asked at all, by name.
    pub(crate) fn rows(&self) -> Vec<(&'static str, &Row)> {
        let mut rows: Vec<_> = self.rows.iter().map(|(name, row)| (*name, row)).collect();
        rows.retain(|(_, row)| row.count() > 0);
        rows.sort_unstable_by_key(|(name, _)| *name);
        rows
    }

    /// Counts a request as being answered, until what is returned is dropped.
    pub(super) fn begin(figures: &Arc<Self>) -> Flying {
        figures.in_flight.fetch_add(1, Ordering::Relaxed);
        Flying(Arc::clone(figures))
    }

    pub(super) fn shed(&self) {
        self.shed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connected(&self, change: i64) {
        self.connections.fetch_add(change, Ordering::Relaxed);
    }
}

/// A request that is being answered; its client may go away at any time.
pub(super) struct Flying(Arc<Figures>);

impl Flying {
    pub(super) fn end(self, place: Place, response: &Response, took: Duration) {
        let told = response.extensions().get::<Told>().copied();
        let name = told.map_or(place.name(), |told| told.endpoint);
        if let Some(row) = self.0.rows.get(name) {
            row.count_one(response.status(), took);
            if let Some(told) = told {
                row.tell(told);
            }
        }
    }
}

impl Drop for Flying {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Row {
    fn count_one(&self, status: StatusCode, took: Duration) {
        let others = STATUSES.len() - 1;
        let place = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(others);
        self.statuses[place].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|end| *end < micros);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn tell(&self, told: Told) {
        let place = Outcome::ALL.iter().position(|one| *one == told.outcome);
        if let Some(count) = place.and_then(|place| self.outcomes.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        // Without the mirror each of these were a call to TMDB.
        let is_saved = match told.outcome {
            Outcome::Kept | Outcome::Fresh | Outcome::Stale => true,
            Outcome::Fetched => told.is_shared,
            Outcome::Failed => false,
        };
        self.saved.fetch_add(u64::from(is_saved), Ordering::Relaxed);
    }

    fn count(&self) -> u64 {
        self.statuses.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    pub(crate) fn statuses(&self) -> impl Iterator<Item = (u16, u64)> {
        let counts = self.statuses.iter().map(|count| count.load(Ordering::Relaxed));
        STATUSES.into_iter().zip(counts).filter(|(_, count)| *count > 0)
    }

    /// Counts by bucket, not added up.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        BUCKETS.into_iter().zip(self.buckets.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    pub(crate) fn seconds(&self) -> f64 {
        Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64()
    }

    pub(crate) fn outcomes(&self) -> impl Iterator<Item = (Outcome, u64)> {
        let counts = self.outcomes.iter().map(|count| count.load(Ordering::Relaxed));
        Outcome::ALL.into_iter().zip(counts)
    }

    /// What the store keeps of it.
    pub(crate) fn served(&self) -> ServedFigures {
        let mut figures = ServedFigures { saved: self.saved(), ..ServedFigures::default() };
        for (outcome, count) in self.outcomes() {
            match outcome {
                Outcome::Kept => figures.kept = count,
                Outcome::Fresh => figures.fresh = count,
                Outcome::Stale => figures.stale = count,
                Outcome::Fetched => figures.fetched = count,
                Outcome::Failed => figures.failed = count,
            }
        }
        figures
    }

    pub(crate) fn saved(&self) -> u64 {
        self.saved.load(Ordering::Relaxed)
    }
}
