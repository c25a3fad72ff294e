//! Packs of records, there and back.

use domain::archive::Scan;
use domain::deletion::{Evidence, Tombstone};
use domain::{Kind, Record};

use super::*;
use crate::{ImportPlan, Imported, import};

async fn empty() -> Stores {
    let store = store::open("sqlite::memory:").await.unwrap();
    Stores { archive: store.archive, catalog: store.catalog }
}

fn record(key: Key, json: &str, days: u32) -> Record {
    records::record(key, json.as_bytes(), "some/path?x=y", day(days)).unwrap().0
}

async fn filled() -> Stores {
    let stores = empty().await;
    let mut all: Vec<Record> = (1..=30)
        .map(|id| record(Key::movie(id), &format!(r#"{{"id":{id},"title":"Movie {id}"}}"#), 1))
        .collect();
    all.push(record(Key::person(9), r#"{"id":9,"name":"Nine"}"#, 2));
    all.push(record(Key::season(3, 1), r#"{"id":77,"season_number":1,"unheard_of":[1]}"#, 2));
    stores.archive.put(&all).await.unwrap();
    stores.catalog.put(&all).await.unwrap();
    stores
}

async fn all(stores: &Stores) -> Vec<Record> {
    stores.archive.scan(Scan { kind: None, after: None, limit: 1_000 }).await.unwrap()
}

async fn packed(stores: &Stores, folder: &TempDir) -> (Place, Manifest) {
    let place = Place::open(folder.path().join("packs").to_str().unwrap(), &[]).unwrap();
    let manifest = export(stores, &place, &plan(Format::Protobuf, 3), None, &|_| ()).await.unwrap();
    (place, manifest)
}

async fn taken(stores: &Stores, place: &Place, days: u32) -> Imported {
    let plan = ImportPlan { now: day(days), kept: DAY * 180 };
    import(stores, place, None, plan, &|_| ()).await.unwrap()
}

#[tokio::test]
async fn packs_bring_every_record_back() {
    let (stores, folder) = (filled().await, tempfile::tempdir().unwrap());
    let (place, manifest) = packed(&stores, &folder).await;
    assert_eq!(manifest.tables[0].rows, 32);
    assert_eq!(manifest.kinds.len(), Kind::ALL.len());
    let fresh = empty().await;
    let imported = taken(&fresh, &place, 4).await;
    assert_eq!((imported.packs, imported.records, imported.created), (1, 32, 32));
    assert_eq!(all(&fresh).await, all(&stores).await);
    let work = fresh.catalog.work(Key::movie(5)).await.unwrap().unwrap();
    assert_eq!(work.row.title, "Movie 5");

    let again = taken(&fresh, &place, 4).await;
    assert_eq!((again.created, again.unchanged), (0, 32));
}

#[tokio::test]
async fn a_record_older_than_what_is_held_changes_nothing() {
    let (stores, folder) = (filled().await, tempfile::tempdir().unwrap());
    let (place, _) = packed(&stores, &folder).await;
    let fresh = empty().await;
    let newer = record(Key::movie(5), r#"{"id":5,"title":"Better"}"#, 3);
    let older = record(Key::movie(6), r#"{"id":6,"title":"Worse"}"#, 0);
    for stored in [&newer, &older] {
        fresh.archive.put(std::slice::from_ref(stored)).await.unwrap();
        fresh.catalog.put(std::slice::from_ref(stored)).await.unwrap();
    }
    let imported = taken(&fresh, &place, 4).await;
    assert_eq!((imported.created, imported.changed, imported.unchanged), (30, 1, 1));
    assert_eq!(fresh.archive.get(Key::movie(5)).await.unwrap(), Some(newer));
    let title = |work: Option<domain::catalogue::Work>| work.unwrap().row.title;
    assert_eq!(title(fresh.catalog.work(Key::movie(5)).await.unwrap()), "Better");
    assert_eq!(title(fresh.catalog.work(Key::movie(6)).await.unwrap()), "Movie 6");
}

#[tokio::test]
async fn what_must_not_be_kept_is_refused_and_counted() {
    let (stores, folder) = (filled().await, tempfile::tempdir().unwrap());
    let (place, _) = packed(&stores, &folder).await;
    let late = empty().await;
    let imported = taken(&late, &place, 182).await;
    assert_eq!((imported.too_old, imported.created), (30, 2), "{imported:?}");
    assert_eq!(all(&late).await.len(), 2);

    let slow = empty().await;
    let imported = taken(&slow, &place, 1).await;
    assert_eq!((imported.from_the_future, imported.created), (2, 30), "{imported:?}");

    let sure = empty().await;
    let buried = |id, days| Tombstone {
        key: Key::movie(id),
        since: day(days),
        evidence: Evidence::default(),
        successor: None,
    };
    sure.archive.bury(&[buried(1, 2), buried(2, 0)]).await.unwrap();
    let imported = taken(&sure, &place, 4).await;
    assert_eq!((imported.gone, imported.created), (1, 31), "{imported:?}");
    assert!(sure.archive.tombstone(Key::movie(1)).await.unwrap().is_some());
    assert!(sure.archive.get(Key::movie(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn nothing_is_taken_of_a_broken_pack_and_it_says_where_it_breaks() {
    let (stores, folder) = (filled().await, tempfile::tempdir().unwrap());
    let (place, manifest) = packed(&stores, &folder).await;
    let path = folder.path().join("packs").join(&manifest.files[0].name);
    let whole = std::fs::read(&path).unwrap();
    let content = zstd::decode_all(whole.as_slice()).unwrap();
    let first = 1 + usize::from(content[0]);
    // A bit of the second record's body, a length that is none, an end too soon, other bytes.
    let mut flipped = content.clone();
    let second_end = first + 1 + usize::from(content[first]);
    flipped[second_end - 1] ^= 1;
    let mut endless = content.clone();
    endless[first..first + 5].fill(0xff);
    let cut = content[..content.len() - 1].to_vec();
    for (content, says) in [
        (flipped, format!("at byte {first} of its content: the body of movie/2")),
        (endless, format!("at byte {first} of its content: there is no length")),
        (cut, "it ends within a record".to_owned()),
        (content[..first].to_vec(), "it is not the file that its manifest names".to_owned()),
    ] {
        std::fs::write(&path, zstd::encode_all(content.as_slice(), 3).unwrap()).unwrap();
        let fresh = empty().await;
        let imported = taken(&fresh, &place, 4).await;
        let [broken] = &imported.broken[..] else { panic!("{imported:?}") };
        assert!(broken.why.contains(&says), "{broken:?}");
        assert!(broken.file.ends_with("records-00000.pb.zst"), "{broken:?}");
        assert_eq!((imported.packs, imported.records), (0, 0));
        assert!(all(&fresh).await.is_empty());
    }
    std::fs::remove_file(&path).unwrap();
    assert!(taken(&empty().await, &place, 4).await.broken[0].why.contains("no such file"));
}

#[tokio::test]
async fn a_pack_can_be_taken_alone() {
    let (stores, folder) = (filled().await, tempfile::tempdir().unwrap());
    let (place, manifest) = packed(&stores, &folder).await;
    std::fs::remove_file(folder.path().join("packs/manifest.json")).unwrap();
    let plan = ImportPlan { now: day(4), kept: DAY * 180 };
    let fresh = empty().await;
    let error = import(&fresh, &place, None, plan, &|_| ()).await;
    assert!(refusal(error).contains("no manifest.json"));
    let name = Some(manifest.files[0].name.as_str());
    let imported = import(&fresh, &place, name, plan, &|_| ()).await.unwrap();
    assert_eq!(imported.created, 32);
}

#[tokio::test]
async fn tables_and_records_of_a_newer_program_are_refused() {
    let mirror = Mirror::new(1, 0).await;
    mirror.export("tables", &plan(Format::Ndjson, 1)).await.unwrap();
    let plan = ImportPlan { now: day(4), kept: DAY * 180 };
    let error = import(&empty().await, &mirror.place("tables"), None, plan, &|_| ()).await;
    assert!(refusal(error).contains("only exports with --format protobuf"));

    let stores = empty().await;
    let mut newer = record(Key::movie(1), r#"{"id":1}"#, 1);
    newer.schema_version = records::SCHEMA_VERSION + 1;
    stores.archive.put(&[newer]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (place, _) = packed(&stores, &folder).await;
    let imported = taken(&empty().await, &place, 4).await;
    assert!(imported.broken[0].why.contains("newer Cinemirror"), "{imported:?}");
}

#[tokio::test]
async fn a_delta_of_records_holds_what_was_fetched_since() {
    let (stores, folder) = (filled().await, tempfile::tempdir().unwrap());
    let (place, manifest) = packed(&stores, &folder).await;
    let newer = record(Key::movie(5), r#"{"id":5,"title":"Better"}"#, 3);
    stores.archive.put(&[newer]).await.unwrap();
    let base = Base { place, manifest };
    let target = Place::open(folder.path().join("delta").to_str().unwrap(), &[]).unwrap();
    let same = Plan { format: None, ..plan(Format::Protobuf, 4) };
    let delta = export(&stores, &target, &same, Some(&base), &|_| ()).await.unwrap();
    let rows: Vec<_> = delta.tables.iter().map(|entry| (entry.table, entry.rows)).collect();
    assert_eq!(rows, [(Table::Records, 1), (Table::Removed, 0)]);
}
