//! The second stage: pages become rows, rows become loads of their tables.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;

use domain::catalogue::{CountryProviders, ListEntry, ListName, Person, Work};
use domain::outline::SeriesPoint;
use domain::{Key, Record, Timestamp};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use crate::batch::Batch;
use crate::column::Sheet;
use crate::encode::Load;
use crate::error::ExportError;
use crate::keys::Keys;
use crate::manifest::FileEntry;
use crate::pack;
use crate::plan::Decided;
use crate::read::{Page, key_of};
use crate::sheets::credits::{Credit, Credits, Part};
use crate::sheets::lists::ListEntries;
use crate::sheets::parts::{Of, Offer, Providers, Ratings, Similar, Videos};
use crate::sheets::people::People;
use crate::sheets::removed::Removed;
use crate::sheets::series::Series;
use crate::sheets::works::Works;
use crate::table::Table;

/// Records are written once they weigh so much.
const PACK_LOAD: usize = 1 << 20;

/// Where the loads of tables go.
pub(crate) type Lanes = Vec<SyncSender<(Table, Load)>>;

pub(crate) struct Builder {
    decided: Decided,
    batches: BTreeMap<Table, Batch>,
    pack: (Vec<u8>, u64),
    keys: Keys,
    gone: Vec<Key>,
    lanes: Lanes,
    /// What was fetched before is not written: the terms let nobody keep it.
    too_old_before: Timestamp,
    built: Built,
    rows: Arc<AtomicU64>,
}

/// What there is to say of all rows.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) oldest: BTreeMap<Table, Timestamp>,
    pub(crate) too_old: u64,
    pub(crate) keys: Option<FileEntry>,
}

/// Which lane a table's loads take: the large ones beside each other.
pub(crate) fn lane(table: Table, lanes: usize) -> usize {
    let number = usize::from(matches!(
        table,
        Table::Credits | Table::Providers | Table::Videos | Table::Series
    ));
    number % lanes
}

impl Builder {
    pub(crate) fn new(
        decided: Decided,
        keys: Keys,
        lanes: Lanes,
        too_old_before: Timestamp,
        rows: Arc<AtomicU64>,
    ) -> Self {
        let own = |table: &&Table| !matches!(table, Table::Records | Table::Keys);
        let batches = decided.tables.iter().chain(&[Table::Removed]).filter(own);
        Self {
            batches: batches.map(|table| (*table, Batch::new(*table))).collect(),
            decided,
            pack: (vec![], 0),
            keys,
            gone: vec![],
            lanes,
            too_old_before,
            built: Built::default(),
            rows,
        }
    }

    /// Builds until no page comes any more.
    pub(crate) fn run(mut self, mut pages: mpsc::Receiver<Page>) -> Result<Built, ExportError> {
        while let Some(page) = pages.blocking_recv() {
            match page {
                Page::Works(works) => works.iter().try_for_each(|work| self.work(work))?,
                Page::People(people) => people.iter().try_for_each(|it| self.person(it))?,
                Page::Series(points) => points.iter().try_for_each(|it| self.point(it))?,
                Page::Entries(entries) => entries.iter().try_for_each(|it| self.entry(it))?,
                Page::Records(records) => records.iter().try_for_each(|it| self.record(it))?,
            }
        }
        self.built.keys = Some(self.keys.finish(&mut self.gone)?);
        for key in std::mem::take(&mut self.gone) {
            add::<Removed>(&mut self.batches, &self.lanes, Table::Removed, key)?;
        }
        let (bytes, records) = self.pack;
        if records > 0 {
            send(&self.lanes, Table::Records, Load::Records { bytes, records })?;
        }
        for (table, batch) in self.batches {
            if batch.rows > 0 {
                send(&self.lanes, table, Load::Rows(batch))?;
            }
        }
        Ok(self.built)
    }

