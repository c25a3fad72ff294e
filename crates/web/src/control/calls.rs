//! Calls to TMDB, one by one and counted.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use domain::ledger::{ApiCall, CallFilter};
use domain::{RunId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::Params;
use super::problem::Problem;
use super::runs::limited;
use crate::site::Site;

/// Which calls are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallsQuery {
    /// Only of this endpoint: `movie/{id}`.
    endpoint: Option<String>,
    /// Only with this HTTP status.
    status: Option<u16>,
    /// Only those that did not find what they asked for.
    #[serde(default)]
    failed: bool,
    /// Only of this run.
    run: Option<i64>,
    /// So many at most, 500 in all.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 500))]
    limit: usize,
}

fn fifty() -> usize {
    50
}

/// Calls to TMDB.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Calls {
    calls: Vec<CallView>,
}

/// A call to TMDB.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CallView {
    #[schemars(with = "jiff::Timestamp")]
    at: Timestamp,
    /// The path with `{id}` in place of numbers.
    endpoint: String,
    /// Path and query, without credentials.
    asked: String,
    /// The HTTP status; absent where there was no answer.
    status: Option<u16>,
    /// `found`, or the class of the failure.
    outcome: String,
    millis: u64,
    /// Of the body, decompressed.
    bytes: u64,
    run: Option<i64>,
}

impl From<ApiCall> for CallView {
    fn from(call: ApiCall) -> Self {
        Self {
            at: call.at,
            endpoint: call.endpoint,
            asked: call.asked,
            status: call.status,
            outcome: call.outcome,
            millis: u64::try_from(call.took.as_millis()).unwrap_or(u64::MAX),
            bytes: call.bytes,
            run: call.run.map(|run| run.0),
        }
    }
}

/// Over which time calls are counted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CountsQuery {
    /// The last hours, 720 at most.
    #[serde(default = "day")]
    #[schemars(range(min = 1, max = 720))]
    hours: u32,
}

fn day() -> u32 {
    24
}

/// Calls to TMDB, counted.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Counts {
    #[schemars(with = "jiff::Timestamp")]
    since: Timestamp,
    by_endpoint: Vec<EndpointCount>,
    /// The oldest hour first; hours without a call are left out.
    by_hour: Vec<HourCount>,
}

/// The calls to an endpoint that were answered with a status.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EndpointCount {
    endpoint: String,
    status: Option<u16>,
    calls: u64,
    bytes: u64,
    mean_millis: u64,
    max_millis: u64,
}

/// The calls of an hour.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HourCount {
    /// When it began.
    #[schemars(with = "jiff::Timestamp")]
    hour: Timestamp,
    calls: u64,
    failed: u64,
    bytes: u64,
}

pub(super) async fn list(
    State(site): State<Site>,
    Params(query): Params<CallsQuery>,
) -> Result<Json<Calls>, Problem> {
    let limit = limited(query.limit)?;
    let which = CallFilter {
        endpoint: query.endpoint,
        status: query.status,
        failed_only: query.failed,
        run: query.run.map(RunId),
    };
    let calls = site.stores().ledger.calls(&which, limit).await?;
    Ok(Json(Calls { calls: calls.into_iter().map(CallView::from).collect() }))
}

pub(super) async fn counts(
    State(site): State<Site>,
    Params(query): Params<CountsQuery>,
) -> Result<Json<Counts>, Problem> {
    if !(1..=720).contains(&query.hours) {
        return Err(Problem::Invalid("`hours` must lie between 1 and 720.".to_owned()));
    }
    let since = site.now() - Duration::from_hours(1) * query.hours;
    let ledger = &site.stores().ledger;
    let by_endpoint = ledger.call_counts(since).await?.into_iter().map(|count| EndpointCount {
        endpoint: count.endpoint,
        status: count.status,
        calls: count.calls,
        bytes: count.bytes,
        mean_millis: count.mean_millis,
        max_millis: count.max_millis,
    });
    let by_endpoint = by_endpoint.collect();
    let by_hour = ledger.call_hours(since).await?.into_iter().map(|hour| HourCount {
        hour: hour.hour,
        calls: hour.calls,
        failed: hour.failed,
        bytes: hour.bytes,
    });
    Ok(Json(Counts { since, by_endpoint, by_hour: by_hour.collect() }))
}
