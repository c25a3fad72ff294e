//! Figures of the mirror: cursors, drift, terms, archive, workers, tombstones.

use axum::Json;
use axum::extract::State;
use domain::Timestamp;
use domain::archive::KindStats;
use pipeline::vitals::SILENT_AFTER;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::Params;
use super::problem::Problem;
use super::runs::limited;
use crate::site::Site;

/// A process is shown for so long after it was heard of.
const WORKERS_SHOWN: std::time::Duration = std::time::Duration::from_mins(10);

/// How many are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitQuery {
    /// So many at most, 500 in all.
    #[serde(default = "hundred")]
    #[schemars(range(min = 1, max = 500))]
    limit: usize,
}

fn hundred() -> usize {
    100
}

/// How far sources have been read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Cursors {
    cursors: Vec<CursorView>,
}

/// How far a source has been read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CursorView {
    source: String,
    /// A small JSON of the source's own.
    position: serde_json::Value,
    #[schemars(with = "jiff::Timestamp")]
    moved_at: Timestamp,
}

/// What bodies hold and the schema does not know; it was kept.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Drifts {
    drift: Vec<DriftView>,
}

/// A field that the schema does not know.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DriftView {
    kind: String,
    /// Where: `credits.cast[].softcore`.
    path: String,
    /// What was found there: `string`, `number` …
    found: String,
    count: u64,
    #[schemars(with = "jiff::Timestamp")]
    first_seen: Timestamp,
    #[schemars(with = "jiff::Timestamp")]
    last_seen: Timestamp,
}

/// How old everything from TMDB is.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Terms {
    /// Whether everything may be kept.
    is_lawful: bool,
    /// Nothing may have been fetched before.
    #[schemars(with = "jiff::Timestamp")]
    fetched_before: Timestamp,
    holdings: Vec<HoldingView>,
    /// TMDB's notice, to be shown wherever its data is.
    notice: &'static str,
}

/// One sort of data from TMDB.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HoldingView {
    what: String,
    rows: u64,
    #[schemars(with = "Option<jiff::Timestamp>")]
    oldest: Option<Timestamp>,
    age_days: Option<u64>,
    is_lawful: bool,
}

/// The size of the archive.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ArchiveFigures {
    kinds: Vec<KindView>,
    /// Keys with one proof of being gone.
    suspects: u64,
    tombstones: u64,
}

/// The records of a kind.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KindView {
    kind: String,
    keys: u64,
    versions: u64,
    stored_bytes: u64,
    /// Not compressed.
    body_bytes: u64,
    with_dictionary: u64,
    #[schemars(with = "Option<jiff::Timestamp>")]
    oldest_fetched_at: Option<Timestamp>,
    #[schemars(with = "Option<jiff::Timestamp>")]
    newest_fetched_at: Option<Timestamp>,
}

impl From<KindStats> for KindView {
    fn from(stats: KindStats) -> Self {
        Self {
            kind: stats.kind.to_string(),
            keys: stats.keys,
            versions: stats.versions,
            stored_bytes: stats.stored_bytes,
            body_bytes: stats.body_bytes,
            with_dictionary: stats.with_dictionary,
            oldest_fetched_at: stats.oldest_fetched_at,
            newest_fetched_at: stats.newest_fetched_at,
        }
    }
}

/// The processes of the deployment.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Workers {
    workers: Vec<WorkerView>,
}

/// A process, as it last told of itself.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WorkerView {
    name: String,
    host: String,
    pid: u32,
    /// Its command: `up`, `worker` …
    role: String,
    version: String,
    #[schemars(with = "jiff::Timestamp")]
    started_at: Timestamp,
    #[schemars(with = "jiff::Timestamp")]
    heard_at: Timestamp,
    /// It was not heard of for a while: it has died, or is cut off.
    is_silent: bool,
    /// Titles being asked for.
    in_flight: u32,
    collected: u64,
    failed: u64,
}

/// What is proven gone.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Tombstones {
    tombstones: Vec<TombstoneView>,
}

