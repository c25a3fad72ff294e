//! What every archive keeps to about versions, and about figures through time.

use domain::archive::{Changed, Put, Span};
use domain::outline::Figures;
use domain::record::ContentHash;
use domain::{Key, Kind, Record, Timestamp};

use super::{at, record};
use crate::Store;

const DAY: i64 = 86_400_000;
const KEY: &str = "movie/1";

fn key() -> Key {
    KEY.parse().unwrap()
}

/// A movie with a text that does not compress well, and figures.
fn movie(title: &str, popularity: f64, fetched_at: i64) -> Record {
    let noise: String =
        (0..40).map(|n| blake3::hash(format!("{n}").as_bytes()).to_hex().to_string()).collect();
    let json = format!(
        r#"{{"id": 1, "title": "{title}", "overview": "{noise}", "popularity": {popularity},
            "vote_average": 7.5, "vote_count": 10}}"#
    );
    record(key(), &json, fetched_at)
}

async fn put(store: &Store, record: &Record) -> Put {
    store.archive.put(std::slice::from_ref(record)).await.unwrap()[0]
}

async fn version(store: &Store, number: u32) -> Option<Record> {
    store.archive.version(key(), number).await.unwrap()
}

pub(super) async fn figures_alone_make_no_version(store: &Store) {
    assert_eq!(put(store, &movie("One", 1.0, 1)).await, Put::Created);
    let moved = movie("One", 2.0, 5);
    assert_eq!(put(store, &moved).await, Put::Figures);
    assert_eq!(store.archive.get(key()).await.unwrap(), Some(moved.clone()));
    let versions = store.archive.versions(key()).await.unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!((versions[0].valid_from, versions[0].fetched_at), (at(1), at(5)));
    assert_eq!(versions[0].body_bytes, moved.body.len() as u64);
    assert_eq!(store.archive.heads(&[key()]).await.unwrap()[0].unwrap().hash, moved.hash);
    assert_eq!(put(store, &moved).await, Put::Unchanged);
}

