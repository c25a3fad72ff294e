//! The first stage: pages of what the ports have.

use domain::archive::Scan;
use domain::catalogue::{ListEntry, ListName, Person, Work};
use domain::key::MAX_ID;
use domain::outline::SeriesPoint;
use domain::{Key, Kind, Record};
use jiff::ToSpan;
use jiff::civil::Date;
use tokio::sync::mpsc;

use crate::error::ExportError;
use crate::plan::Decided;
use crate::run::Stores;
use crate::table::Table;

/// What is read in one go.
pub(crate) enum Page {
    Works(Vec<Work>),
    People(Vec<Person>),
    Series(Vec<(Key, SeriesPoint)>),
    Entries(Vec<(ListName, ListEntry)>),
    Records(Vec<Record>),
}

/// Pages weigh some megabytes each.
const WORKS: usize = 250;
const PEOPLE: usize = 1_000;
const POINTS: usize = 20_000;
const ENTRIES: usize = 5_000;
const RECORDS: usize = 250;

/// Reads what an export holds, and sends it on in the order of keys.
pub(crate) struct Reader<'a> {
    pub(crate) stores: &'a Stores,
    pub(crate) decided: &'a Decided,
    /// The first day of the series that is wanted.
    pub(crate) series_from: Option<Date>,
    pub(crate) send: mpsc::Sender<Page>,
    pub(crate) watch: &'a (dyn Fn() + Send + Sync),
}

impl Reader<'_> {
    pub(crate) async fn read(&self) -> Result<(), ExportError> {
        let Decided { kinds, tables, .. } = self.decided;
        if tables.contains(&Table::Records) {
            for kind in kinds {
                self.records(*kind).await?;
            }
            return Ok(());
        }
        // Titles and people are read whatever tables are wanted: their keys tell a
        // later delta what is gone.
        if kinds.iter().any(|kind| kind.is_title()) {
            self.works().await?;
        }
        if kinds.contains(&Kind::Person) {
            self.people().await?;
        }
        if tables.contains(&Table::Series) {
            self.series().await?;
        }
        if tables.contains(&Table::ListEntries) {
            self.entries().await?;
        }
        Ok(())
    }

    async fn hand_on(&self, page: Page) -> Result<(), ExportError> {
        let sent = self.send.send(page).await;
        (self.watch)();
        sent.ok().ok_or_else(|| ExportError::Broken("nobody takes what is read".to_owned()))
    }

    async fn works(&self) -> Result<(), ExportError> {
        let has = |kind| self.decided.kinds.contains(&kind);
        // Movies come before shows.
        let last_movie = Key::new(Kind::Movie, MAX_ID, None, None).ok();
        let mut after = if has(Kind::Movie) { None } else { last_movie };
        loop {
            let mut works = self.stores.catalog.works_after(after, WORKS).await?;
            let read = works.len();
            after = works.last().and_then(key_of);
            if !has(Kind::Tv) {
                works.retain(|work| work.row.kind == Kind::Movie.as_str());
            }
            let is_end = read < WORKS || works.len() < read || after.is_none();
            self.hand_on(Page::Works(works)).await?;
            if is_end {
                return Ok(());
            }
        }
    }

    async fn people(&self) -> Result<(), ExportError> {
        let mut after = None;
        loop {
            let people = self.stores.catalog.people_after(after, PEOPLE).await?;
            let is_end = people.len() < PEOPLE;
            after = people.last().map(|person| person.tmdb_id);
            self.hand_on(Page::People(people)).await?;
            if is_end {
                return Ok(());
            }
        }
    }

    async fn series(&self) -> Result<(), ExportError> {
        let mut after = self.series_from.and_then(before);
        loop {
            let points = self.stores.archive.series_after(after, POINTS).await?;
            let is_end = points.len() < POINTS;
            after = points.last().map(|(key, point)| (point.day, *key));
            self.hand_on(Page::Series(points)).await?;
            if is_end {
                return Ok(());
            }
        }
    }

    async fn entries(&self) -> Result<(), ExportError> {
        let mut after = None;
        loop {
            let entries = self.stores.catalog.entries_after(after, ENTRIES).await?;
            let is_end = entries.len() < ENTRIES;
            after = entries.last().map(|(name, entry)| (name.clone(), entry.rank));
            self.hand_on(Page::Entries(entries)).await?;
            if is_end {
                return Ok(());
            }
        }
    }

    async fn records(&self, kind: Kind) -> Result<(), ExportError> {
        let mut after = None;
        loop {
            let scan = Scan { kind: Some(kind), after, limit: RECORDS };
            let records = self.stores.archive.scan(scan).await?;
            let is_end = records.len() < RECORDS;
            after = records.last().map(|record| record.key);
            self.hand_on(Page::Records(records)).await?;
            if is_end {
                return Ok(());
            }
        }
    }
}

pub(crate) fn key_of(work: &Work) -> Option<Key> {
    Key::new(work.row.kind.parse().ok()?, work.row.tmdb_id, None, None).ok()
}

/// Where to go on so that a day is read from its start: behind the last key
/// that the day before can have.
fn before(day: Date) -> Option<(Date, Key)> {
    let last = Key::new(Kind::Keyword, MAX_ID, None, None).ok()?;
    Some((day.checked_sub(1.day()).ok()?, last))
}
