//! Reads TMDB's change feeds, however long ago they were read last.
//!
//! A day of a feed is *closed* eight hours after its end: nothing is added to it
//! any more, and TMDB's CDN serves no body of before its changes. Closed days are
//! walked once, in windows of at most 14 days over all their pages, with the day
//! before looked at again; whatever was collected before such a window closed is
//! collected again. The open days are read at every harvest too, so that a change
//! is seen soon; a title that was collected since they began waits for their close.
//!
//! A feed counts as *complete up to* a closed day only when none of the tasks of
//! its windows waits any longer, be it collected or among the dead letters.
//! Feeds are not complete (`FACTS.md` section 7): see `stale` for what is behind them.

use std::time::Duration;

use domain::queue::Waiting;
use domain::sighting::Feed;
use domain::{Source, Timestamp};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tmdb::Question;
use tokio_util::sync::CancellationToken;

use super::asking;
use super::intake::{Intake, Known, Rules, Unknown};
use crate::error::PipelineError;
use crate::pipeline::Stores;
use crate::watch::{Event, Watch};

/// The longest window that TMDB answers.
const WINDOW_DAYS: i32 = 14;

/// TMDB's CDN may serve a body of before the change for so long (`FACTS.md` section 4).
const CDN_LAG: Duration = Duration::from_hours(8);

/// Windows read whose tasks are still waited for; with more of them, the oldest
/// are waited for together with those behind them.
const READS_KEPT: usize = 64;

/// How far a feed has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    /// Closed days were read up to this one.
    closed_to: Option<Date>,
    /// Every change up to this day was collected, or failed for good.
    complete_to: Option<Date>,
    /// Windows of closed days whose tasks may still wait, oldest first.
    reads: Vec<Read>,
    /// When the open days were read last.
    open_read_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Read {
    to: Date,
    at: Timestamp,
}

/// How a feed stands, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedStatus {
    pub feed: String,
    /// Every change up to this day was collected, or failed for good.
    pub complete_to: Option<Date>,
    /// Closed days were read up to this one.
    pub read_to: Option<Date>,
    /// When the open days were read last.
    pub open_read_at: Option<Timestamp>,
    /// Titles of the kind that wait to be collected.
    pub waiting: u64,
}

/// Tells how each feed stands; feeds never read are left out.
pub async fn status(stores: &Stores) -> Result<Vec<FeedStatus>, PipelineError> {
    let mut feeds = vec![];
    for feed in Feed::ALL {
        let mut position = load(stores, feed).await?;
        if position == Position::default() {
            continue;
        }
        complete(stores, feed, &mut position).await?;
        let kind = Some(feed.kind());
        let waiting = stores.queue.waiting(&Waiting { kind, ..Waiting::default() }).await?;
        feeds.push(FeedStatus {
            feed: Source::Changes(feed).to_string(),
            complete_to: position.complete_to,
            read_to: position.closed_to,
            open_read_at: position.open_read_at,
            waiting,
        });
    }
    Ok(feeds)
}

pub(super) async fn read(
    intake: &mut Intake<'_>,
    feed: Feed,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let pipeline = intake.pipeline;
    let mut position = load(&pipeline.stores, feed).await?;
    complete(&pipeline.stores, feed, &mut position).await?;
    let now = pipeline.now();
    let last_closed = before((now - CDN_LAG).date());
    if position.closed_to.is_some_and(|day| day >= now.date()) {
        let source = Source::Changes(feed).to_string();
        tracing::warn!(source, "the clock was ahead when {source} was read; reading it again");
        position = Position::default();
    }
    let mut closed_to = match position.closed_to {
        Some(day) => day,
        None => before(oldest(intake, feed).await?),
    };
    if closed_to < last_closed && position.closed_to.is_some() {
        // A day of overlap: what was added late is collected, the rest is fresh.
        let overlap = Window { from: closed_to, to: closed_to, fresh_from: closed_at(closed_to) };
        if read_window(intake, feed, overlap, watch, stop).await?.is_none() {
            return Ok(());
        }
    }
    while closed_to < last_closed {
        let from = after(closed_to);
        let to = from.saturating_add(WINDOW_DAYS.days()).min(last_closed);
        let window = Window { from, to, fresh_from: closed_at(to) };
        let Some(to) = read_window(intake, feed, window, watch, stop).await? else {
            return Ok(());
        };
        closed_to = to;
        position.closed_to = Some(to);
        position.reads.push(Read { to, at: pipeline.now() });
        let surplus = position.reads.len().saturating_sub(READS_KEPT);
        position.reads.drain(..surplus);
        save(intake, feed, &position).await?;
    }
    let (from, to) = (after(closed_to), now.date());
    let open = Window { from, to, fresh_from: midnight(from) };
    if from <= to && read_window(intake, feed, open, watch, stop).await?.is_some() {
        position.open_read_at = Some(now);
        save(intake, feed, &position).await?;
    }
    Ok(())
}

