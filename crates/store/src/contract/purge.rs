//! What every archive keeps to about what may not be kept, and the proof of it.

use domain::archive::{PurgeTerms, Purged, Put, Scan};
use domain::deletion::{Evidence, Proof, Tombstone};
use domain::{Key, Kind, Record};

use super::{at, record};
use crate::Store;

const DAY: i64 = 86_400_000;

fn movie(id: u64, title: &str, fetched_at: i64) -> Record {
    let overview = "An overview of some length that can be compressed. ".repeat(9);
    let json = format!(
        r#"{{"id": {id}, "title": "{title}", "overview": "{overview}", "popularity": {fetched_at}}}"#
    );
    record(Key::movie(id), &json, fetched_at)
}

fn terms(fetched_before: i64, buried_before: i64) -> PurgeTerms {
    PurgeTerms { fetched_before: at(fetched_before), buried_before: at(buried_before) }
}

async fn put(store: &Store, records: &[Record]) -> Vec<Put> {
    store.archive.put(records).await.unwrap()
}

/// Purges until nothing is left to drop. Returns all together.
async fn purge(store: &Store, terms: PurgeTerms, limit: usize) -> Purged {
    let mut all = Purged::default();
    while !all.is_end {
        let purged = store.archive.purge(&terms, limit).await.unwrap();
        assert!(purged.keys.len() <= limit);
        all.keys.extend(purged.keys);
        all.versions += purged.versions;
        all.series_points += purged.series_points;
        all.is_end = purged.is_end;
    }
    all
}

pub(super) async fn what_is_too_old_goes_and_the_rest_stays_readable(store: &Store) {
    let key = Key::movie(1);
    let records: Vec<_> = (1..60).map(|n| movie(1, &format!("Title {n}"), n * 10)).collect();
    for record in &records {
        put(store, std::slice::from_ref(record)).await;
    }
    for cut in [5, 10, 15, 200, 405, 580] {
        purge(store, terms(cut, 0), 9).await;
        for (number, record) in (1..).zip(&records) {
            let is_left = record.fetched_at >= at(cut);
            let found = store.archive.version(key, number).await.unwrap();
            assert_eq!(found.as_ref(), Some(record).filter(|_| is_left), "{number} after {cut}");
        }
    }
    assert_eq!(store.archive.get(key).await.unwrap().as_ref(), records.last());
    // Numbers go on where they were.
    assert_eq!(put(store, &[movie(1, "The last", 9_000)]).await, [Put::Changed(60)]);
}

pub(super) async fn a_version_lives_from_the_last_time_it_was_seen(store: &Store) {
    put(store, &[movie(1, "One", 10), movie(1, "One", 90), movie(2, "Two", 10)]).await;
    let purged = purge(store, terms(50, 0), 9).await;
    assert_eq!((purged.keys, purged.versions), (vec![Key::movie(2)], 1));
    assert!(store.archive.get(Key::movie(1)).await.unwrap().is_some());
}

pub(super) async fn nothing_is_left_of_a_key_that_is_too_old(store: &Store) {
    put(store, &[movie(1, "One", DAY), movie(1, "Uno", 2 * DAY), movie(2, "Two", 9 * DAY)]).await;
    store.archive.move_popularity(Kind::Movie, &[(1, 9.0)], at(8 * DAY)).await.unwrap();
    let purged = purge(store, terms(5 * DAY, 0), 9).await;
    assert_eq!((purged.keys, purged.versions, purged.series_points), (vec![Key::movie(1)], 2, 3));
    let gone = Key::movie(1);
    assert_eq!(store.archive.get(gone).await.unwrap(), None);
    assert_eq!(store.archive.heads(&[gone]).await.unwrap(), [None]);
    assert!(store.archive.versions(gone).await.unwrap().is_empty());
    assert!(store.archive.series(gone).await.unwrap().is_empty());
    let left = Scan { kind: None, after: None, limit: 9 };
    assert_eq!(store.archive.scan(left).await.unwrap().len(), 1);
    assert_eq!(put(store, &[movie(1, "One", 9 * DAY)]).await, [Put::Created]);
}

