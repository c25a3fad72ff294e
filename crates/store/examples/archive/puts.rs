//! How fast records are put, and what versions of them weigh.

use std::time::Instant;

use domain::{Key, Kind, Record, Timestamp};
use serde_json::Value;
use store::Store;

#[path = "../../../records/tests/it/bodies.rs"]
mod bodies;

const RECORDS: usize = 3_000;
const BATCH: usize = 64;
const IN_FLIGHT: usize = 2;

/// Records of the recorded movies, under ids of their own, as `change` made them.
pub(crate) fn movies(change: impl Fn(&mut Value), day: i64) -> Vec<Record> {
    let Some(corpus) = bodies::corpus() else { return vec![] };
    let is_movie = |(key, body): &(Key, _)| key.kind() == Kind::Movie && long(body);
    let bodies: Vec<_> = bodies::details(&corpus).into_iter().filter(is_movie).collect();
    let value = |(_, body): &(Key, bodies::Body)| -> Value {
        serde_json::from_slice(&body.json).expect(&body.name)
    };
    let values: Vec<Value> = bodies.iter().map(value).collect();
    let record = |number: usize| {
        let mut value = values[number % values.len()].clone();
        value["id"] = (number + 1).into();
        value["original_title"] = format!("The title of number {number}").into();
        change(&mut value);
        let key = Key::movie(u64::try_from(number).unwrap_or_default() + 1);
        let at = Timestamp::from_millis(day * 86_400_000);
        let json = value.to_string();
        records::record(key, json.as_bytes(), "movie/1?append_to_response=credits", at)
            .expect("the corpus is of the schema")
            .0
    };
    (0..RECORDS).map(record).collect()
}

fn long(body: &bodies::Body) -> bool {
    body.json.len() > 4_000
}

/// Puts records as the pipeline does: one batch is compressed while another is written.
pub(crate) async fn put(store: &Store, records: &[Record]) -> f64 {
    let started = Instant::now();
    let mut going = tokio::task::JoinSet::new();
    for batch in records.chunks(BATCH) {
        if going.len() == IN_FLIGHT {
            going.join_next().await.expect("one is going").expect("it does not panic");
        }
        let (store, batch) = (store.clone(), batch.to_vec());
        going.spawn(async move { store.archive.put(&batch).await.expect("the store takes it") });
    }
    while going.join_next().await.is_some() {}
    records.len() as f64 / started.elapsed().as_secs_f64()
}

pub(crate) async fn new_records(url: &str, first: &[Record]) -> (Store, f64) {
    let store = store::open(url).await.expect("a new database opens");
    let rate = put(&store, first).await;
    (store, rate)
}
