//! Queues what the archive holds and is older than it should be.
//!
//! A record of an older schema that holds all that is asked for today is only
//! written anew.
//!
//! A season rides along with its show. Its own key is queued only where the
//! show was collected after it and did not bring it along: the show no longer
//! names it, which is one of the two proofs that deleting needs. While its show
//! is doubted or buried, a season waits for what becomes of that.

use std::collections::HashMap;

use domain::deletion::Proof;
use domain::queue::{NewTask, Priority};
use domain::run::RunFigures;
use domain::staleness::{Doubt, Freshness, Reason};
use domain::{Key, Kind, Record, Source, StoreError, Timestamp};
use tmdb::Question;
use tokio_util::sync::CancellationToken;

use super::intake::Intake;
use crate::deletion;
use crate::error::PipelineError;
use crate::read;
use crate::watch::{Event, Watch};

/// Keys looked at in one go.
const PAGE: usize = 20_000;

/// Records written anew in one go; bodies are large.
const REWRITTEN: usize = 64;

pub(super) async fn read(
    intake: &mut Intake<'_>,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let archive = &intake.pipeline.stores.archive;
    let source = Source::Stale.to_string();
    let (mut after, mut found) = (None, Found::default());
    loop {
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
        let page = archive.freshness(after, PAGE).await?;
        for record in &page {
            found.look(intake, record);
        }
        let Some(last) = page.last().filter(|_| page.len() == PAGE) else { break };
        after = Some(last.key);
    }
    let Found { mut stale, orphans, looked, older_schema, .. } = found;
    for keys in older_schema.chunks(REWRITTEN) {
        if stop.is_cancelled() {
            return Err(PipelineError::Stopped);
        }
        let left = rewrite(intake, keys).await?;
        stale.extend(left.into_iter().map(|key| (priority(Reason::Schema).number(), key)));
    }
    stale.sort_unstable();
    stale.dedup_by_key(|(_, key)| *key);
    let mut left = looked;
    if stale.is_empty() {
        intake.queue_all(&[], left, RunFigures::default()).await?;
    }
    for chunk in stale.chunks(PAGE) {
        let task = |(priority, key): &(u32, Key)| NewTask {
            key: *key,
            priority: Priority::from_number(*priority),
            source: source.clone(),
            run: intake.run,
            changed: false,
        };
        let tasks: Vec<NewTask> = chunk.iter().map(task).collect();
        let figures = intake.queue_all(&tasks, std::mem::take(&mut left), RunFigures::default());
        watch.see(Event::SourceRead { source: &source, figures: figures.await? });
        if intake.cut {
            break;
        }
    }
    if !intake.plan.dry_run {
        for (show, mut seasons) in orphans {
            let named = named_seasons(intake, show).await?;
            seasons.retain(|season| !named.contains(&season.season_number()));
            let on = intake.pipeline.now().date();
            let proof = Proof::Unlisted { by: show.to_string(), on };
            deletion::doubt(intake.pipeline, &seasons, &proof).await?;
        }
    }
    Ok(())
}

/// The numbers of the seasons that a show's record names. One of these that did
/// not ride along was left out by TMDB, which proves nothing.
async fn named_seasons(intake: &Intake<'_>, show: Key) -> Result<Vec<Option<u32>>, PipelineError> {
    let Some(record) = intake.pipeline.stores.archive.get(show).await? else { return Ok(vec![]) };
    let body = read::value(&record)?;
    let seasons = body["seasons"].as_array().into_iter().flatten();
    let number = |season: &serde_json::Value| season["season_number"].as_u64();
    Ok(seasons.map(|season| number(season).and_then(|number| u32::try_from(number).ok())).collect())
}

/// Writes records of an older schema anew, as far as they hold all that is asked
/// for today, and their catalogue rows with them. Returns the keys to be collected:
/// one that cannot be read is among them, and does not hold up the others.
async fn rewrite(intake: &Intake<'_>, keys: &[Key]) -> Result<Vec<Key>, PipelineError> {
    let stores = &intake.pipeline.stores;
    let (mut rewritten, mut left) = (vec![], vec![]);
    for key in keys {
        let own = if key.kind() == Kind::Season { Key::tv(key.id()) } else { *key };
        let record = match stores.archive.get(*key).await {
            Ok(Some(record)) => record,
            Ok(None) => continue,
            Err(StoreError::Corrupt(why)) => {
                tracing::warn!(%key, why, "could not read {key}; collecting it again");
                left.push(own);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if record.asked != Question::Detail(own).asked() {
            left.push(own);
            continue;
        }
        match anew(&record) {
            Ok(record) => rewritten.push(record),
            Err(why) => {
                tracing::warn!(%key, why, "could not write {key} anew; collecting it again");
                left.push(own);
            }
        }
    }
    if !intake.plan.dry_run {
        stores.archive.put(&rewritten).await?;
        stores.catalog.put(&rewritten).await?;
    }
    Ok(left)
}

/// The same JSON in today's schema, or why not.
fn anew(record: &Record) -> Result<Record, String> {
    let json = records::to_json(record).map_err(|error| error.to_string())?;
    let made = records::record(record.key, json.as_bytes(), &record.asked, record.fetched_at);
    made.map(|(record, _)| record).map_err(|error| error.to_string())
}

#[derive(Default)]
struct Found {
    /// By priority, so that the most pressing are queued within a limit.
    stale: Vec<(u32, Key)>,
    /// When each show was collected, and how far it is believed to be gone; keys
    /// come in the order of their kinds.
    shows: HashMap<u64, (Timestamp, Doubt)>,
    /// Seasons that their shows no longer name.
    orphans: HashMap<Key, Vec<Key>>,
    /// Fresh, but written with an older schema.
    older_schema: Vec<Key>,
    looked: u64,
}

impl Found {
    fn look(&mut self, intake: &Intake<'_>, record: &Freshness) {
        self.looked += 1;
        let (key, now) = (record.key, intake.pipeline.now());
        if key.kind() == Kind::Tv {
            self.shows.insert(key.id(), (record.fetched_at, record.doubt));
        }
        let show = self.shows.get(&key.id()).filter(|_| key.season_number().is_some());
        if show.is_some_and(|(_, doubt)| *doubt != Doubt::None) {
            return;
        }
        let Some(reason) = intake.plan.staleness.reason(record, now) else { return };
        // What nears the end of TMDB's terms is renewed whatever its kind.
        let kinds = &intake.plan.filter.kinds;
        let own = if key.season_number().is_some() { Kind::Tv } else { key.kind() };
        if !kinds.is_empty() && !kinds.contains(&own) && reason != Reason::Age {
            return;
        }
        if reason == Reason::Schema {
            self.older_schema.push(key);
            return;
        }
        let key = match show {
            Some((collected, _)) if *collected > record.fetched_at => {
                if key.kind() == Kind::Season {
                    self.orphans.entry(Key::tv(key.id())).or_default().push(key);
                }
                key
            }
            Some(_) => Key::tv(key.id()),
            None => key,
        };
        self.stale.push((priority(reason).number(), key));
    }
}

/// The most pressing first: what nears its end, what has aired, then the newest releases.
fn priority(reason: Reason) -> Priority {
    match reason {
        Reason::Age => Priority::stale(0),
        Reason::Aired => Priority::stale(1),
        Reason::Tier(days) => Priority::stale(days.saturating_add(2)),
        Reason::Schema => Priority::stale(u32::MAX),
    }
}