pub(super) async fn points_of_days_that_began_too_early_go(store: &Store) {
    for day in 1..9 {
        put(store, &[movie(1, "One", day * DAY)]).await;
    }
    let purged = purge(store, terms(5 * DAY, 0), 9).await;
    assert_eq!((purged.series_points, purged.versions), (4, 0));
    let purged = purge(store, terms(5 * DAY + 1, 0), 9).await;
    assert_eq!(purged.series_points, 1);
    let left = store.archive.series(Key::movie(1)).await.unwrap();
    assert_eq!((left.len(), left[0].day), (3, at(6 * DAY).date()));
}

fn tombstone(key: Key, since: i64) -> Tombstone {
    Tombstone { key, since: at(since), evidence: Evidence::default(), successor: None }
}

pub(super) async fn a_buried_key_keeps_its_tombstone_alone(store: &Store) {
    put(store, &[1, 2, 3].map(|id| movie(id, "One", 90 * DAY))).await;
    let tombstones = [(1, 10), (2, 20)].map(|(id, since)| tombstone(Key::movie(id), since));
    store.archive.bury(&tombstones).await.unwrap();
    let purged = purge(store, terms(0, 15), 9).await;
    assert_eq!((purged.keys, purged.versions, purged.series_points), (vec![Key::movie(1)], 1, 1));
    assert_eq!(store.archive.get(Key::movie(1)).await.unwrap(), None);
    assert_eq!(store.archive.tombstone(Key::movie(1)).await.unwrap().as_ref(), tombstones.first());
    assert!(store.archive.get(Key::movie(2)).await.unwrap().is_some());
    assert_eq!(purge(store, terms(0, 15), 9).await.keys, []);
    // A title that came back is no longer under a tombstone.
    put(store, &[movie(2, "One", 91 * DAY)]).await;
    assert_eq!(purge(store, terms(0, 99), 9).await.keys, []);
}

