//! Runs and queue as they change, told to any number of listeners that is not too large.
//!
//! One task looks at the store, and only while somebody listens; so listeners cost it
//! nothing. What was told lately is kept, for those who were cut off.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

use super::problem::Problem;
use super::queue::Depth;
use super::runs::RunView;
use crate::site::Site;

/// So many listen at once.
const LISTENERS: usize = 64;

/// So much is kept for those who were cut off.
const KEPT: usize = 256;

/// Of so many of the newest runs changes are told.
const RUNS_WATCHED: usize = 20;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A comment that keeps proxies from cutting the line.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    number: u64,
    /// `run` or `queue`.
    event: &'static str,
    data: String,
}

/// Tells what changes; cheap while nobody listens.
pub(crate) struct Feed {
    places: Arc<Semaphore>,
    teller: broadcast::Sender<Told>,
    state: Mutex<Past>,
}

#[derive(Default)]
struct Past {
    /// Whether a task looks at the store.
    is_looking: bool,
    next: u64,
    kept: VecDeque<Told>,
    runs: BTreeMap<i64, String>,
    queue: Option<String>,
}

impl Default for Feed {
    fn default() -> Self {
        let (teller, _) = broadcast::channel(KEPT);
        Self { places: Arc::new(Semaphore::new(LISTENERS)), teller, state: Mutex::default() }
    }
}

pub(super) async fn events(
    State(site): State<Site>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let feed = site.feed();
    let place = Arc::clone(&feed.places).try_acquire_owned().ok();
    let place = place.ok_or(Problem::TooManyListeners)?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let last = last.and_then(|text| text.parse::<u64>().ok());
    // Looks first, so that who comes first hears how all stands.
    if feed.begin(&site) {
        let looked = feed.look(&site).await;
        tokio::spawn(keep_looking(Arc::downgrade(feed), site.clone()));
        looked?;
    }
    let (missed, news) = feed.join(last);
    let stream = lines(site.clone(), missed, news, place);
    let keep = KeepAlive::new().interval(HEARTBEAT).text("still here");
    let mut response = Sse::new(stream).keep_alive(keep).into_response();
    let no_buffer = axum::http::HeaderValue::from_static("no");
    response.headers_mut().insert("x-accel-buffering", no_buffer);
    Ok(response)
}

/// What was missed and then what comes, until the server closes or the listener is too slow.
fn lines(
    site: Site,
    missed: VecDeque<Told>,
    news: broadcast::Receiver<Told>,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let state = (site, missed, news, place);
    stream::unfold(state, |(site, mut missed, mut news, place)| async move {
        let told = if let Some(told) = missed.pop_front() {
            told
        } else {
            tokio::select! {
                told = news.recv() => told.ok()?,
                () = site.closing().cancelled() => return None,
            }
        };
        let event = Event::default().id(told.number.to_string()).event(told.event).data(told.data);
        Some((Ok(event), (site, missed, news, place)))
    })
}

async fn keep_looking(feed: Weak<Feed>, site: Site) {
    let closing = site.closing().clone();
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => (),
            () = closing.cancelled() => return,
        }
        let Some(feed) = feed.upgrade() else { return };
        if feed.end_if_alone() {
            return;
        }
        if let Err(problem) = feed.look(&site).await {
            tracing::debug!(%problem, "could not look for what changed");
        }
    }
}

impl Feed {
    /// Whether the caller is to look from now on.
    fn begin(&self, site: &Site) -> bool {
        let mut past = self.past();
        // Numbers grow from start to start, so that a number of before is known as old.
        past.next = past.next.max(u64::try_from(site.now().as_millis()).unwrap_or(0) * 1_000);
        !std::mem::replace(&mut past.is_looking, true)
    }

    fn end_if_alone(&self) -> bool {
        let mut past = self.past();
        let is_alone = self.places.available_permits() == LISTENERS;
        if is_alone {
            past.is_looking = false;
        }
        is_alone
    }

    async fn look(&self, site: &Site) -> Result<(), Problem> {
        let runs = site.stores().ledger.runs(None, RUNS_WATCHED).await?;
        let queue = Depth::from(site.stores().queue.depth(site.now()).await?);
        let mut past = self.past();
        let mut seen = BTreeMap::new();
        for run in runs.iter().rev().map(RunView::from) {
            let (id, data) = (run.id, text(&run));
            if past.runs.get(&id) != Some(&data) {
                self.tell(&mut past, "run", &data);
            }
            seen.insert(id, data);
        }
        past.runs = seen;
        let data = text(&queue);
        if past.queue.as_ref() != Some(&data) {
            self.tell(&mut past, "queue", &data);
            past.queue = Some(data);
        }
        Ok(())
    }

    fn tell(&self, past: &mut Past, event: &'static str, data: &str) {
        past.next += 1;
        let told = Told { number: past.next, event, data: data.to_owned() };
        past.kept.push_back(told.clone());
        if past.kept.len() > KEPT {
            past.kept.pop_front();
        }
        // Nobody may be there to hear it.
        self.teller.send(told).ok();
    }

    /// What was told after a number, or how all stands where that is not known any more;
    /// and what is told from now on.
    fn join(&self, last: Option<u64>) -> (VecDeque<Told>, broadcast::Receiver<Told>) {
        let past = self.past();
        let news = self.teller.subscribe();
        let is_kept = |last: u64| {
            past.kept.front().is_some_and(|first| first.number <= last + 1) && last <= past.next
        };
        if let Some(last) = last.filter(|last| is_kept(*last)) {
            let missed = past.kept.iter().filter(|told| told.number > last).cloned();
            return (missed.collect(), news);
        }
        let number = past.next;
        let runs = past.runs.values().map(|data| ("run", data));
        let all = runs.chain(past.queue.iter().map(|data| ("queue", data)));
        let all = all.map(|(event, data)| Told { number, event, data: data.clone() });
        (all.collect(), news)
    }

    fn past(&self) -> std::sync::MutexGuard<'_, Past> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
