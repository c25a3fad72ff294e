//! Deltas: with the export before they make the next full one.

use std::collections::BTreeMap;

use domain::Kind;
use domain::archive::PurgeTerms;
use domain::deletion::{Evidence, Tombstone};
use serde_json::json;

use super::*;

/// The rows of every table, as text, in an order of their own.
type Rows = BTreeMap<Table, Vec<String>>;

impl Mirror {
    fn all(&self, name: &str, manifest: &Manifest) -> Rows {
        let rows = |table: Table| {
            let rows = self.rows(name, manifest, table);
            (table, rows.iter().map(Value::to_string).collect())
        };
        Table::CHOICE.into_iter().map(rows).collect()
    }

    /// Applies a delta as its manifest and `docs/exports.md` say.
    fn applied(&self, before: Rows, name: &str, delta: &Manifest) -> Rows {
        let id = |row: &Value| {
            let kind = row.get("kind").map_or(json!("person"), Clone::clone);
            (kind.to_string(), row["tmdb_id"].as_u64().unwrap())
        };
        let rows = |table| self.rows(name, delta, table);
        let mut touched: Vec<_> = rows(Table::Removed).iter().map(id).collect();
        touched.extend(rows(Table::Works).iter().map(id));
        touched.extend(rows(Table::People).iter().map(id));
        let removed: Vec<_> = rows(Table::Removed).iter().map(id).collect();
        let told = delta.delta.clone().unwrap();
        let from = told.series_from.unwrap().to_string();
        let oldest = told.series_oldest.map_or(String::new(), |day| day.to_string());
        let mut after = Rows::new();
        for (table, old) in before {
            let keep = |row: &String| {
                let row: Value = serde_json::from_str(row).unwrap();
                match table {
                    Table::ListEntries => false,
                    Table::Series => {
                        let day = row["day"].as_str().unwrap();
                        day < from.as_str()
                            && day >= oldest.as_str()
                            && !removed.contains(&id(&row))
                    }
                    _ => !touched.contains(&id(&row)),
                }
            };
            let mut rows_now: Vec<String> = old.into_iter().filter(keep).collect();
            rows_now.extend(rows(table).iter().map(Value::to_string));
            after.insert(table, rows_now);
        }
        after
    }

    /// Drops a movie from the archive, with its series.
    async fn bury(&self, id: u64) {
        let (key, since, evidence) = (Key::movie(id), day(2), Evidence::default());
        let tombstone = Tombstone { key, since, evidence, successor: None };
        self.archive.bury(&[tombstone]).await.unwrap();
        let terms = PurgeTerms { fetched_before: day(0), buried_before: day(3) };
        self.archive.purge(&terms, 10).await.unwrap();
    }

    async fn popularity(&self, days: u32, moved: &[(u64, f32)]) {
        self.archive.move_popularity(Kind::Movie, moved, day(days)).await.unwrap();
    }
}

fn sorted(mut rows: Rows) -> Rows {
    for rows in rows.values_mut() {
        rows.sort();
    }
    rows
}

