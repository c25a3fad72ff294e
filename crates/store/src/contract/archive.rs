//! What every archive keeps to.

use domain::archive::{Put, Scan};
use domain::deletion::Proof;
use domain::{Key, Kind, Record};

use super::{at, record};
use crate::Store;

fn movie(id: u64, title: &str, fetched_at: i64) -> Record {
    let overview = "An overview of some length that can be compressed. ".repeat(9);
    let json = format!(r#"{{"id":{id},"title":"{title}","overview":"{overview}"}}"#);
    record(Key::movie(id), &json, fetched_at)
}

async fn put(store: &Store, records: &[Record]) -> Vec<Put> {
    store.archive.put(records).await.unwrap()
}

async fn scan(store: &Store, kind: Option<Kind>, after: Option<Key>, limit: usize) -> Vec<Key> {
    let records = store.archive.scan(Scan { kind, after, limit }).await.unwrap();
    records.iter().map(|record| record.key).collect()
}

pub(super) async fn the_first_record_is_created(store: &Store) {
    let first = movie(1, "One", 5);
    assert_eq!(store.archive.get(first.key).await.unwrap(), None);
    assert_eq!(put(store, std::slice::from_ref(&first)).await, [Put::Created]);
    assert_eq!(store.archive.get(first.key).await.unwrap(), Some(first));
}

pub(super) async fn an_equal_record_moves_its_version(store: &Store) {
    put(store, &[movie(1, "One", 5)]).await;
    let mut again = movie(1, "One", 9);
    again.asked = "movie/1?language=de".to_owned();
    assert_eq!(put(store, std::slice::from_ref(&again)).await, [Put::Unchanged]);
    assert_eq!(store.archive.get(again.key).await.unwrap(), Some(again.clone()));
    let versions = store.archive.versions(again.key).await.unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!((versions[0].valid_from, versions[0].fetched_at), (at(5), at(9)));
    assert_eq!(versions[0].asked, again.asked);
    // The same work done again, late, takes nothing back.
    assert_eq!(put(store, &[movie(1, "One", 7)]).await, [Put::Unchanged]);
    assert_eq!(store.archive.get(again.key).await.unwrap(), Some(again));
}

pub(super) async fn a_changed_record_is_a_further_version(store: &Store) {
    let records = [movie(1, "One", 1), movie(1, "Uno", 2), movie(1, "One", 3)];
    for (record, wanted) in records.iter().zip([Put::Created, Put::Changed(2), Put::Changed(3)]) {
        assert_eq!(put(store, std::slice::from_ref(record)).await, [wanted]);
    }
    assert_eq!(store.archive.get(Key::movie(1)).await.unwrap().as_ref(), Some(&records[2]));
    assert_eq!(store.archive.heads(&[Key::movie(1)]).await.unwrap()[0].unwrap().version, 3);
}

pub(super) async fn records_are_kept_in_order(store: &Store) {
    let batch = [movie(2, "Two", 1), movie(1, "One", 1), movie(1, "One", 2), movie(1, "Uno", 3)];
    let puts = put(store, &batch).await;
    assert_eq!(puts, [Put::Created, Put::Created, Put::Unchanged, Put::Changed(2)]);
}

pub(super) async fn a_key_that_comes_again_in_a_batch_is_taken_in_its_order(store: &Store) {
    let titles = ["One", "Uno", "Un", "Een"];
    let mut batch = vec![];
    for (at, title) in (1..).zip(titles) {
        batch.extend([
            movie(1, title, at),
            movie(2, title, at),
            movie(at.unsigned_abs() + 9, title, at),
        ]);
    }
    let puts = put(store, &batch).await;
    for (place, round) in puts.chunks(3).enumerate() {
        let number = u32::try_from(place).unwrap() + 1;
        let wanted = if place == 0 { Put::Created } else { Put::Changed(number) };
        assert_eq!(round, [wanted, wanted, Put::Created]);
    }
    for (place, record) in batch.iter().enumerate().filter(|(place, _)| place % 3 < 2) {
        let number = u32::try_from(place / 3).unwrap() + 1;
        let kept = store.archive.version(record.key, number).await.unwrap();
        assert_eq!(kept.as_ref(), Some(record), "{number}");
    }
}

pub(super) async fn records_that_are_put_at_once_are_all_kept(store: &Store) {
    const KEYS: u64 = 20;
    let titles = ["One", "Uno", "Un", "Een"];
    let put_all = async |title: &str, is_reversed: bool| {
        let mut batch: Vec<_> = (1..=KEYS).map(|id| movie(id, title, 5)).collect();
        if is_reversed {
            batch.reverse();
        }
        put(store, &batch).await
    };
    let [one, uno, un, een] = titles;
    let (first, second, third, fourth) = tokio::join!(
        put_all(one, false),
        put_all(uno, true),
        put_all(un, false),
        put_all(een, true),
    );
    let puts = [first, second, third, fourth].concat();
    let count = |wanted: Put| puts.iter().filter(|put| **put == wanted).count() as u64;
    assert_eq!(count(Put::Created), KEYS);
    for number in 2..=4 {
        assert_eq!(count(Put::Changed(number)), KEYS);
    }
    for id in 1..=KEYS {
        let mut kept = vec![];
        for number in 1..=4 {
            let record = store.archive.version(Key::movie(id), number).await.unwrap().unwrap();
            kept.extend(titles.iter().position(|title| movie(id, title, 5) == record));
        }
        let newest = store.archive.get(Key::movie(id)).await.unwrap().unwrap();
        assert_eq!(newest, movie(id, titles[kept[3]], 5));
        kept.sort_unstable();
        assert_eq!(kept, [0, 1, 2, 3]);
    }
}

pub(super) async fn what_came_before_is_an_earlier_version(store: &Store) {
    let (first, second) = (movie(1, "One", 1), movie(1, "Uno", 2));
    put(store, &[first.clone(), second.clone()]).await;
    let key = Key::movie(1);
    assert_eq!(store.archive.version(key, 1).await.unwrap(), Some(first.clone()));
    assert_eq!(store.archive.version(key, 2).await.unwrap(), Some(second));
    assert_eq!(store.archive.version(key, 3).await.unwrap(), None);
    let versions = store.archive.versions(key).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(versions[0].body_bytes, first.body.len() as u64);
    assert!(versions[0].stored_bytes < versions[0].body_bytes);
}

pub(super) async fn heads_come_in_the_order_asked(store: &Store) {
    let (one, two) = (movie(1, "One", 1), movie(2, "Two", 2));
    put(store, &[one.clone(), two.clone()]).await;
    let asked = [Key::movie(2), Key::tv(1), Key::movie(1), Key::movie(3)];
    let heads = store.archive.heads(&asked).await.unwrap();
    let hashes: Vec<_> = heads.iter().map(|head| head.map(|head| head.hash)).collect();
    assert_eq!(hashes, [Some(two.hash), None, Some(one.hash), None]);
    assert_eq!(heads[0].unwrap().fetched_at, at(2));
    // Many keys in order, with gaps and a second version between them.
    put(store, &(3..90).map(|id| movie(id * 3, "Some", 1)).collect::<Vec<_>>()).await;
    put(store, &[movie(30, "Other", 2)]).await;
    let many: Vec<_> = (1..300).map(Key::movie).collect();
    let together = store.archive.heads(&many).await.unwrap();
    for (key, head) in many.iter().zip(together) {
        assert_eq!(store.archive.heads(&[*key]).await.unwrap(), [head], "{key}");
    }
}

pub(super) async fn a_scan_reads_every_key_once(store: &Store) {
    let keys = [Key::movie(1), Key::movie(20), Key::tv(3), Key::season(3, 0), Key::person(1)];
    let records: Vec<_> = keys.iter().rev().map(|key| record(*key, r#"{"id":1}"#, 1)).collect();
    put(store, &records).await;
    put(store, &[record(Key::movie(20), r#"{"id":2}"#, 2)]).await;
    let (mut read, mut after) = (vec![], None);
    loop {
        let page = scan(store, None, after, 2).await;
        read.extend_from_slice(&page);
        after = page.last().copied();
        if page.len() < 2 {
            break;
        }
    }
    assert_eq!(read, keys);
}

pub(super) async fn a_scan_keeps_to_its_kind(store: &Store) {
    let keys = [Key::movie(1), Key::movie(2), Key::tv(1), Key::person(1)];
    put(store, &keys.map(|key| record(key, r#"{"id":1}"#, 1))).await;
    assert_eq!(scan(store, Some(Kind::Movie), None, 9).await, keys[..2]);
    assert_eq!(scan(store, Some(Kind::Movie), Some(keys[0]), 9).await, keys[1..2]);
    assert_eq!(scan(store, Some(Kind::Tv), Some(keys[0]), 9).await, keys[2..3]);
    assert_eq!(scan(store, Some(Kind::Movie), Some(keys[2]), 9).await, []);
}

pub(super) async fn seasons_and_episodes_have_records(store: &Store) {
    for key in [Key::season(1396, 0), Key::episode(1396, 1, 2)] {
        let kept = record(key, r#"{"name":"Pilot"}"#, 1);
        assert_eq!(put(store, std::slice::from_ref(&kept)).await, [Put::Created]);
        assert_eq!(store.archive.get(key).await.unwrap(), Some(kept));
    }
    assert_eq!(store.archive.get(Key::season(1396, 1)).await.unwrap(), None);
}

pub(super) async fn a_suspect_is_cleared_by_a_record(store: &Store) {
    let keys = [Key::movie(1), Key::movie(2)];
    store.archive.doubt(&keys, &Proof::NotFound, at(1)).await.unwrap();
    store.archive.doubt(&keys, &Proof::NotFound, at(2)).await.unwrap();
    assert_eq!(store.archive.stats().await.unwrap().suspects, 2);
    put(store, &[movie(1, "One", 3)]).await;
    assert_eq!(store.archive.stats().await.unwrap().suspects, 1);
    // An unchanged record is proof of life too.
    store.archive.doubt(&keys[..1], &Proof::NotFound, at(4)).await.unwrap();
    assert_eq!(put(store, &[movie(1, "One", 5)]).await, [Put::Unchanged]);
    assert_eq!(store.archive.stats().await.unwrap().suspects, 1);
}

pub(super) async fn stats_are_by_kind(store: &Store) {
    assert!(store.archive.stats().await.unwrap().kinds.is_empty());
    put(store, &[movie(1, "One", 1), movie(1, "Uno", 5), movie(2, "Two", 3)]).await;
    put(store, &[record(Key::person(1), r#"{"name":"Ann"}"#, 4)]).await;
    let stats = store.archive.stats().await.unwrap();
    let figures: Vec<_> =
        stats.kinds.iter().map(|kind| (kind.kind, kind.keys, kind.versions)).collect();
    assert_eq!(figures, [(Kind::Movie, 2, 3), (Kind::Person, 1, 1)]);
    assert_eq!(stats.kinds[0].oldest_fetched_at, Some(at(1)));
    assert_eq!(stats.kinds[0].newest_fetched_at, Some(at(5)));
    assert_eq!(stats.kinds[0].with_dictionary, 0);
    assert!(stats.kinds[0].stored_bytes < stats.kinds[0].body_bytes);
}

pub(super) async fn a_dictionary_is_used_from_now_on(store: &Store) {
    let sample = |id: u64| movie(id, &format!("Title number {id} of {}", id * 7919), 1);
    let samples: Vec<_> = (1..400).map(|id| sample(id).body.to_vec()).collect();
    put(store, &[sample(1)]).await;
    let dictionary = records::train(Kind::Movie, &samples, 4096).unwrap();
    store.archive.add_dictionary(Kind::Movie, dictionary, at(2)).await.unwrap();
    put(store, &[sample(2)]).await;
    assert_eq!(store.archive.stats().await.unwrap().kinds[0].with_dictionary, 1);
    for id in [1, 2] {
        assert_eq!(store.archive.get(Key::movie(id)).await.unwrap(), Some(sample(id)));
    }
}

pub(super) async fn a_dictionary_that_comes_meanwhile_leaves_every_body_readable(store: &Store) {
    let sample = |id: u64| movie(id, &format!("Title number {id} of {}", id * 7919), 1);
    let samples: Vec<_> = (1..400).map(|id| sample(id).body.to_vec()).collect();
    let dictionary = records::train(Kind::Movie, &samples, 4096).unwrap();
    let put_all =
        async |ids: std::ops::Range<u64>| put(store, &ids.map(sample).collect::<Vec<_>>()).await;
    // What becomes of the first is decided before the dictionary comes.
    let (first, added, second) = tokio::join!(
        put_all(1..40),
        store.archive.add_dictionary(Kind::Movie, dictionary, at(2)),
        put_all(40..80),
    );
    added.unwrap();
    assert!(first.iter().chain(&second).all(|put| *put == Put::Created));
    put_all(80..90).await;
    assert!(store.archive.stats().await.unwrap().kinds[0].with_dictionary >= 10);
    for id in 1..90 {
        assert_eq!(store.archive.get(Key::movie(id)).await.unwrap(), Some(sample(id)));
    }
}

pub(super) async fn any_question_comes_back_as_it_was(store: &Store) {
    for asked in ["", "?", "movie/1", "movie/1?", "movie/12?a=b", "movie/tt1?a=b?c", "é?é"] {
        let record = Record { asked: asked.to_owned(), ..movie(1, asked, 1) };
        put(store, std::slice::from_ref(&record)).await;
        assert_eq!(store.archive.get(record.key).await.unwrap().unwrap().asked, asked);
    }
}

pub(super) async fn records_are_read_many_at_once(store: &Store) {
    let of = |id, at| record(Key::movie(id), &format!(r#"{{"id": {id}, "title": "{at}"}}"#), at);
    store.archive.put(&[of(1, 1), of(2, 1)]).await.unwrap();
    store.archive.put(&[of(1, 2)]).await.unwrap();
    let keys = [2, 3, 1, 2].map(Key::movie);
    let records = store.archive.get_all(&keys).await.unwrap();
    assert_eq!(records, [Some(of(2, 1)), None, Some(of(1, 2)), Some(of(2, 1))]);
    assert_eq!(store.archive.get_all(&[]).await.unwrap(), []);
}