pub(super) async fn a_buried_show_takes_its_seasons_along(store: &Store) {
    let parts = [Key::season(1, 0), Key::season(1, 1), Key::episode(1, 1, 2)];
    let others = [Key::tv(2), Key::season(2, 1), Key::movie(1)];
    for key in [Key::tv(1)].iter().chain(&parts).chain(&others) {
        put(store, &[record(*key, r#"{"id": 1}"#, 90 * DAY)]).await;
    }
    store.archive.bury(&[tombstone(Key::tv(1), 10)]).await.unwrap();
    let mut purged = purge(store, terms(0, 15), 9).await.keys;
    purged.sort_unstable();
    assert_eq!(purged, [&[Key::tv(1)], &parts[..]].concat());
    assert!(store.archive.heads(&others).await.unwrap().iter().all(Option::is_some));
}

pub(super) async fn a_purge_takes_no_more_than_its_limit(store: &Store) {
    let records: Vec<_> = (1..24).map(|id| movie(id, "One", 10)).collect();
    put(store, &records).await;
    let first = store.archive.purge(&terms(50, 0), 5).await.unwrap();
    assert_eq!((first.keys.len(), first.is_end), (5, false));
    let rest = purge(store, terms(50, 0), 5).await;
    assert_eq!((rest.keys.len(), rest.versions), (18, 18));
    assert!(store.archive.stats().await.unwrap().kinds.is_empty());
}

/// Trains a dictionary that differs from others of another `salt`.
async fn add_dictionary(store: &Store, salt: u64, now: i64) {
    let samples: Vec<_> = (1..400)
        .map(|id| movie(id, &format!("Title {salt} of {}", id * salt), 1).body.to_vec())
        .collect();
    let dictionary = records::train(Kind::Movie, &samples, 4096).unwrap();
    store.archive.add_dictionary(Kind::Movie, dictionary, at(now)).await.unwrap();
}

async fn dictionaries(store: &Store) -> u64 {
    let holdings = store.archive.audit().await.unwrap();
    let is_wanted = |what: &str| what.starts_with("dictionaries");
    holdings.iter().find(|holding| is_wanted(&holding.what)).unwrap().rows
}

pub(super) async fn a_dictionary_that_no_body_needs_goes(store: &Store) {
    add_dictionary(store, 7_919, 1).await;
    put(store, &[movie(1, "One", DAY)]).await;
    add_dictionary(store, 104_729, DAY).await;
    put(store, &[movie(2, "Two", DAY)]).await;
    purge(store, terms(0, 0), 9).await;
    assert_eq!(dictionaries(store).await, 2);
    // Seen again early, a body stays as it is; later it is packed anew.
    put(store, &[movie(1, "One", DAY)]).await;
    let seen_late = Record { fetched_at: at(70 * DAY), ..movie(1, "One", DAY) };
    purge(store, terms(0, 0), 9).await;
    assert_eq!(dictionaries(store).await, 2);
    assert_eq!(put(store, std::slice::from_ref(&seen_late)).await, [Put::Unchanged]);
    purge(store, terms(0, 0), 9).await;
    assert_eq!(dictionaries(store).await, 1);
    assert_eq!(store.archive.get(Key::movie(1)).await.unwrap(), Some(seen_late));
    assert_eq!(store.archive.get(Key::movie(2)).await.unwrap(), Some(movie(2, "Two", DAY)));
}

pub(super) async fn a_dictionary_that_is_too_old_goes_though_bodies_need_it(store: &Store) {
    add_dictionary(store, 7_919, DAY).await;
    let records: Vec<_> = (1..9).map(|id| movie(id, "One", 9 * DAY)).collect();
    put(store, &records).await;
    assert_eq!(store.archive.stats().await.unwrap().kinds[0].with_dictionary, 8);
    purge(store, terms(5 * DAY, 0), 3).await;
    assert_eq!(dictionaries(store).await, 0);
    assert_eq!(store.archive.stats().await.unwrap().kinds[0].with_dictionary, 0);
    for record in records {
        assert_eq!(store.archive.get(record.key).await.unwrap(), Some(record));
    }
    put(store, &[movie(9, "Nine", 9 * DAY)]).await;
    assert!(store.archive.get(Key::movie(9)).await.unwrap().is_some());
}

pub(super) async fn an_audit_finds_what_is_old_until_it_is_purged(store: &Store) {
    super::put(store, &[movie(1, "One", DAY), movie(2, "Two", 9 * DAY)]).await;
    add_dictionary(store, 7_919, DAY).await;
    let oldest = async |what: &str| {
        let holdings = store.archive.audit().await.unwrap();
        holdings.into_iter().find(|holding| holding.what.starts_with(what)).unwrap()
    };
    for what in ["versions", "heads", "series", "dictionaries", "works", "works_meta"] {
        let holding = oldest(what).await;
        assert_eq!((holding.oldest, holding.rows > 0), (Some(at(DAY)), true), "{what}");
    }
    let holdings = store.archive.audit().await.unwrap();
    let mut bodies = holdings.iter().filter(|holding| holding.what.starts_with("bodies"));
    assert!(bodies.all(|bodies| (bodies.rows, bodies.oldest) == (0, None)), "{holdings:?}");
    let purged = purge(store, terms(5 * DAY, 0), 9).await;
    store.catalog.remove(&purged.keys).await.unwrap();
    for holding in store.archive.audit().await.unwrap() {
        assert!(holding.oldest.is_none_or(|oldest| oldest >= at(5 * DAY)), "{holding:?}");
    }
}

pub(super) async fn a_404_of_a_stranger_is_forgotten(store: &Store) {
    let (known, stranger) = (Key::movie(1), Key::movie(2));
    put(store, &[movie(1, "One", DAY)]).await;
    store.archive.doubt(&[known, stranger], &Proof::NotFound, at(2 * DAY)).await.unwrap();
    let suspects = async || {
        let suspects = store.archive.suspects(None, 10).await.unwrap();
        suspects.into_iter().map(|suspect| suspect.key).collect::<Vec<_>>()
    };
    purge(store, terms(DAY, 2 * DAY), 10).await;
    assert_eq!(suspects().await, [known, stranger]);
    purge(store, terms(DAY, 2 * DAY + 1), 10).await;
    assert_eq!(suspects().await, [known]);
}
