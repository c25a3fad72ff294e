//! What every catalogue keeps to of ratings, imported ones too, and the scores made of them.

use domain::catalogue::{Rating, Rescored, Work};
use domain::rating::{ImportedRating, RatingSource};
use domain::{Key, Record, score};

use super::{at, put, record};
use crate::Store;

fn movie(id: u64, imdb_id: &str, votes: u64) -> Record {
    let json = format!(
        r#"{{"id": {id}, "title": "T", "imdb_id": "{imdb_id}", "vote_average": 8.0,
             "vote_count": {votes}}}"#
    );
    record(Key::movie(id), &json, 1_000)
}

fn source(name: &str) -> RatingSource {
    name.parse().unwrap()
}

fn imported(title: &str, value: f64, votes: u64) -> ImportedRating {
    ImportedRating::new(title.parse().unwrap(), value, 10.0, votes).unwrap()
}

async fn import(store: &Store, ratings: &[ImportedRating]) -> u64 {
    store.catalog.import_ratings(&source("imdb"), ratings, at(5_000)).await.unwrap()
}

async fn work(store: &Store, id: u64) -> Work {
    store.catalog.work(Key::movie(id)).await.unwrap().expect("the title is there")
}

/// A title's ratings as `(source, value, votes)`, and whether its score is made of just these.
async fn check(store: &Store, id: u64, wanted: &[(&str, f64, u64)]) {
    let work = work(store, id).await;
    let shown = |one: &Rating| (one.source.clone(), one.value, one.votes);
    let ratings: Vec<_> = work.ratings.iter().map(shown).collect();
    let wanted: Vec<_> =
        wanted.iter().map(|(name, value, votes)| ((*name).to_owned(), *value, *votes)).collect();
    assert_eq!(ratings, wanted);
    assert_eq!(work.score, score::score(&work.ratings));
    assert_eq!(work.row.score_0_100, work.score.map(|score| score.value));
}

pub(super) async fn a_record_is_scored_as_it_is_put(store: &Store) {
    put(store, &[movie(1, "tt1", 100), movie(2, "tt2", 0)]).await;
    check(store, 1, &[("TMDB", 8.0, 100)]).await;
    let score = work(store, 1).await.score.unwrap();
    assert_eq!((score.sources[0].votes, score.computed_at), (100, at(1_000)));
    assert_eq!(work(store, 2).await.score, None);
    put(store, &[movie(1, "tt1", 0)]).await;
    check(store, 1, &[]).await;
}

pub(super) async fn imported_ratings_join_titles_that_are_there_and_that_come(store: &Store) {
    put(store, &[movie(1, "tt1", 100), movie(2, "tt2", 0)]).await;
    // Two titles of one IMDb id, one of which comes later.
    let ratings =
        [imported("tt1", 9.0, 50), imported("tt3", 7.0, 60), imported("movie/4", 6.0, 70)];
    assert_eq!(import(store, &ratings).await, 1);
    put(store, &[movie(3, "tt1", 0), movie(4, "", 0)]).await;
    check(store, 1, &[("TMDB", 8.0, 100), ("imdb", 9.0, 50)]).await;
    check(store, 2, &[]).await;
    check(store, 3, &[("imdb", 9.0, 50)]).await;
    check(store, 4, &[("imdb", 6.0, 70)]).await;
    assert_eq!(work(store, 3).await.score.unwrap().computed_at, at(5_000));
    // A title that turns out to be another on IMDb.
    put(store, &[movie(1, "tt3", 100)]).await;
    check(store, 1, &[("TMDB", 8.0, 100), ("imdb", 7.0, 60)]).await;
}

pub(super) async fn a_later_import_replaces_ratings_one_by_one(store: &Store) {
    put(store, &[movie(1, "tt1", 0), movie(2, "tt2", 0)]).await;
    assert_eq!(import(store, &[imported("tt1", 9.0, 50), imported("tt2", 5.0, 9)]).await, 2);
    assert_eq!(import(store, &[imported("tt1", 8.5, 60)]).await, 1);
    check(store, 1, &[("imdb", 8.5, 60)]).await;
    check(store, 2, &[("imdb", 5.0, 9)]).await;
}

pub(super) async fn a_rating_of_the_key_wins_over_one_of_its_imdb_id(store: &Store) {
    put(store, &[movie(1, "tt1", 0)]).await;
    let both = [imported("movie/1", 3.0, 10), imported("tt1", 9.0, 50)];
    import(store, &both).await;
    check(store, 1, &[("imdb", 3.0, 10)]).await;
    put(store, &[movie(1, "tt1", 0)]).await;
    check(store, 1, &[("imdb", 3.0, 10)]).await;
    let other = store.catalog.import_ratings(&source("other"), &both[1..], at(6_000)).await;
    assert_eq!(other.unwrap(), 1);
    check(store, 1, &[("imdb", 3.0, 10), ("other", 9.0, 50)]).await;
}

pub(super) async fn a_forgotten_source_leaves_no_rating(store: &Store) {
    put(store, &[movie(1, "tt1", 100), movie(2, "tt2", 0)]).await;
    let ratings = [imported("tt1", 9.0, 50), imported("tt2", 9.0, 50), imported("tt9", 1.0, 1)];
    import(store, &ratings).await;
    let one = [imported("tt2", 4.0, 5)];
    store.catalog.import_ratings(&source("other"), &one, at(6_000)).await.unwrap();
    let listed = store.catalog.imported().await.unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|one| (one.source.as_str(), one.ratings, one.titles, one.imported_at))
        .collect();
    assert_eq!(listed, [("imdb", 3, 2, at(5_000)), ("other", 1, 1, at(6_000))]);
    assert_eq!(store.catalog.forget_ratings(&source("imdb")).await.unwrap(), 3);
    assert_eq!(store.catalog.forget_ratings(&source("imdb")).await.unwrap(), 0);
    put(store, &[movie(3, "tt9", 0)]).await;
    check(store, 1, &[("TMDB", 8.0, 100)]).await;
    check(store, 2, &[("other", 4.0, 5)]).await;
    check(store, 3, &[]).await;
    assert_eq!(store.catalog.imported().await.unwrap().len(), 1);
}

pub(super) async fn imported_ratings_outlive_a_rebuild(store: &Store) {
    let records = [movie(1, "tt1", 100), movie(2, "tt2", 0)];
    put(store, &records).await;
    import(store, &[imported("tt1", 9.1, 50), imported("movie/2", 0.7, 50)]).await;
    let before = store.fingerprint().await.unwrap();
    store.catalog.clear().await.unwrap();
    assert_eq!(store.catalog.imported().await.unwrap()[0].titles, 0);
    store.catalog.put(&records).await.unwrap();
    assert_eq!(store.fingerprint().await.unwrap(), before);
}

pub(super) async fn what_is_scored_is_not_scored_again(store: &Store) {
    put(store, &[movie(1, "tt1", 100), record(Key::tv(1), r#"{"vote_count": 3}"#, 1)]).await;
    let again = store.catalog.rescore(None, 9).await.unwrap();
    // Only what nobody voted for is looked at.
    assert_eq!(again, Rescored { titles: 1, last: Some(Key::tv(1)) });
    assert_eq!(store.catalog.rescore(again.last, 9).await.unwrap(), Rescored::default());
}