/// Days of a feed, both included.
#[derive(Clone, Copy)]
struct Window {
    from: Date,
    to: Date,
    /// What was collected from here on need not be collected again.
    fresh_from: Timestamp,
}

/// The day of the oldest record of the feed's kind, as far back as its body may be
/// of: older changes are in it.
async fn oldest(intake: &Intake<'_>, feed: Feed) -> Result<Date, PipelineError> {
    let stats = intake.pipeline.stores.archive.stats().await?;
    let own = stats.kinds.iter().find(|stats| stats.kind == feed.kind());
    let oldest = own.and_then(|stats| stats.oldest_fetched_at);
    Ok((oldest.unwrap_or_else(|| intake.pipeline.now()) - CDN_LAG).date())
}

/// Queues every title of a window, or of its first days where it has more pages
/// than can be asked for. Returns the last day read; `None` when the limit of
/// titles cut it short.
async fn read_window(
    intake: &mut Intake<'_>,
    feed: Feed,
    Window { from, to, mut fresh_from }: Window,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<Option<Date>, PipelineError> {
    let source = Source::Changes(feed).to_string();
    let is_closed = fresh_from == closed_at(to);
    let (mut to, mut number, mut pages) = (to, 1, 1);
    while number <= pages {
        let question = Question::Changes { feed, from, to, page: number };
        let (answer, asked) = asking::page(intake, &question, watch, stop).await?;
        if answer.is_cut && number == 1 {
            if let Some(middle) = halved(from, to) {
                tracing::info!(source, %from, %to, "{source} has too many pages from {from} to {to}; taking fewer days");
                to = middle;
                if is_closed {
                    fresh_from = closed_at(to);
                }
                continue;
            }
            tracing::warn!(source, day = %from, "{source} has more changes on {from} than TMDB shows; the rest is left to the refresh by age");
        }
        pages = answer.total_pages;
        let rules = Rules {
            unknown: if intake.plan.unknown_changes { Unknown::Queue(0) } else { Unknown::Leave },
            known: Known::WhenFetchedBefore(fresh_from),
            changed: true,
        };
        let figures = intake.take(&source, &answer.sightings, rules, asked).await?;
        watch.see(Event::SourceRead { source: &source, figures });
        if intake.cut || intake.is_full() {
            return Ok(None);
        }
        number += 1;
    }
    Ok(Some(to))
}

/// The day in the middle, or `None` for a single day.
fn halved(from: Date, to: Date) -> Option<Date> {
    let days = to.since(from).ok()?.get_days();
    (days > 0).then(|| from.checked_add((days / 2).days()).ok()).flatten()
}

fn before(day: Date) -> Date {
    day.saturating_sub(1.day())
}

fn after(day: Date) -> Date {
    day.saturating_add(1.day())
}

/// When a day begins, in UTC.
fn midnight(day: Date) -> Timestamp {
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC);
    midnight.map(|midnight| midnight.timestamp().into()).unwrap_or_default()
}

/// When nothing more comes of a day.
fn closed_at(day: Date) -> Timestamp {
    midnight(after(day)) + CDN_LAG
}

/// Moves `complete_to` over every window whose tasks are done.
async fn complete(
    stores: &Stores,
    feed: Feed,
    position: &mut Position,
) -> Result<(), PipelineError> {
    let mut done = 0;
    for read in &position.reads {
        let which =
            Waiting { kind: Some(feed.kind()), added_until: Some(read.at), ..Waiting::default() };
        if stores.queue.waiting(&which).await? > 0 {
            break;
        }
        position.complete_to = Some(read.to);
        done += 1;
    }
    position.reads.drain(..done);
    Ok(())
}

async fn load(stores: &Stores, feed: Feed) -> Result<Position, PipelineError> {
    let text = stores.ledger.cursor(&cursor(feed)).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

async fn save(intake: &Intake<'_>, feed: Feed, position: &Position) -> Result<(), PipelineError> {
    if intake.plan.dry_run {
        return Ok(());
    }
    let text = serde_json::to_string(position).ok();
    let pipeline = intake.pipeline;
    pipeline.stores.ledger.set_cursor(&cursor(feed), text.as_deref(), pipeline.now()).await?;
    Ok(())
}

fn cursor(feed: Feed) -> String {
    format!("changes:{}", feed.kind())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_window_is_halved_until_it_is_a_day() {
        let from = date(2026, 3, 1);
        assert_eq!(halved(from, date(2026, 3, 15)), Some(date(2026, 3, 8)));
        assert_eq!(halved(from, date(2026, 3, 2)), Some(from));
        assert_eq!(halved(from, from), None);
    }

    #[test]
    fn a_day_closes_when_the_cdn_has_forgotten_what_came_before() {
        assert_eq!(closed_at(date(2026, 12, 31)).to_string(), "2027-01-01T08:00:00Z");
        assert_eq!(midnight(date(2026, 12, 31)).to_string(), "2026-12-31T00:00:00Z");
    }
}
