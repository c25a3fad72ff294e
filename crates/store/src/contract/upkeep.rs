//! What every catalogue keeps to when records are purged, figures move, and merged titles are sought.

use domain::catalogue::{Alike, ListName, ListPage, WorkQuery};
use domain::deletion::{Likeness, Proof};
use domain::outline::Outline;
use domain::{Key, Kind, Record};

use super::{at, put, record};
use crate::{Fingerprint, Store};

fn movie(id: u64, facts: &str) -> Record {
    record(Key::movie(id), &format!(r#"{{"id": {id}, {facts}}}"#), 1)
}

fn person(id: u64, facts: &str) -> Record {
    record(Key::person(id), &format!(r#"{{"id": {id}, {facts}}}"#), 1)
}

/// What has rows that a record makes.
async fn rows(store: &Store) -> Vec<Fingerprint> {
    let others = ["versions", "bodies", "heads", "series", "list_entries"];
    let is_made_from_records = |table: &str| !others.contains(&table);
    let all = store.fingerprint().await.unwrap();
    all.into_iter().filter(|one| is_made_from_records(&one.table)).collect()
}

pub(super) async fn a_removed_key_leaves_no_row(store: &Store) {
    let empty = rows(store).await;
    let whole = r#""title": "The Mat", "overview": "Of wool.", "imdb_id": "tt0000001",
        "vote_average": 8.0, "vote_count": 9, "similar": {"results": [{"id": 604}]}"#;
    let records = [
        movie(603, whole),
        record(Key::tv(603), r#"{"name": "A Show", "vote_average": 7.0, "vote_count": 3}"#, 1),
        person(603, r#""name": "Ann Floor""#),
        record(Key::season(603, 1), r#"{"name": "One"}"#, 1),
        record(Key::episode(603, 1, 2), r#"{"name": "Two"}"#, 1),
    ];
    put(store, &records).await;
    let keys = records.each_ref().map(|record| record.key);
    store.catalog.remove(&keys[1..]).await.unwrap();
    assert_eq!(store.catalog.counts().await.unwrap(), [(Kind::Movie, 1)]);
    let wool = WorkQuery { text: Some("wool".to_owned()), limit: 9, ..WorkQuery::default() };
    assert_eq!(store.catalog.query(&wool).await.unwrap().total, 1);
    store.catalog.remove(&[keys[0], keys[0], Key::movie(9)]).await.unwrap();
    assert_eq!(store.catalog.query(&wool).await.unwrap().total, 0);
    assert_eq!(rows(store).await, empty);
}

pub(super) async fn popularity_moves_where_there_is_a_row(store: &Store) {
    put(store, &[movie(603, r#""title": "A", "popularity": 1.5"#)]).await;
    put(store, &[record(Key::tv(603), r#"{"name": "B", "popularity": 1.5}"#, 1)]).await;
    put(store, &[person(603, r#""name": "C", "popularity": 1.5"#)]).await;
    let moved = [(604, 9.0), (603, 0.1), (605, f32::NAN)];
    let popularity = async || {
        let work = async |key| store.catalog.work(key).await.unwrap().unwrap().row.popularity;
        let person = store.catalog.person(603).await.unwrap().unwrap().popularity;
        (work(Key::movie(603)).await, work(Key::tv(603)).await, person)
    };
    store.catalog.move_popularity(Kind::Movie, &moved).await.unwrap();
    assert_eq!(popularity().await, (0.1, 1.5, 1.5));
    store.catalog.move_popularity(Kind::Person, &moved).await.unwrap();
    assert_eq!(popularity().await, (0.1, 1.5, 0.1));
    store.catalog.move_popularity(Kind::Tv, &moved).await.unwrap();
    store.catalog.move_popularity(Kind::Keyword, &moved).await.unwrap();
    assert_eq!(popularity().await, (0.1, 0.1, 0.1));
    let page = store.catalog.query(&WorkQuery { limit: 9, ..WorkQuery::default() }).await.unwrap();
    assert_eq!(page.total, 2);
    // A record has the last word.
    put(store, &[movie(603, r#""title": "A", "popularity": 1.5"#)]).await;
    assert_eq!(popularity().await, (1.5, 0.1, 0.1));
}

fn outline(name: &str, imdb_id: Option<&str>, date: &str) -> Outline {
    let day = (!date.is_empty()).then(|| date.parse().unwrap());
    Outline {
        name: Some(name.to_owned()),
        imdb_id: imdb_id.map(str::to_owned),
        released: day,
        born: day,
        ..Outline::default()
    }
}

#[track_caller]
fn check(found: &[Alike], wanted: &[(Key, Likeness)]) {
    let found: Vec<_> = found.iter().map(|one| (one.key, one.reason)).collect();
    assert_eq!(found, wanted);
}

pub(super) async fn a_title_is_alike_by_imdb_id_date_or_year(store: &Store) {
    let day = r#""title": "the  MÄT", "release_date": "1999-03-31", "popularity": 2"#;
    put(
        store,
        &[
            movie(1, r#""title": "The Mät", "imdb_id": "tt1", "release_date": "1999-03-31""#),
            movie(2, &format!(r#"{day}, "imdb_id": "tt1""#)),
            movie(3, r#""title": "Other", "imdb_id": "tt1", "popularity": 9"#),
            movie(4, r#""title": "The mät", "release_date": "1999-12-31", "popularity": 5"#),
            movie(5, day),
            movie(6, r#""title": "The Mät", "release_date": "2000-01-01""#),
            movie(7, r#""title": "The Mätter", "release_date": "1999-03-31""#),
            movie(8, r#""title": "The Mät""#),
        ],
    )
    .await;
    let show = r#"{"name": "The Mät", "first_air_date": "1999-03-31",
        "external_ids": {"imdb_id": "tt1"}}"#;
    put(store, &[record(Key::tv(1), show, 1)]).await;
    let alike = async |key, outline| store.catalog.alike(key, &outline).await.unwrap();
    check(
        &alike(Key::movie(1), outline("The Mät ", Some("tt1"), "1999-03-31")).await,
        &[
            (Key::movie(3), Likeness::ImdbId),
            (Key::movie(2), Likeness::ImdbId),
            (Key::movie(5), Likeness::TitleAndDate),
            (Key::movie(4), Likeness::TitleAndYear),
        ],
    );
    // One that has no row by now.
    check(
        &alike(Key::movie(99), outline("THE MÄT", None, "2000-05-05")).await,
        &[(Key::movie(6), Likeness::TitleAndYear)],
    );
    check(&alike(Key::movie(99), outline("The Mät", None, "")).await, &[]);
    check(&alike(Key::movie(99), Outline::default()).await, &[]);
    check(
        &alike(Key::tv(9), outline("x", Some("tt1"), "")).await,
        &[(Key::tv(1), Likeness::ImdbId)],
    );
    check(
        &alike(
            Key::new(Kind::Collection, 1, None, None).unwrap(),
            outline("The Mät", Some("tt1"), "1999-03-31"),
        )
        .await,
        &[],
    );
}

pub(super) async fn a_person_is_alike_by_imdb_id_or_name_and_birthday(store: &Store) {
    put(
        store,
        &[
            person(1, r#""name": "Ann Floor", "birthday": "1963-12-18", "imdb_id": "nm1""#),
            person(2, r#""name": "ann floor", "birthday": "1963-12-18""#),
            person(3, r#""name": "Ann Floor", "birthday": "1963-12-19""#),
            person(4, r#""name": "Bob", "imdb_id": "nm1""#),
        ],
    )
    .await;
    put(store, &[movie(2, r#""title": "Ann Floor", "imdb_id": "nm1""#)]).await;
    let who = outline("Ann Floor", Some("nm1"), "1963-12-18");
    let found = store.catalog.alike(Key::person(1), &who).await.unwrap();
    check(&found, &[(Key::person(4), Likeness::ImdbId), (Key::person(2), Likeness::TitleAndDate)]);
}

fn page(list: &str, region: &str, keys: Vec<Key>, seen_at: i64) -> ListPage {
    let name =
        ListName { list: list.to_owned(), region: region.to_owned(), language: String::new() };
    ListPage { name, page: 1, first_rank: 1, keys, seen_at: at(seen_at), is_last: true }
}

pub(super) async fn lists_are_forgotten_by_when_they_were_read(store: &Store) {
    for (list, seen_at) in [("movie.popular", 10), ("movie.upcoming", 20)] {
        let page = page(list, "", vec![Key::movie(1), Key::movie(2)], seen_at);
        store.catalog.put_list_page(&page).await.unwrap();
    }
    assert_eq!(store.catalog.forget_lists(at(10)).await.unwrap(), 0);
    assert_eq!(store.catalog.forget_lists(at(20)).await.unwrap(), 2);
    let left =
        async |list| store.catalog.list(&page(list, "", vec![], 0).name, 9).await.unwrap().len();
    assert_eq!((left("movie.popular").await, left("movie.upcoming").await), (0, 2));
}

pub(super) async fn similar_titles_without_a_record_are_wanted(store: &Store) {
    let similar = |id: u64, ids: &[u64]| {
        let ids: Vec<_> = ids.iter().map(|id| format!(r#"{{"id": {id}}}"#)).collect();
        let ids = ids.join(",");
        movie(
            id,
            &format!(
                r#""title": "T", "similar": {{"results": [{ids}]}},
                   "recommendations": {{"results": [{ids}, {{"id": 5, "media_type": "tv"}}]}}"#
            ),
        )
    };
    put(store, &[similar(1, &[10, 11]), similar(2, &[11, 3]), similar(3, &[12, 13])]).await;
    for (list, region, keys) in [
        ("movie.popular", "", vec![Key::movie(1), Key::movie(2), Key::tv(3), Key::person(3)]),
        ("movie.popular", "DE", vec![Key::movie(1)]),
        ("movie.upcoming", "", vec![Key::movie(3)]),
    ] {
        store.catalog.put_list_page(&page(list, region, keys, 1)).await.unwrap();
    }
    let wanted = async |lists: &[&str], limit| {
        let lists: Vec<_> = lists.iter().map(|list| (*list).to_owned()).collect();
        store.catalog.wanted_similar(&lists, limit).await.unwrap()
    };
    let popular = [Key::movie(11), Key::tv(5), Key::movie(10)];
    assert_eq!(wanted(&["movie.popular"], 9).await, popular);
    assert_eq!(wanted(&["movie.popular"], 1).await, popular[..1]);
    assert_eq!(wanted(&["movie.upcoming"], 9).await, [Key::movie(12), Key::movie(13), Key::tv(5)]);
    assert_eq!(wanted(&["movie.popular", "movie.upcoming"], 9).await.len(), 5);
    assert!(wanted(&[], 9).await.is_empty());
    // What answers 404 would be asked for again and again, and leave no room for others.
    store.archive.doubt(&[Key::movie(11), Key::tv(5)], &Proof::NotFound, at(2)).await.unwrap();
    assert_eq!(wanted(&["movie.popular"], 1).await, popular[2..]);
}
