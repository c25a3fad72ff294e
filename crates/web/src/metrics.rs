//! `/metrics`: figures for Prometheus.

mod exposition;
mod process;
mod readings;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::edge::figures::{BUCKETS, Row};
use crate::site::Site;
use exposition::Exposition;

pub(crate) use readings::Readings;

pub(crate) fn router() -> Router<Site> {
    Router::new().route("/metrics", get(|State(site): State<Site>| metrics(site)))
}

async fn metrics(site: Site) -> Response {
    let mut out = Exposition::default();
    requests(&mut out, &site);
    answers(&mut out, &site);
    process::write(&mut out);
    let read = site.readings().get(&site).await;
    let text = out.into_text() + &read;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    let fresh = HeaderValue::from_static("no-store");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, fresh)], text).into_response()
}

fn requests(out: &mut Exposition, site: &Site) {
    let figures = site.figures();
    let rows = figures.rows();
    out.counter("cinemirror_http_requests_total", "Requests that were answered.");
    for (endpoint, row) in &rows {
        for (status, count) in row.statuses() {
            let status = if status == 0 { "other".to_owned() } else { status.to_string() };
            out.sample(&[("endpoint", endpoint), ("status", &status)], count);
        }
    }
    let name = "cinemirror_http_request_duration_seconds";
    out.histogram(name, "How long requests took to be answered.");
    for (endpoint, row) in &rows {
        durations(out, endpoint, row);
    }
    out.gauge("cinemirror_http_requests_in_flight", "Requests that are being answered.");
    out.sample(&[], figures.in_flight());
    out.counter("cinemirror_http_requests_shed_total", "Requests that were turned away.");
    out.sample(&[], figures.turned_away());
    out.gauge("cinemirror_http_connections", "Connections that are open.");
    out.sample(&[], figures.connections());
}

fn durations(out: &mut Exposition, endpoint: &str, row: &Row) {
    let mut sum = 0;
    for (end, count) in row.buckets() {
        sum += count;
        let end = if end == BUCKETS[BUCKETS.len() - 1] {
            "+Inf".to_owned()
        } else {
            (end as f64 / 1e6).to_string()
        };
        out.part("_bucket", &[("endpoint", endpoint), ("le", &end)], sum);
    }
    out.part("_sum", &[("endpoint", endpoint)], row.seconds());
    out.part("_count", &[("endpoint", endpoint)], sum);
}

fn answers(out: &mut Exposition, site: &Site) {
    let rows = site.figures().rows();
    let told: Vec<_> = rows.iter().filter(|(_, row)| !row.served().is_empty()).collect();
    let help = "How answers were come by: kept from an equal request, fresh or stale from \
                the mirror, fetched from TMDB, or none.";
    out.counter("cinemirror_answers_total", help);
    for (endpoint, row) in &told {
        for (outcome, count) in row.outcomes() {
            out.sample(&[("endpoint", endpoint), ("outcome", outcome.name())], count);
        }
    }
    let help = "Calls to TMDB that the same requests would have been without a mirror.";
    out.counter("cinemirror_upstream_calls_saved_total", help);
    for (endpoint, row) in &told {
        out.sample(&[("endpoint", endpoint)], row.saved());
    }
    let rooms = site.answers().room();
    out.gauge("cinemirror_answer_cache_bytes", "Memory that kept answers take.");
    for room in &rooms {
        out.sample(&[("form", room.form)], room.bytes);
    }
    let help = "Answers that are kept, ready to be sent or compressed; some are both.";
    out.gauge("cinemirror_answer_cache_entries", help);
    for room in &rooms {
        out.sample(&[("form", room.form)], room.entries);
    }
}