    fn add<S: Sheet>(&mut self, table: Table, row: S::Row<'_>) -> Result<(), ExportError> {
        if add::<S>(&mut self.batches, &self.lanes, table, row)? {
            self.rows.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether something may still be kept; where it may, its age counts.
    fn is_lawful(&mut self, fetched_at: Timestamp, tables: fn(Table) -> bool) -> bool {
        if fetched_at < self.too_old_before {
            self.built.too_old += 1;
            return false;
        }
        for table in self.decided.tables.iter().filter(|table| tables(**table)) {
            let oldest = self.built.oldest.entry(*table).or_insert(fetched_at);
            *oldest = fetched_at.min(*oldest);
        }
        true
    }

    fn work(&mut self, work: &Work) -> Result<(), ExportError> {
        let Some(key) = key_of(work) else { return Ok(()) };
        let fetched_at = work.row.last_refreshed_at;
        // Ratings come from elsewhere too, whenever they are imported.
        let rated_at = work.ratings.iter().map(|rating| rating.last_seen_at).max();
        let stamp = rated_at.map_or(fetched_at, |rated_at| rated_at.max(fetched_at));
        if fetched_at < self.too_old_before {
            self.built.too_old += 1;
            return Ok(());
        }
        if !self.keys.meet(key, stamp, &mut self.gone)? {
            return Ok(());
        }
        self.is_lawful(fetched_at, Table::is_of_titles);
        self.add::<Works>(Table::Works, work)?;
        let row = &work.row;
        for member in &work.cast {
            self.add::<Credits>(Table::Credits, Credit { work: row, part: Part::Cast(member) })?;
        }
        for member in &work.crew {
            self.add::<Credits>(Table::Credits, Credit { work: row, part: Part::Crew(member) })?;
        }
        for it in &work.ratings {
            self.add::<Ratings>(Table::Ratings, Of { work: row, it })?;
        }
        for it in work.providers.iter().flat_map(offers) {
            self.add::<Providers>(Table::Providers, Of { work: row, it })?;
        }
        for it in &work.trailers {
            self.add::<Videos>(Table::Videos, Of { work: row, it })?;
        }
        for it in &work.similar {
            self.add::<Similar>(Table::Similar, Of { work: row, it })?;
        }
        Ok(())
    }

    fn person(&mut self, person: &Person) -> Result<(), ExportError> {
        let fetched_at = person.last_refreshed_at;
        if fetched_at < self.too_old_before {
            self.built.too_old += 1;
            return Ok(());
        }
        if self.keys.meet(Key::person(person.tmdb_id), fetched_at, &mut self.gone)? {
            self.is_lawful(fetched_at, |table| table == Table::People);
            self.add::<People>(Table::People, person)?;
        }
        Ok(())
    }

    fn point(&mut self, point: &(Key, SeriesPoint)) -> Result<(), ExportError> {
        if !self.decided.kinds.contains(&point.0.kind()) {
            return Ok(());
        }
        let midnight = point.1.day.to_zoned(TimeZone::UTC);
        let read_at = midnight.map_or(Timestamp::default(), |at| at.timestamp().into());
        if self.is_lawful(read_at, |table| table == Table::Series) {
            self.add::<Series>(Table::Series, point)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: &(ListName, ListEntry)) -> Result<(), ExportError> {
        let is_wanted = self.decided.kinds.contains(&entry.1.key.kind());
        if is_wanted && self.is_lawful(entry.1.seen_at, |table| table == Table::ListEntries) {
            self.add::<ListEntries>(Table::ListEntries, entry)?;
        }
        Ok(())
    }

    fn record(&mut self, record: &Record) -> Result<(), ExportError> {
        if record.fetched_at < self.too_old_before {
            self.built.too_old += 1;
            return Ok(());
        }
        if !self.keys.meet(record.key, record.fetched_at, &mut self.gone)? {
            return Ok(());
        }
        self.is_lawful(record.fetched_at, |table| table == Table::Records);
        pack::write(record, &mut self.pack.0);
        self.pack.1 += 1;
        self.rows.fetch_add(1, Ordering::Relaxed);
        if self.pack.0.len() >= PACK_LOAD {
            let (bytes, records) = std::mem::take(&mut self.pack);
            send(&self.lanes, Table::Records, Load::Records { bytes, records })?;
        }
        Ok(())
    }
}

/// Adds a row to its table, where the table is wanted. Returns whether it is.
fn add<S: Sheet>(
    batches: &mut BTreeMap<Table, Batch>,
    lanes: &Lanes,
    table: Table,
    row: S::Row<'_>,
) -> Result<bool, ExportError> {
    let Some(batch) = batches.get_mut(&table) else { return Ok(false) };
    batch.push::<S>(row);
    if batch.is_full() {
        let full = std::mem::replace(batch, Batch::new(table));
        send(lanes, table, Load::Rows(full))?;
    }
    Ok(true)
}

fn send(lanes: &Lanes, table: Table, load: Load) -> Result<(), ExportError> {
    let sent = lanes[lane(table, lanes.len())].send((table, load));
    sent.ok().ok_or_else(|| ExportError::Broken("nobody writes what is built".to_owned()))
}

fn offers(country: &CountryProviders) -> impl Iterator<Item = Offer<'_>> {
    let ways = [
        ("flatrate", &country.flatrate),
        ("rent", &country.rent),
        ("buy", &country.buy),
        ("free", &country.free),
        ("ads", &country.ads),
    ];
    ways.into_iter().flat_map(move |(way, providers)| {
        providers.iter().map(move |provider| Offer { country: &country.country, way, provider })
    })
}
