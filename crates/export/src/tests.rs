//! What holds of exports, by a mirror that is made up.

#[path = "../examples/files/made.rs"]
mod made;

mod deltas;
mod docs;
mod files;
mod packs;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::catalogue::{ListEntry, ListName, Person};
use domain::{Archive, Catalog, Key, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use crate::{Base, ExportError, Format, Manifest, Place, Plan, Stores, Table, export};
use made::{Made, movie};

const DAY: Duration = Duration::from_hours(24);

/// 2026-01-01, and so many days.
fn day(days: u32) -> Timestamp {
    Timestamp::from_millis(1_767_225_600_000) + DAY * days
}

type Ages = Arc<Mutex<BTreeMap<u64, Timestamp>>>;

/// A mirror that tests change, and a folder for its exports.
struct Mirror {
    folder: TempDir,
    /// When each was fetched.
    movies: Ages,
    people: Ages,
    entries: Vec<(ListName, ListEntry)>,
    archive: Arc<dyn Archive>,
}

impl Mirror {
    async fn new(movies: u64, people: u64) -> Self {
        let all = |last| Arc::new(Mutex::new((1..=last).map(|id| (id, day(0))).collect()));
        Self {
            folder: tempfile::tempdir().unwrap(),
            movies: all(movies),
            people: all(people),
            entries: vec![],
            archive: store::open("sqlite::memory:").await.unwrap().archive,
        }
    }

    fn catalog(&self) -> Arc<dyn Catalog> {
        let (movies, people) = (Arc::clone(&self.movies), Arc::clone(&self.people));
        let age = |ages: &Ages, id| ages.lock().unwrap().get(&id).copied();
        Arc::new(Made {
            movies: (10_000, Box::new(move |id| Some(movie(id, age(&movies, id)?)))),
            people: (10_000, Box::new(move |id| Some(person(id, age(&people, id)?)))),
            entries: self.entries.clone(),
        })
    }

    fn place(&self, name: &str) -> Place {
        Place::open(self.folder.path().join(name).to_str().unwrap(), &[]).unwrap()
    }

    async fn export(&self, name: &str, plan: &Plan) -> Result<Manifest, ExportError> {
        self.since(name, plan, None).await
    }

    async fn since(
        &self,
        name: &str,
        plan: &Plan,
        base: Option<&Base>,
    ) -> Result<Manifest, ExportError> {
        let stores = Stores { archive: Arc::clone(&self.archive), catalog: self.catalog() };
        export(&stores, &self.place(name), plan, base, &|_| ()).await
    }

    async fn base(&self, name: &str) -> Base {
        let place = self.place(name);
        let manifest = Manifest::read(&place).await.unwrap().unwrap();
        Base { place, manifest }
    }

    fn read(&self, name: &str, file: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name).join(file)).unwrap()
    }

    /// The rows of a table of an export as plain NDJSON.
    fn rows(&self, name: &str, manifest: &Manifest, table: Table) -> Vec<Value> {
        let files = manifest.files_of(table).map(|file| self.read(name, &file.name));
        let text = String::from_utf8(files.collect::<Vec<_>>().concat()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn plan(format: Format, days: u32) -> Plan {
    Plan {
        format: Some(format),
        kinds: vec![],
        tables: vec![],
        plain: true,
        file_bytes: 1 << 30,
        replace: false,
        now: day(days),
        kept: DAY * 180,
        made_by: "a test".to_owned(),
    }
}

fn person(id: u64, fetched_at: Timestamp) -> Person {
    Person {
        tmdb_id: id,
        name: format!("Person \"{id}\"\n"),
        also_known_as: vec![String::new(), "Änne".to_owned()],
        birthday: Some("1963-12-18".to_owned()),
        deathday: Some("unknown".to_owned()),
        last_refreshed_at: fetched_at,
        ..Person::default()
    }
}

fn entry(list: &str, rank: u32, id: u64) -> (ListName, ListEntry) {
    let name = ListName { list: list.to_owned(), region: String::new(), language: String::new() };
    (name, ListEntry { key: Key::movie(id), rank, seen_at: day(0) })
}

/// Why something was refused.
#[track_caller]
fn refusal<T: std::fmt::Debug>(done: Result<T, ExportError>) -> String {
    done.expect_err("it was not refused").to_string()
}