/// A key that is proven gone.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TombstoneView {
    key: String,
    #[schemars(with = "jiff::Timestamp")]
    since: Timestamp,
    /// The proofs.
    evidence: serde_json::Value,
    /// The key that the title likely has now.
    successor: Option<String>,
}

pub(super) async fn cursors(State(site): State<Site>) -> Result<Json<Cursors>, Problem> {
    let cursors = site.stores().ledger.cursors().await?;
    let cursors = cursors.into_iter().map(|cursor| CursorView {
        position: serde_json::from_str(&cursor.position).unwrap_or_else(|_| cursor.position.into()),
        source: cursor.source,
        moved_at: cursor.moved_at,
    });
    Ok(Json(Cursors { cursors: cursors.collect() }))
}

pub(super) async fn drift(
    State(site): State<Site>,
    Params(query): Params<LimitQuery>,
) -> Result<Json<Drifts>, Problem> {
    let drift = site.stores().ledger.drift(limited(query.limit)?).await?;
    let drift = drift.into_iter().map(|count| DriftView {
        kind: count.kind.to_string(),
        path: count.path,
        found: count.found,
        count: count.count,
        first_seen: count.first_seen,
        last_seen: count.last_seen,
    });
    Ok(Json(Drifts { drift: drift.collect() }))
}

pub(super) async fn terms(State(site): State<Site>) -> Result<Json<Terms>, Problem> {
    let kept = site.options().kept;
    let audit = pipeline::purge::audit(site.stores(), kept, site.now()).await;
    let audit = audit.map_err(|error| match error {
        pipeline::PipelineError::Store(error) => error.into(),
        error => {
            tracing::error!(%error, "could not audit what is held");
            Problem::Internal
        }
    })?;
    let (is_lawful, fetched_before) = (audit.is_lawful(), audit.fetched_before);
    let holdings = audit.holdings.into_iter().map(|audited| HoldingView {
        what: audited.holding.what,
        rows: audited.holding.rows,
        oldest: audited.holding.oldest,
        age_days: audited.age_days,
        is_lawful: audited.is_lawful,
    });
    let holdings = holdings.collect();
    Ok(Json(Terms { is_lawful, fetched_before, holdings, notice: domain::TMDB_NOTICE }))
}

pub(super) async fn archive(State(site): State<Site>) -> Result<Json<ArchiveFigures>, Problem> {
    let stats = site.stores().archive.stats().await?;
    Ok(Json(ArchiveFigures {
        kinds: stats.kinds.into_iter().map(KindView::from).collect(),
        suspects: stats.suspects,
        tombstones: stats.tombstones,
    }))
}

pub(super) async fn workers(State(site): State<Site>) -> Result<Json<Workers>, Problem> {
    let now = site.now();
    let workers = site.stores().workers.list(now - WORKERS_SHOWN).await?;
    let workers = workers.into_iter().map(|worker| WorkerView {
        is_silent: worker.heard_at + SILENT_AFTER < now,
        name: worker.name,
        host: worker.host,
        pid: worker.pid,
        role: worker.role,
        version: worker.version,
        started_at: worker.started_at,
        heard_at: worker.heard_at,
        in_flight: worker.in_flight,
        collected: worker.collected,
        failed: worker.failed,
    });
    Ok(Json(Workers { workers: workers.collect() }))
}

pub(super) async fn tombstones(
    State(site): State<Site>,
    Params(query): Params<LimitQuery>,
) -> Result<Json<Tombstones>, Problem> {
    let tombstones = site.stores().archive.tombstones(limited(query.limit)?).await?;
    let tombstones = tombstones.into_iter().map(|tombstone| TombstoneView {
        key: tombstone.key.to_string(),
        since: tombstone.since,
        evidence: serde_json::to_value(&tombstone.evidence).unwrap_or_default(),
        successor: tombstone.successor.map(|successor| successor.key.to_string()),
    });
    Ok(Json(Tombstones { tombstones: tombstones.collect() }))
}
