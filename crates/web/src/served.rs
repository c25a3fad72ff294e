//! Cache analytics: what was asked, by endpoint and hour, kept over restarts.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::Timestamp;
use domain::served::{Served, ServedFigures, hour};
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::edge::refusal::problem;
use crate::site::Site;

/// A crash loses no more than this.
const EVERY: Duration = Duration::from_secs(30);

/// So long are hours kept.
const KEPT: Duration = Duration::from_hours(400 * 24);

const MOST_HOURS: u64 = 8_784;

pub(crate) fn router() -> Router<Site> {
    Router::new().route("/pipeline/served", get(shown))
}

/// Writes what came to the store, again and again and when told to stop.
pub(crate) async fn note(site: Site, stop: CancellationToken) {
    let mut noted = Noted::default();
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_last = tokio::select! {
            _ = ticks.tick() => false,
            () = stop.cancelled() => true,
        };
        noted.note(&site).await;
        if is_last {
            return;
        }
    }
}

/// What the store has of this process's figures.
#[derive(Debug, Default)]
struct Noted(HashMap<&'static str, ServedFigures>);

impl Noted {
    async fn note(&mut self, site: &Site) {
        let now = site.now();
        let readings: Vec<_> =
            site.figures().rows().into_iter().map(|(name, row)| (name, row.served())).collect();
        let news = readings.iter().map(|(endpoint, figures)| {
            let earlier = self.0.get(endpoint).copied().unwrap_or_default();
            let figures = figures.since(earlier);
            Served { hour: hour(now), endpoint: (*endpoint).to_owned(), figures }
        });
        let news: Vec<_> = news.filter(|served| !served.figures.is_empty()).collect();
        if news.is_empty() {
            return;
        }
        match site.stores().ledger.note_served(&news, now - KEPT).await {
            Ok(()) => self.0.extend(readings),
            // It is not lost: the next note tells it, too.
            Err(error) => tracing::warn!(%error, "what was served could not be noted"),
        }
    }
}

/// `GET /pipeline/served`.
#[derive(Debug, Serialize)]
struct Shown {
    since: Timestamp,
    endpoints: Vec<Sum>,
    hours: Vec<Served>,
}

#[derive(Debug, Serialize)]
struct Sum {
    endpoint: String,
    #[serde(flatten)]
    figures: ServedFigures,
}

async fn shown(State(site): State<Site>, Query(asked): Query<HashMap<String, String>>) -> Response {
    let hours = asked.get("hours").map_or(Some(24), |hours| hours.parse().ok());
    let Some(hours) = hours.filter(|hours| (1..=MOST_HOURS).contains(hours)) else {
        let why = format!("`hours` must be a number from 1 to {MOST_HOURS}");
        return problem(StatusCode::BAD_REQUEST, "invalid-hours", &why, None);
    };
    let since = hour(site.now() - Duration::from_hours(hours - 1));
    let hours = match site.stores().ledger.served(since).await {
        Ok(hours) => hours,
        Err(error) => {
            tracing::warn!(%error, "what was served could not be read");
            let why = "the store cannot be asked";
            return problem(StatusCode::SERVICE_UNAVAILABLE, "store", why, Some(5));
        }
    };
    let mut sums: BTreeMap<&str, ServedFigures> = BTreeMap::new();
    for one in &hours {
        *sums.entry(&one.endpoint).or_default() += one.figures;
    }
    let sums = sums.into_iter();
    let endpoints =
        sums.map(|(endpoint, figures)| Sum { endpoint: endpoint.to_owned(), figures }).collect();
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (no_store, axum::Json(Shown { since, endpoints, hours })).into_response()
}

#[cfg(test)]
mod tests;