async fn with_records(mirror: &Mirror, ids: std::ops::RangeInclusive<u64>) {
    let record = |id| {
        let json = format!(r#"{{"id":{id},"title":"Movie {id}","popularity":1.5}}"#);
        records::record(Key::movie(id), json.as_bytes(), "", day(0)).unwrap().0
    };
    mirror.archive.put(&ids.map(record).collect::<Vec<_>>()).await.unwrap();
}

/// A mirror of several days, and what happens in between.
async fn lived() -> Mirror {
    let mut mirror = Mirror::new(40, 10).await;
    mirror.entries = vec![entry("movie.popular", 1, 2), entry("movie.popular", 2, 1)];
    with_records(&mirror, 1..=40).await;
    mirror.popularity(0, &[(1, 5.0), (2, 6.0)]).await;
    mirror.popularity(2, &[(1, 50.0), (3, 60.0)]).await;
    mirror
}

#[tokio::test]
async fn a_full_export_and_a_delta_make_the_next_full_export() {
    let mut mirror = lived().await;
    let full = mirror.export("full", &plan(Format::Ndjson, 2)).await.unwrap();
    assert!(full.rows() > 900, "{full:?}");
    // Later on the day of the export too, a figure moves.
    mirror.popularity(2, &[(4, 70.0)]).await;
    mirror.popularity(3, &[(1, 500.0)]).await;
    for id in [3, 40, 41, 77] {
        mirror.movies.lock().unwrap().insert(id, day(3));
    }
    for id in [1, 17, 39] {
        mirror.movies.lock().unwrap().remove(&id);
        mirror.bury(id).await;
    }
    mirror.people.lock().unwrap().remove(&10);
    mirror.people.lock().unwrap().insert(4, day(3));
    mirror.entries = vec![entry("movie.popular", 1, 7)];
    let base = mirror.base("full").await;
    let delta = mirror.since("delta", &plan(Format::Ndjson, 4), Some(&base)).await.unwrap();
    let next = mirror.export("next", &plan(Format::Ndjson, 4)).await.unwrap();
    let works = mirror.rows("delta", &delta, Table::Works);
    let ids: Vec<_> = works.iter().map(|row| row["tmdb_id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [3, 40, 41, 77]);
    let removed = mirror.rows("delta", &delta, Table::Removed);
    let gone: Vec<_> = removed.iter().map(|row| format!("{}", row["tmdb_id"])).collect();
    assert_eq!(gone, ["1", "17", "39", "10"]);
    assert_eq!(delta.delta.as_ref().unwrap().since, full.version);

    let applied = sorted(mirror.applied(mirror.all("full", &full), "delta", &delta));
    let wanted = sorted(mirror.all("next", &next));
    // Of 37 that are left the day of their records, of two a later one.
    assert_eq!(wanted[&Table::Series].len(), 39);
    for table in Table::CHOICE {
        assert_eq!(applied[&table], wanted[&table], "{table}");
    }
    let keys = |name| mirror.read(name, crate::keys::NAME);
    assert_eq!(keys("delta"), keys("next"));
}

#[tokio::test]
async fn a_delta_can_follow_a_delta() {
    let mirror = lived().await;
    mirror.export("full", &plan(Format::Parquet, 2)).await.unwrap();
    mirror.movies.lock().unwrap().insert(50, day(3));
    let base = mirror.base("full").await;
    mirror.since("one", &plan(Format::Parquet, 4), Some(&base)).await.unwrap();
    mirror.movies.lock().unwrap().remove(&50);
    mirror.movies.lock().unwrap().insert(51, day(5));
    let base = mirror.base("one").await;
    let two = mirror.since("two", &plan(Format::Ndjson, 6), Some(&base)).await.unwrap();
    let id = |table| mirror.rows("two", &two, table)[0]["tmdb_id"].clone();
    assert_eq!((id(Table::Works), id(Table::Removed)), (json!(51), json!(50)));
    assert_eq!(mirror.rows("two", &two, Table::Works).len(), 1);
}

#[tokio::test]
async fn a_delta_has_what_the_export_before_has() {
    let mirror = lived().await;
    let few =
        Plan { kinds: vec![Kind::Movie], tables: vec![Table::Videos], ..plan(Format::Ndjson, 2) };
    mirror.export("full", &few).await.unwrap();
    let base = mirror.base("full").await;
    let same = Plan { format: None, ..plan(Format::Ndjson, 3) };
    let delta = mirror.since("delta", &same, Some(&base)).await.unwrap();
    let tables: Vec<Table> = delta.tables.iter().map(|entry| entry.table).collect();
    assert_eq!(tables, [Table::Works, Table::Videos, Table::Removed]);
    assert_eq!((delta.kinds, delta.format), (vec![Kind::Movie], Format::Ndjson));
    for (plan, says) in [
        (
            Plan { kinds: vec![Kind::Tv], ..plan(Format::Ndjson, 3) },
            "the kinds of the export before",
        ),
        (Plan { tables: vec![Table::Credits], ..plan(Format::Ndjson, 3) }, "has no table credits"),
        (plan(Format::Protobuf, 3), "a delta of records"),
    ] {
        let error = refusal(mirror.since("x", &plan, Some(&base)).await);
        assert!(error.contains(says), "{error}");
    }
    let own = mirror.since("full", &same, Some(&base)).await;
    assert!(refusal(own).contains("a folder of its own"));
}

#[tokio::test]
async fn an_export_before_is_found_by_folder_manifest_and_version() {
    let mirror = lived().await;
    let full = mirror.export("full", &plan(Format::Ndjson, 2)).await.unwrap();
    mirror.export("other", &plan(Format::Ndjson, 3)).await.unwrap();
    std::fs::create_dir_all(mirror.folder.path().join("odd")).unwrap();
    std::fs::write(mirror.folder.path().join("odd/manifest.json"), "{}").unwrap();
    let target = mirror.place("delta");
    let folder = mirror.folder.path().join("full");
    let folder = folder.to_str().unwrap();
    for since in [folder, &format!("{folder}/manifest.json"), &full.version] {
        let base = Base::find(since, &target, &[]).await.unwrap();
        assert_eq!(base.manifest, full, "{since}");
    }
    for (since, says) in
        [("20200101T000000000Z", "no export of version"), ("/nowhere/at/all", "there is no export")]
    {
        let error = refusal(Base::find(since, &target, &[]).await);
        assert!(error.contains(says), "{error}");
    }
}

#[tokio::test]
async fn keys_that_are_not_those_of_the_manifest_are_refused() {
    let mirror = lived().await;
    mirror.export("full", &plan(Format::Ndjson, 2)).await.unwrap();
    std::fs::write(mirror.folder.path().join("full").join(crate::keys::NAME), "x").unwrap();
    let base = mirror.base("full").await;
    let error = refusal(mirror.since("delta", &plan(Format::Ndjson, 3), Some(&base)).await);
    assert!(error.contains("keys.tsv.zst"), "{error}");
}
