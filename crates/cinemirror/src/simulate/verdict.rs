//! Judges a mirror against the universe that it mirrors.

use domain::sighting::Export;
use domain::{FailureClass, Key, Kind, Timestamp};
use fake_tmdb::Generated;
use pipeline::Stores;
use serde::Serialize;
use tmdb::{Outcome, Question};

use crate::app::App;

/// A change on a day is in the feed on the day after at the latest.
const FEED_DAYS: u32 = 1;

/// The export of the day after a birth or a death knows of it; one more day for a
/// newcomer that this one leaves out.
const EXPORT_DAYS: u32 = 2;

/// What is right and wrong with a mirror.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    /// Titles of the universe on the last day.
    pub alive: u64,
    /// Records that equal the universe, figures that move daily aside.
    pub equal: u64,
    /// Differ, though nothing has changed since they were fetched, or by a change
    /// that the feed told of or a refresh could have shown.
    pub stale: Vec<Key>,
    /// Differ, by a change that nothing could have shown yet.
    pub not_shown_yet: u64,
    /// Answer 404 on this day only: not to be judged.
    pub absent: u64,
    /// Missing, though an export listed them long enough ago.
    pub missing: Vec<Key>,
    /// Missing, born too lately.
    pub not_listed_yet: u64,
    /// Tombstones of titles that live.
    pub false_tombstones: Vec<Key>,
    /// Tombstones of titles that died.
    pub buried: u64,
    /// Died, and neither tombstone nor suspicion: too long ago to be excused.
    pub unnoticed: Vec<Key>,
    /// Tombstones of merged titles, and those of them that name the right successor.
    pub merged: u64,
    pub successors: u64,
}

impl Verdict {
    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.stale.is_empty()
            && self.missing.is_empty()
            && self.false_tombstones.is_empty()
            && self.unnoticed.is_empty()
    }
}

/// What a judge goes by.
pub(super) struct Judge<'a> {
    pub(super) app: &'a App,
    pub(super) universe: &'a Generated,
    pub(super) start: jiff::civil::Date,
    /// The last day, counted from the start.
    pub(super) day: u32,
    /// Whatever was not in the feed is refreshed within so many days.
    pub(super) refreshed_within: u32,
}

impl Judge<'_> {
    pub(super) async fn verdict(&self) -> anyhow::Result<Verdict> {
        let mut verdict = Verdict::default();
        for kind in [Kind::Movie, Kind::Tv] {
            for id in self.universe.alive(kind, self.day).collect::<Vec<_>>() {
                let is_adult = self.universe.export_of(kind, id).is_some_and(Export::is_adult);
                if !is_adult {
                    self.living(&mut verdict, kind, id).await?;
                }
            }
        }
        self.dead(&mut verdict).await?;
        Ok(verdict)
    }

    fn stores(&self) -> &Stores {
        &self.app.pipeline.stores
    }

    async fn living(&self, verdict: &mut Verdict, kind: Kind, id: u64) -> anyhow::Result<()> {
        let key = Key::new(kind, id, None, None)?;
        verdict.alive += 1;
        let Some(record) = self.stores().archive.get(key).await? else {
            let born = self.universe.born_on(kind, id).unwrap_or(0);
            if born + EXPORT_DAYS > self.day {
                verdict.not_listed_yet += 1;
            } else {
                verdict.missing.push(key);
            }
            return Ok(());
        };
        match self.is_equal(&record).await? {
            Some(true) => verdict.equal += 1,
            None => verdict.absent += 1,
            Some(false) if self.is_excused(&record) => verdict.not_shown_yet += 1,
            Some(false) => verdict.stale.push(key),
        }
        Ok(())
    }

    /// Whether a record may differ: the universe has changed since it was fetched,
    /// by nothing that the feed told of, or a refresh had to show, long enough ago.
    fn is_excused(&self, record: &domain::Record) -> bool {
        let (kind, id) = (record.key.kind(), record.key.id());
        let fetched = self.day_of(record.fetched_at);
        let listed_to = self.day.saturating_sub(FEED_DAYS);
        let silent_to = self.day.saturating_sub(self.refreshed_within);
        let last = |day| self.universe.last_change(kind, id, day).map(|change| change.day);
        let shown = self.universe.last_listed_change(kind, id, listed_to).max(last(silent_to));
        last(self.day) > Some(fetched) && shown <= Some(fetched) && silent_to <= fetched
    }

    /// Asks the universe itself, and compares all but the figures that move daily.
    /// `None` where it answers 404 for a day, which says nothing of the record.
    async fn is_equal(&self, record: &domain::Record) -> anyhow::Result<Option<bool>> {
        let question = Question::Detail(record.key);
        let answer = self.app.pipeline.probe(&question).await;
        let body = match answer.outcome {
            Outcome::Found(body) => body,
            Outcome::Failed { failure, .. } if failure.class == FailureClass::Gone => {
                return Ok(None);
            }
            Outcome::Failed { failure, .. } => {
                anyhow::bail!("{} cannot be judged: {}", record.key, failure.message)
            }
        };
        let body =
            if record.key.kind() == Kind::Tv { tmdb::seasons::split(&body)?.title } else { body };
        let (fresh, _) = records::record(record.key, &body, &record.asked, record.fetched_at)?;
        let steady = |record: &domain::Record| records::steady_hash(record.key, &record.body);
        Ok(Some(steady(&fresh) == steady(record)))
    }

    async fn dead(&self, verdict: &mut Verdict) -> anyhow::Result<()> {
        let archive = &self.stores().archive;
        for tombstone in archive.tombstones(usize::MAX).await? {
            let key = tombstone.key;
            if self.universe.is_alive(key.kind(), key.id(), self.day) {
                verdict.false_tombstones.push(key);
                continue;
            }
            verdict.buried += 1;
            if let Some(heir) = self.universe.merged_into(key.kind(), key.id()) {
                verdict.merged += 1;
                let named = tombstone.successor.map(|successor| successor.key.id());
                verdict.successors += u64::from(named == Some(heir));
            }
        }
        for kind in [Kind::Movie, Kind::Tv] {
            for id in archive.known(kind).await?.ids {
                let key = Key::new(kind, id, None, None)?;
                if self.universe.is_alive(kind, id, self.day)
                    || archive.tombstone(key).await?.is_some()
                {
                    continue;
                }
                let died = self.universe.died_on(kind, id).unwrap_or(0);
                if died + EXPORT_DAYS <= self.day {
                    verdict.unnoticed.push(key);
                }
            }
        }
        Ok(())
    }

    fn day_of(&self, at: Timestamp) -> u32 {
        let days = at.date().since(self.start).map_or(0, |span| span.get_days());
        u32::try_from(days).unwrap_or(0)
    }
}
