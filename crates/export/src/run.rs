//! One export, from the first page to the manifest.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;

use domain::{Archive, Catalog};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::build::{Builder, Lanes, lane};
use crate::error::ExportError;
use crate::keys::{self, Earlier, Keys};
use crate::manifest::{self, Delta, FileEntry, Manifest};
use crate::place::Place;
use crate::plan::{Base, Decided, Plan};
use crate::read::Reader;
use crate::sink::Sink;
use crate::table::Table;
use crate::write::{Shelf, is_ours, write};

/// A thread that writes, and the files it has written in the end.
type Writing = JoinHandle<Result<Vec<FileEntry>, ExportError>>;

/// Threads that compress and write.
const LANES: usize = 2;

/// What is read, and what packs are taken back into.
#[derive(Clone)]
pub struct Stores {
    pub archive: Arc<dyn Archive>,
    pub catalog: Arc<dyn Catalog>,
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores").finish_non_exhaustive()
    }
}

/// Writes an export, or a delta against another one, and returns its manifest.
///
/// `watch` is told how many rows there are by now. Dropped before its end, it
/// leaves files without a manifest, which the next export to the place replaces.
pub async fn export(
    stores: &Stores,
    place: &Place,
    plan: &Plan,
    base: Option<&Base>,
    watch: &(dyn Fn(u64) + Send + Sync),
) -> Result<Manifest, ExportError> {
    let decided = plan.decide(base.map(|base| &base.manifest))?;
    if base.is_some_and(|base| base.place.is_same(place)) {
        return Err(ExportError::Asked(format!(
            "{place} holds the export before; a delta needs a folder of its own"
        )));
    }
    let earlier = match base {
        Some(base) => Some(earlier(base).await?),
        None => None,
    };
    clear(place, plan.replace).await?;
    let mut manifest = Manifest::new(plan.now, &plan.made_by, decided.format, &decided.kinds);
    manifest.delta = match base {
        Some(base) => Some(delta(stores, &decided, &base.manifest).await?),
        None => None,
    };
    let mut tables = decided.tables.clone();
    if base.is_some() {
        tables.push(Table::Removed);
    }
    let stages = Stages { stores, place, plan, decided, tables: &tables, watch };
    stages.run(&mut manifest, earlier).await?;
    manifest.write(place).await?;
    Ok(manifest)
}

/// Makes room: what an interrupted export has left is deleted, a complete one only
/// where that is wanted, its manifest first.
async fn clear(place: &Place, replace: bool) -> Result<(), ExportError> {
    let names = place.names().await?;
    if names.iter().any(|name| name == manifest::NAME) {
        if !replace {
            return Err(ExportError::Asked(format!(
                "{place} holds a complete export already; choose another folder, or --replace it"
            )));
        }
        place.delete(manifest::NAME).await?;
    }
    for name in names.iter().filter(|name| is_ours(name)) {
        place.delete(name).await?;
    }
    place.sweep(is_ours).await
}

/// The keys of the export before, as its manifest says they are.
async fn earlier(base: &Base) -> Result<Earlier, ExportError> {
    let shown = base.place.shown(keys::NAME);
    let entry = base.manifest.files_of(Table::Keys).next();
    let missing = || ExportError::unreadable(&shown, "there is no such file");
    let bytes = base.place.read(keys::NAME).await?.ok_or_else(missing)?;
    if entry.is_none_or(|entry| entry.blake3 != blake3::hash(&bytes).to_hex().as_str()) {
        return Err(ExportError::unreadable(&shown, "it is not the file that its manifest names"));
    }
    Earlier::read(bytes)
}

async fn delta(
    stores: &Stores,
    decided: &Decided,
    before: &Manifest,
) -> Result<Delta, ExportError> {
    let has_series = decided.tables.contains(&Table::Series);
    let oldest = if has_series { stores.archive.series_after(None, 1).await? } else { vec![] };
    Ok(Delta {
        since: before.version.clone(),
        since_made_at: before.made_at,
        series_from: has_series.then(|| before.made_at.date()),
        series_oldest: oldest.first().map(|(_, point)| point.day),
    })
}

/// Reading, building and writing beside each other.
struct Stages<'a> {
    stores: &'a Stores,
    place: &'a Place,
    plan: &'a Plan,
    decided: Decided,
    tables: &'a [Table],
    watch: &'a (dyn Fn(u64) + Send + Sync),
}

impl Stages<'_> {
    async fn run(
        self,
        manifest: &mut Manifest,
        earlier: Option<Earlier>,
    ) -> Result<(), ExportError> {
        let shelf = Shelf {
            place: self.place.clone(),
            format: self.decided.format,
            plain: self.plan.plain,
            file_bytes: self.plan.file_bytes,
            runtime: Handle::current(),
        };
        let list = Sink::begin(self.place, Table::Keys, keys::NAME.to_owned(), &shelf.runtime);
        let keys = Keys::begin(list, earlier)?;
        let (lanes, writers) = self.writers(&shelf);
        let rows = Arc::new(AtomicU64::new(0));
        let (send, pages) = mpsc::channel(1);
        let too_old_before = self.plan.now - self.plan.kept;
        let builder =
            Builder::new(self.decided.clone(), keys, lanes, too_old_before, Arc::clone(&rows));
        let building = spawn_blocking(move || builder.run(pages));
        let watch = || (self.watch)(rows.load(Ordering::Relaxed));
        let series_from = manifest.delta.as_ref().and_then(|delta| delta.series_from);
        let (stores, decided) = (self.stores, &self.decided);
        let reader = Reader { stores, decided, series_from, send, watch: &watch };
        let read = reader.read().await;
        drop(reader);
        let built = join(building).await;
        let mut files: Vec<FileEntry> = vec![];
        // The stage that others wait for knows best what went wrong.
        for writer in writers {
            files.extend(join(writer).await?);
        }
        let built = built?;
        read?;
        watch();
        files.sort_by(|a, b| (a.table, &a.name).cmp(&(b.table, &b.name)));
        files.extend(built.keys);
        manifest.left_out_as_too_old = built.too_old;
        let tables = self.tables.iter().map(|table| (*table, built.oldest.get(table).copied()));
        manifest.fill(tables, files, self.plan.kept);
        Ok(())
    }

    fn writers(&self, shelf: &Shelf) -> (Lanes, Vec<Writing>) {
        let lanes = (0..LANES).map(|number| {
            let (send, loads) = sync_channel(1);
            let own = |table: &&Table| lane(**table, LANES) == number;
            let tables: Vec<Table> = self.tables.iter().filter(own).copied().collect();
            let shelf = shelf.clone();
            (send, spawn_blocking(move || write(&shelf, &tables, &loads)))
        });
        lanes.unzip()
    }
}

async fn join<T>(stage: JoinHandle<Result<T, ExportError>>) -> Result<T, ExportError> {
    stage.await.map_err(|error| ExportError::Broken(error.to_string()))?
}