pub(super) async fn the_same_json_in_a_newer_schema_makes_no_version(store: &Store) {
    let newer = record(key(), r#"{"id": 1, "title": "One"}"#, 5);
    // As a schema wrote it that did not know titles yet: beside the known fields.
    let unknown = record(key(), r#"{"id": 1, "titlx": "One"}"#, 1);
    let place = unknown.body.windows(5).position(|bytes| bytes == b"titlx").unwrap();
    let mut body = unknown.body.to_vec();
    body[place + 4] = b'e';
    let hash = ContentHash(*blake3::hash(&body).as_bytes());
    let older = Record { schema_version: 0, body: body.into(), hash, ..unknown };
    assert_ne!(older.hash, newer.hash);
    assert_eq!(put(store, &older).await, Put::Created);
    assert_eq!(put(store, &newer).await, Put::Figures);
    let versions = store.archive.versions(key()).await.unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!(versions[0].schema_version, newer.schema_version);
}

pub(super) async fn figures_leave_earlier_versions_as_they_were(store: &Store) {
    let (one, two) = (movie("One", 1.0, 1), movie("Uno", 1.0, 2));
    for record in [&one, &two] {
        put(store, record).await;
    }
    for round in 3..6_i32 {
        let moved = movie("Uno", f64::from(round), round.into());
        assert_eq!(put(store, &moved).await, Put::Figures);
        assert_eq!(version(store, 1).await.as_ref(), Some(&one));
        assert_eq!(version(store, 2).await, Some(moved));
    }
}

pub(super) async fn every_version_comes_back_however_many(store: &Store) {
    let records: Vec<_> = (1..80).map(|n| movie(&format!("Title {n}"), 1.0, n)).collect();
    for record in &records {
        put(store, record).await;
    }
    for (number, record) in (1..).zip(&records) {
        assert_eq!(version(store, number).await.as_ref(), Some(record), "{number}");
    }
    // All but few versions cost what changed, not a body.
    let versions = store.archive.versions(key()).await.unwrap();
    let whole = versions.last().unwrap().stored_bytes;
    let small = versions.iter().filter(|version| version.stored_bytes * 4 < whole).count();
    assert!(small >= 75, "{small} of {} versions are small", versions.len());
}

pub(super) async fn versions_that_come_at_once_are_all_kept(store: &Store) {
    let titles = ["One", "Uno", "Uno", "Un"];
    let records: Vec<_> =
        (1_i32..).zip(titles).map(|(at, title)| movie(title, f64::from(at), at.into())).collect();
    let puts = store.archive.put(&records).await.unwrap();
    assert_eq!(puts, [Put::Created, Put::Changed(2), Put::Figures, Put::Changed(3)]);
    for (number, record) in [(1, 0), (2, 2), (3, 3)] {
        assert_eq!(version(store, number).await.as_ref(), Some(&records[record]));
    }
}

pub(super) async fn a_late_record_takes_nothing_back(store: &Store) {
    let newest = movie("Uno", 2.0, 9 * DAY);
    put(store, &newest).await;
    for late in [movie("One", 2.0, 5 * DAY), movie("Uno", 3.0, 5 * DAY)] {
        assert_eq!(put(store, &late).await, Put::Unchanged);
        assert_eq!(store.archive.get(key()).await.unwrap().as_ref(), Some(&newest));
    }
    assert_eq!(store.archive.versions(key()).await.unwrap().len(), 1);
    assert_eq!(store.archive.series(key()).await.unwrap().len(), 1);
    assert_eq!(store.archive.known(Kind::Movie).await.unwrap().popularity, [2.0]);
}

pub(super) async fn an_equal_record_of_a_newer_schema_is_of_that_schema(store: &Store) {
    put(store, &movie("One", 1.0, 1)).await;
    let again = movie("One", 1.0, 2);
    let schema_version = again.schema_version + 1;
    assert_eq!(put(store, &Record { schema_version, ..again }).await, Put::Unchanged);
    assert_eq!(store.archive.get(key()).await.unwrap().unwrap().schema_version, schema_version);
    let head = store.archive.heads(&[key()]).await.unwrap()[0].unwrap();
    assert_eq!(head.schema_version, schema_version);
}

pub(super) async fn an_instant_has_the_version_that_was_valid(store: &Store) {
    let (one, two) = (movie("One", 1.0, 10), movie("Uno", 1.0, 20));
    for record in [&one, &two] {
        put(store, record).await;
    }
    let as_of = async |millis| store.archive.as_of(key(), at(millis)).await.unwrap();
    assert_eq!(as_of(9).await, None);
    assert_eq!(as_of(10).await.as_ref(), Some(&one));
    assert_eq!(as_of(19).await, Some(one));
    assert_eq!(as_of(20).await.as_ref(), Some(&two));
    assert_eq!(as_of(99).await, Some(two));
    assert_eq!(store.archive.as_of(Key::movie(2), at(99)).await.unwrap(), None);
}

/// The days of a series, counted from 1970, and its popularities.
async fn series(store: &Store, key: Key) -> Vec<(i64, Option<f64>)> {
    let points = store.archive.series(key).await.unwrap();
    let day = |millis| at(millis).date();
    let number = |wanted| (0..99).find(|number| day(number * DAY) == wanted).unwrap();
    points.iter().map(|point| (number(point.day), point.figures.popularity)).collect()
}

pub(super) async fn a_series_has_a_point_for_each_day_that_moved(store: &Store) {
    assert!(store.archive.series(key()).await.unwrap().is_empty());
    for (popularity, millis) in
        [(1.25, DAY), (1.5, 2 * DAY), (1.75, 2 * DAY + 9), (1.75, 3 * DAY), (2.5, 40 * DAY)]
    {
        put(store, &movie("One", popularity, millis)).await;
    }
    let wanted = [(1, Some(1.25)), (2, Some(1.75)), (40, Some(2.5))];
    assert_eq!(series(store, key()).await, wanted);
    let points = store.archive.series(key()).await.unwrap();
    let figures = Figures { popularity: Some(1.25), vote_average: Some(7.5), vote_count: Some(10) };
    assert_eq!(points[0].figures, figures);
}

pub(super) async fn neighbours_have_series_of_their_own(store: &Store) {
    let keys = [Key::movie(64), Key::movie(65), Key::tv(64), Key::episode(64, 1, 2)];
    for (number, key) in (1_i32..).zip(keys) {
        let json = format!(r#"{{"popularity": {number}, "vote_average": {number}}}"#);
        store.archive.put(&[record(key, &json, DAY)]).await.unwrap();
    }
    for (number, key) in (1_i32..).zip(keys) {
        let points = store.archive.series(key).await.unwrap();
        assert_eq!(points.len(), 1, "{key}");
        assert_eq!(points[0].figures.vote_average, Some(f64::from(number)), "{key}");
    }
    assert!(store.archive.series(Key::season(64, 1)).await.unwrap().is_empty());
}

pub(super) async fn series_of_all_keys_are_read_day_by_day(store: &Store) {
    let keys = [
        Key::movie(1),
        Key::movie(63),
        Key::movie(64),
        Key::tv(1),
        Key::season(1, 0),
        Key::season(1, 1),
        Key::episode(1, 0, 7),
        Key::person(1),
    ];
    let mut wanted = vec![];
    for day in [1_i32, 2, 9] {
        for key in keys.into_iter().skip(if day < 9 { 0 } else { 3 }) {
            let json = format!(r#"{{"popularity": {day}, "vote_average": {day}}}"#);
            store.archive.put(&[record(key, &json, i64::from(day) * DAY)]).await.unwrap();
            wanted.push((at(i64::from(day) * DAY).date(), key));
        }
    }
    for limit in [1, 3, 99] {
        let (mut read, mut after) = (vec![], None);
        loop {
            let page = store.archive.series_after(after, limit).await.unwrap();
            read.extend(page.iter().map(|(key, point)| (point.day, *key)));
            after = read.last().copied();
            if page.len() < limit {
                break;
            }
        }
        assert_eq!(read, wanted, "{limit}");
    }
    // From the middle of a block on.
    let rest = store.archive.series_after(Some(wanted[0]), 99).await.unwrap();
    assert_eq!(rest.len(), wanted.len() - 1);
    let (key, point) = rest[0];
    assert_eq!(store.archive.series(key).await.unwrap()[0], point);
}

async fn moved(store: &Store, popularity: f32, now: Timestamp) {
    let moved = [(1, popularity), (2, 9.0)];
    store.archive.move_popularity(Kind::Movie, &moved, now).await.unwrap();
}

pub(super) async fn an_export_moves_popularity_and_the_series(store: &Store) {
    put(store, &movie("One", 1.25, DAY)).await;
    put(store, &movie("One", 1.25, DAY)).await;
    moved(store, 6.2, at(2 * DAY)).await;
    moved(store, 6.2, at(3 * DAY)).await;
    moved(store, f32::NAN, at(4 * DAY)).await;
    let known = store.archive.known(Kind::Movie).await.unwrap();
    assert_eq!((known.ids, known.popularity), (vec![1], vec![6.2]));
    assert_eq!(series(store, key()).await, [(1, Some(1.25)), (2, Some(6.2))]);
    // The day's point keeps what an export does not know.
    moved(store, 12.0, at(DAY)).await;
    let points = store.archive.series(key()).await.unwrap();
    assert_eq!(points[0].figures.popularity, Some(12.0));
    assert_eq!(points[0].figures.vote_count, Some(10));
    assert!(store.archive.series(Key::movie(2)).await.unwrap().is_empty());
}

pub(super) async fn small_moves_are_charted_once_a_week(store: &Store) {
    put(store, &movie("One", 100.0, DAY)).await;
    for day in 2..30_i16 {
        moved(store, 100.0 + f32::from(day), at(i64::from(day) * DAY)).await;
    }
    assert_eq!(store.archive.series(key()).await.unwrap().len(), 1 + 4);
    assert_eq!(store.archive.known(Kind::Movie).await.unwrap().popularity, [129.0]);
}

pub(super) async fn known_ids_ascend(store: &Store) {
    for id in [9, 3, 70] {
        store.archive.put(&[record(Key::movie(id), r#"{"popularity": 1.5}"#, 1)]).await.unwrap();
    }
    store.archive.put(&[record(Key::tv(5), r#"{"name": "A"}"#, 1)]).await.unwrap();
    store.archive.put(&[record(Key::season(5, 1), r#"{"name": "A"}"#, 1)]).await.unwrap();
    let known = store.archive.known(Kind::Movie).await.unwrap();
    assert_eq!((known.ids, known.popularity), (vec![3, 9, 70], vec![1.5; 3]));
    let known = store.archive.known(Kind::Tv).await.unwrap();
    assert_eq!((known.ids, known.popularity), (vec![5], vec![0.0]));
    assert!(store.archive.known(Kind::Season).await.unwrap().ids.is_empty());
}

pub(super) async fn what_changed_is_listed_by_its_span(store: &Store) {
    let body = |id: u64, title: &str, millis| {
        record(Key::movie(id), &format!(r#"{{"id": {id}, "title": "{title}"}}"#), millis)
    };
    for record in [body(3, "a", 10), body(1, "a", 20), body(3, "b", 30), body(2, "a", 30)] {
        put(store, &record).await;
    }
    // It was seen again, and had not changed.
    put(store, &body(1, "a", 40)).await;
    put(store, &record(Key::tv(9), r#"{"id": 9}"#, 20)).await;
    let changed = async |kind, from, until, skip, limit| {
        let span = Span { kind, from: at(from), until: at(until), skip, limit };
        let Changed { ids, total } = store.archive.changed(&span).await.unwrap();
        (ids, total)
    };
    assert_eq!(changed(Kind::Movie, 10, 31, 0, 9).await, (vec![1, 2, 3], 3));
    assert_eq!(changed(Kind::Movie, 20, 30, 0, 9).await, (vec![1], 1));
    assert_eq!(changed(Kind::Movie, 10, 31, 1, 1).await, (vec![2], 3));
    assert_eq!(changed(Kind::Movie, 31, 99, 0, 9).await, (vec![], 0));
    assert_eq!(changed(Kind::Tv, 0, 99, 0, 9).await, (vec![9], 1));
    assert_eq!(store.archive.highest(Kind::Movie).await.unwrap(), Some(3));
    assert_eq!(store.archive.highest(Kind::Person).await.unwrap(), None);
}
