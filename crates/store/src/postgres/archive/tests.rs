//! Several processes that write to one archive at once.

use std::collections::HashSet;

use domain::archive::PurgeTerms;
use domain::{Key, Kind, Record, Timestamp};

use crate::Store;
use crate::contract::servers;

const TITLES: u64 = 12;
const ROUNDS: u64 = 8;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn movie(id: u64, title: &str, popularity: u64) -> Record {
    let noise: String =
        (0..20).map(|n| blake3::hash(format!("{n}").as_bytes()).to_hex().to_string()).collect();
    let json = format!(
        r#"{{"id": {id}, "title": "{title}", "overview": "{noise}", "popularity": {popularity}}}"#
    );
    records::record(Key::movie(id), json.as_bytes(), "movie/1?a=b", at(1)).unwrap().0
}

/// Stores over one new database, each with connections of its own.
async fn stores() -> [Store; 2] {
    let address = servers::address().await;
    [crate::open(&address).await.unwrap(), crate::open(&address).await.unwrap()]
}

/// What one of them puts: every title in every round, as nobody else has it.
fn batches(name: &'static str) -> Vec<Vec<Record>> {
    let batch = |round: u64| {
        let record = move |id: u64| movie(id, &format!("{name} {round}"), 1);
        let mut batch: Vec<_> = (1..=TITLES).map(record).collect();
        // Those who lock what they find in the order in which it comes would wait for each other.
        if name.len() as u64 % 2 == round % 2 {
            batch.reverse();
        }
        batch
    };
    (0..ROUNDS).map(batch).collect()
}

async fn put_all(store: Store, batches: Vec<Vec<Record>>) {
    for batch in batches {
        store.archive.put(&batch).await.unwrap();
    }
}

async fn bodies(store: &Store, key: Key) -> HashSet<Vec<u8>> {
    let mut bodies = HashSet::new();
    for (number, version) in (1..).zip(store.archive.versions(key).await.unwrap()) {
        assert_eq!(version.number, number);
        let record = store.archive.version(key, number).await.unwrap().unwrap();
        bodies.insert(record.body.to_vec());
    }
    bodies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_put_the_same_keys_at_once_lose_no_version() {
    let [one, two] = stores().await;
    let (ones, twos) = (batches("one"), batches("second"));
    let all: Vec<Record> = ones.iter().chain(&twos).flatten().cloned().collect();
    let first = tokio::spawn(put_all(one.clone(), ones));
    let second = tokio::spawn(put_all(two.clone(), twos));
    first.await.unwrap();
    second.await.unwrap();
    let keys: Vec<Key> = (1..=TITLES).map(Key::movie).collect();
    let heads = one.archive.heads(&keys).await.unwrap();
    assert_eq!(heads, two.archive.heads(&keys).await.unwrap());
    for (key, head) in keys.into_iter().zip(heads) {
        let newest = one.archive.get(key).await.unwrap().unwrap();
        let head = head.unwrap();
        assert_eq!((head.version, head.hash), (2 * u32::try_from(ROUNDS).unwrap(), newest.hash));
        let put = all.iter().filter(|record| record.key == key);
        let put: HashSet<Vec<u8>> = put.map(|record| record.body.to_vec()).collect();
        assert_eq!(bodies(&one, key).await, put, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neighbours_that_are_put_at_once_keep_their_points() {
    let [one, two] = stores().await;
    let titles = |first: u64| (first..64).step_by(2).map(|id| vec![movie(id, "One", id)]);
    let odd = tokio::spawn(put_all(one.clone(), titles(1).collect()));
    let even = tokio::spawn(put_all(two, titles(2).collect()));
    odd.await.unwrap();
    even.await.unwrap();
    for id in 1..64_u32 {
        let points = one.archive.series(Key::movie(id.into())).await.unwrap();
        let popularity: Vec<_> = points.iter().map(|point| point.figures.popularity).collect();
        assert_eq!(popularity, [Some(f64::from(id))], "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_while_dictionaries_come_and_go_stays_readable() {
    let [one, two] = stores().await;
    let records: Vec<_> = batches("one").concat();
    let puts = tokio::spawn(put_all(one.clone(), records.chunks(5).map(<[_]>::to_vec).collect()));
    let terms = PurgeTerms { fetched_before: at(1), buried_before: at(1) };
    for salt in [7_919, 104_729, 1_299_709] {
        let samples: Vec<_> = (1..300)
            .map(|id| movie(id, &format!("Title {} of {id}", id * salt), 1).body.to_vec())
            .collect();
        let dictionary = records::train(Kind::Movie, &samples, 4096).unwrap();
        // As old as can be: it is retired at once, and what it packed is packed anew.
        two.archive.add_dictionary(Kind::Movie, dictionary, at(0)).await.unwrap();
        two.archive.purge(&terms, 3).await.unwrap();
    }
    puts.await.unwrap();
    while !two.archive.purge(&terms, 50).await.unwrap().is_end {}
    for key in (1..=TITLES).map(Key::movie) {
        let kept = records.iter().filter(|record| record.key == key);
        let kept: HashSet<Vec<u8>> = kept.map(|record| record.body.to_vec()).collect();
        assert_eq!(bodies(&one, key).await, kept, "{key}");
    }
    assert_eq!(one.archive.stats().await.unwrap().kinds[0].with_dictionary, 0);
}
