//! What every catalogue keeps to.

use domain::catalogue::{ListName, ListPage, WorkQuery, WorkSort};
use domain::{Key, Kind, Record};

use super::{at, put, record};
use crate::{Fingerprint, Store};

const MOVIE: &str = r#"{
    "id": 603, "title": "The Mat", "original_title": "Die Matte", "original_language": "de",
    "overview": "A floor covering with a will of its own.", "tagline": "It lies.",
    "release_date": "1999-03-31", "runtime": 136, "adult": false, "popularity": 77.5,
    "vote_average": 8.2, "vote_count": 24000, "imdb_id": "tt0133093", "status": "Released",
    "budget": 63000000, "revenue": 463517383, "poster_path": "/p.jpg", "backdrop_path": "/b.jpg",
    "genres": [{"id": 28, "name": "Action"}, {"id": 878, "name": "Science Fiction"}],
    "credits": {"cast": [{"id": 6384, "name": "Ann Floor", "character": "Neo", "order": 0,
                          "profile_path": "/a.jpg", "gender": 1}],
                "crew": [{"id": 9339, "name": "Bob Wall", "job": "Director",
                          "department": "Directing", "profile_path": null}]},
    "similar": {"results": [{"id": 604, "title": "Mat Reloaded"}, {"id": 605, "title": "Mat 3"}]},
    "recommendations": {"results": [{"id": 1396, "name": "A Show", "media_type": "tv"}]},
    "watch/providers": {"results": {"DE": {"flatrate": [{"provider_name": "Stream"}]}}}
}"#;

fn movie() -> Record {
    record(Key::movie(603), MOVIE, 1_000)
}

pub(super) async fn a_late_record_takes_no_rows_back(store: &Store) {
    for key in [Key::movie(603), Key::tv(1), Key::person(1), Key::season(1, 2)] {
        put(store, &[record(key, r#"{"id": 1, "name": "New", "title": "New"}"#, 9)]).await;
        let rows = store.fingerprint().await.unwrap();
        put(store, &[record(key, r#"{"id": 1, "name": "Old", "title": "Old"}"#, 8)]).await;
        assert_eq!(store.fingerprint().await.unwrap(), rows, "{key}");
    }
}

pub(super) async fn the_newest_of_a_batch_counts(store: &Store) {
    for (late, newest) in [(1, 2), (2, 1)] {
        let json = |at: usize| format!(r#"{{"id": 1, "name": "{at}", "title": "{at}"}}"#);
        let keys = [Key::movie(1), Key::tv(1), Key::person(1), Key::season(1, 2)];
        let of = |at: usize| keys.map(|key| record(key, &json(at), if at == 2 { 20 } else { 10 }));
        put(store, &[of(late), of(newest)].concat()).await;
        for key in &keys[..2] {
            let work = store.catalog.work(*key).await.unwrap().unwrap();
            assert_eq!((work.row.title.as_str(), work.row.last_refreshed_at), ("2", at(20)));
        }
        assert_eq!(store.catalog.person(1).await.unwrap().unwrap().name, "2");
        store.catalog.clear().await.unwrap();
    }
}

/// Two who put the same keys in another order, again and again.
pub(super) async fn puts_at_once_end_with_the_newest(store: &Store) {
    const ROUNDS: i64 = 8;
    let records = |at: i64| {
        let json = format!(
            r#"{{"title": "{at}", "name": "{at}", "vote_average": 5, "vote_count": {at},
                 "similar": {{"results": [{{"id": {at}}}, {{"id": 7}}]}}}}"#
        );
        let keys = (1..20).flat_map(|id| [Key::movie(id), Key::tv(id), Key::person(id)]);
        keys.map(|key| record(key, &json, at)).collect::<Vec<_>>()
    };
    let putting = |first: i64| {
        let store = store.clone();
        tokio::spawn(async move {
            for at in (first..=ROUNDS).step_by(2) {
                let mut records = records(at);
                if first == 1 {
                    records.reverse();
                }
                store.catalog.put(&records).await.unwrap();
            }
        })
    };
    let (odd, even) = (putting(1), putting(2));
    odd.await.unwrap();
    even.await.unwrap();
    for key in (1..20).flat_map(|id| [Key::movie(id), Key::tv(id)]) {
        let work = store.catalog.work(key).await.unwrap().unwrap();
        assert_eq!(work.row.last_refreshed_at, at(ROUNDS));
        let similar: Vec<u64> = work.similar.iter().map(|other| other.tmdb_id).collect();
        assert_eq!(similar, [ROUNDS.unsigned_abs(), 7]);
        assert_eq!((work.ratings.len(), work.ratings[0].votes), (1, ROUNDS.unsigned_abs()));
    }
}

pub(super) async fn what_no_index_holds_is_kept(store: &Store) {
    // Without a pattern that would shrink.
    let long: String = (0..3_000_u32).map(|at| char::from_u32(0x4e00 + at * 7).unwrap()).collect();
    let json = format!(
        r#"{{"id": 1, "title": "{long}", "overview": "a\u0000b", "imdb_id": "{long}",
             "vote_count": 18446744073709551615, "genres": [{{"name": "{long}"}}]}}"#
    );
    put(store, &[record(Key::movie(1), &json, 1)]).await;
    let work = store.catalog.work(Key::movie(1)).await.unwrap().unwrap();
    assert_eq!(
        (work.row.title.as_str(), work.row.genres.as_slice()),
        (&*long, &[long.clone()][..])
    );
    for sort in [WorkSort::Title, WorkSort::Popularity] {
        assert_eq!(find(store, WorkQuery { sort, ..WorkQuery::default() }).await, [1]);
    }
    assert_eq!(search(store, &long).await, [1]);
    let genre = WorkQuery { genre: Some(long), ..WorkQuery::default() };
    assert_eq!(find(store, genre).await, [1]);
}

pub(super) async fn a_work_comes_back_whole(store: &Store) {
    put(store, &[movie()]).await;
    let work = store.catalog.work(Key::movie(603)).await.unwrap().unwrap();
    let row = &work.row;
    assert_eq!((row.kind.as_str(), row.tmdb_id, row.title.as_str()), ("movie", 603, "The Mat"));
    assert_eq!((row.year, row.release_date.as_deref()), (Some(1999), Some("1999-03-31")));
    assert_eq!(row.genres, ["Action", "Science Fiction"]);
    assert_eq!((row.vote_average, row.vote_count, row.popularity), (Some(8.2), 24_000, 77.5));
    assert_eq!(row.last_refreshed_at, at(1_000));
    assert_eq!(work.runtime_display.as_deref(), Some("2h 16m"));
    assert_eq!((work.budget, work.revenue), (Some(63_000_000), Some(463_517_383)));
    assert_eq!((work.cast[0].name.as_str(), work.crew[0].job.as_str()), ("Ann Floor", "Director"));
    assert_eq!(work.providers[0].flatrate, ["Stream"]);
    assert_eq!((work.ratings[0].source.as_str(), work.ratings[0].votes), ("TMDB", 24_000));
    let similar: Vec<_> = work
        .similar
        .iter()
        .map(|other| (other.source.as_str(), other.kind.as_str(), other.tmdb_id, other.rank))
        .collect();
    assert_eq!(
        similar,
        [
            ("recommendations", "tv", 1396, 1),
            ("similar", "movie", 604, 1),
            ("similar", "movie", 605, 2)
        ]
    );
    let card = store.catalog.card(Key::movie(603)).await.unwrap().unwrap();
    assert!(card.json.contains("The Mat"));
    assert!(card.etag.starts_with('"') && card.etag.ends_with('"'));
}

pub(super) async fn what_is_unknown_is_absent(store: &Store) {
    put(store, &[movie()]).await;
    for key in [Key::movie(1), Key::tv(603), Key::person(603), Key::season(603, 1)] {
        assert!(store.catalog.work(key).await.unwrap().is_none());
        assert!(store.catalog.card(key).await.unwrap().is_none());
    }
    assert!(store.catalog.person(603).await.unwrap().is_none());
}

async fn rows(store: &Store) -> Vec<Fingerprint> {
    store.fingerprint().await.unwrap()
}

pub(super) async fn the_same_record_twice_gives_the_same_rows(store: &Store) {
    put(store, &[movie()]).await;
    let once = rows(store).await;
    put(store, &[movie()]).await;
    assert_eq!(rows(store).await, once);
}

pub(super) async fn a_rebuild_gives_the_same_rows(store: &Store) {
    let records =
        [movie(), show(1396, "A Show", 50.0), person(), record(Key::season(1, 0), "{}", 1)];
    for record in &records {
        put(store, std::slice::from_ref(record)).await;
    }
    let before = rows(store).await;
    store.catalog.clear().await.unwrap();
    assert!(store.catalog.counts().await.unwrap().is_empty());
    let found = WorkQuery { text: Some("floor".to_owned()), limit: 9, ..WorkQuery::default() };
    assert_eq!(store.catalog.query(&found).await.unwrap().total, 0);
    store.catalog.put(&records).await.unwrap();
    assert_eq!(rows(store).await, before);
    assert_eq!(store.catalog.query(&found).await.unwrap().total, 1);
}

pub(super) async fn a_new_record_replaces_the_rows(store: &Store) {
    put(store, &[movie()]).await;
    let json = r#"{"id": 603, "title": "Rug", "similar": {"results": [{"id": 9}]}}"#;
    put(store, &[record(Key::movie(603), json, 2_000)]).await;
    let work = store.catalog.work(Key::movie(603)).await.unwrap().unwrap();
    assert_eq!((work.row.title.as_str(), work.row.last_refreshed_at), ("Rug", at(2_000)));
    assert_eq!((work.cast.len(), work.similar.len(), work.ratings.len()), (0, 1, 0));
    assert!(search(store, "floor").await.is_empty());
    assert_eq!(search(store, "rug").await, [603]);
}

fn show(id: u64, name: &str, popularity: f64) -> Record {
    let json = format!(
        r#"{{"id": {id}, "name": "{name}", "popularity": {popularity}, "vote_average": 9.0,
             "vote_count": 10, "first_air_date": "2008-01-20", "original_language": "en",
             "genres": [{{"id": 18, "name": "Drama"}}], "number_of_seasons": 5}}"#
    );
    record(Key::tv(id), &json, 1)
}

fn person() -> Record {
    let json = r#"{"id": 287, "name": "Ann Floor", "birthday": "1963-12-18",
        "combined_credits": {"cast": [{"id": 603, "media_type": "movie", "title": "The Mat",
            "character": "Neo", "release_date": "1999-03-31"}], "crew": []}}"#;
    record(Key::person(287), json, 1)
}

async fn find(store: &Store, query: WorkQuery) -> Vec<u64> {
    let limit = if query.limit == 0 { 99 } else { query.limit };
    let page = store.catalog.query(&WorkQuery { limit, ..query }).await.unwrap();
    page.works.iter().map(|work| work.tmdb_id).collect()
}

async fn search(store: &Store, text: &str) -> Vec<u64> {
    find(store, WorkQuery { text: Some(text.to_owned()), ..WorkQuery::default() }).await
}

pub(super) async fn every_filter_filters(store: &Store) {
    let adult = r#"{"id": 7, "title": "Late", "adult": true}"#;
    put(store, &[movie(), show(1396, "A Show", 50.0), record(Key::movie(7), adult, 1)]).await;
    let all = WorkQuery::default;
    let queries = [
        (all(), vec![603, 1396]),
        (WorkQuery { adult: true, ..all() }, vec![603, 1396, 7]),
        (WorkQuery { kind: Some(Kind::Tv), ..all() }, vec![1396]),
        (WorkQuery { kind: Some(Kind::Person), ..all() }, vec![]),
        (WorkQuery { genre: Some("science FICTION".to_owned()), ..all() }, vec![603]),
        (WorkQuery { genre: Some("fiction".to_owned()), ..all() }, vec![]),
        (WorkQuery { year_from: Some(2000), ..all() }, vec![1396]),
        (WorkQuery { year_to: Some(1999), ..all() }, vec![603]),
        (WorkQuery { min_votes: Some(11), ..all() }, vec![603]),
        (WorkQuery { min_rating: Some(8.5), ..all() }, vec![1396]),
        (WorkQuery { language: Some("de".to_owned()), ..all() }, vec![603]),
        (WorkQuery { text: Some("mat".to_owned()), kind: Some(Kind::Tv), ..all() }, vec![]),
    ];
    for (query, wanted) in queries {
        assert_eq!(find(store, query.clone()).await, wanted, "{query:?}");
    }
}

pub(super) async fn every_sort_sorts(store: &Store) {
    put(store, &[movie(), show(1396, "a show", 90.0), show(2, "Zebra", 1.0)]).await;
    let unknown = r#"{"id": 5, "title": "Nothing known"}"#;
    put(store, &[record(Key::movie(5), unknown, 1)]).await;
    let sorts = [
        (WorkSort::Popularity, [1396, 603, 2, 5]),
        (WorkSort::Rating, [2, 1396, 603, 5]),
        (WorkSort::Score, [603, 2, 1396, 5]),
        (WorkSort::Votes, [603, 2, 1396, 5]),
        (WorkSort::Released, [2, 1396, 603, 5]),
        (WorkSort::Title, [1396, 5, 603, 2]),
    ];
    for (sort, wanted) in sorts {
        assert_eq!(
            find(store, WorkQuery { sort, ..WorkQuery::default() }).await,
            wanted,
            "{sort:?}"
        );
    }
}

pub(super) async fn titles_are_sorted_by_their_bytes_but_for_case(store: &Store) {
    let titles = ["b", "É", "a_", "B1", "aA", "ab", "Z", "é", "~", "É"];
    let records = titles.iter().zip(1..).map(|(title, id)| show(id, title, 1.0));
    put(store, &records.collect::<Vec<_>>()).await;
    let query = WorkQuery { sort: WorkSort::Title, ..WorkQuery::default() };
    // Only the case of ASCII is nothing; equals come by their numbers, and shows fall.
    assert_eq!(find(store, query).await, [3, 5, 6, 1, 4, 7, 9, 10, 2, 8]);
}

pub(super) async fn pages_follow_each_other(store: &Store) {
    let shows: Vec<_> = (1..=7).map(|id| show(id, "Same", 1.0)).collect();
    put(store, &shows).await;
    let mut seen = vec![];
    for offset in [0, 3, 6, 9] {
        let query = WorkQuery { offset, limit: 3, ..WorkQuery::default() };
        let page = store.catalog.query(&query).await.unwrap();
        assert_eq!(page.total, 7);
        seen.extend(page.works.iter().map(|work| work.tmdb_id));
    }
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
}

pub(super) async fn all_words_must_be_there(store: &Store) {
    let accents =
        r#"{"id": 8, "title": "Amélie à Paris", "overview": "Ein Mädchen. 千と千尋の神隠し"}"#;
    let scripts = r#"{"id": 9, "title": "Ο Σίσυφος", "tagline": "हिन्दी", "popularity": 80}"#;
    let records = [record(Key::movie(8), accents, 1), record(Key::movie(9), scripts, 1)];
    put(store, &[movie(), records[0].clone(), records[1].clone()]).await;
    let searches = [
        ("THE mat", vec![603]),
        // In four places: title, original title, tagline, overview.
        ("mat matte lies covering", vec![603]),
        ("mat paris", vec![]),
        ("amelie", vec![8]),
        ("MÄDCHEN", vec![8]),
        ("千と千尋", vec![8]),
        ("尋の神", vec![]),
        // A vowel sign and a mark of no vowel, both inside of a word.
        ("हिन्दी", vec![9]),
        ("σισυφος ΣΊΣΥΦΟΣ", vec![]),
        ("ΣΊΣΥΦΟΣ", vec![9]),
        ("ame\u{301}lie", vec![8]),
        ("\"unclosed AND (", vec![]),
        ("title:mat", vec![]),
        ("-- ", vec![9, 603, 8]),
    ];
    for (text, wanted) in searches {
        assert_eq!(search(store, text).await, wanted, "{text}");
    }
}

fn list_page(page: u32, ids: &[u64], is_last: bool, seen_at: i64) -> ListPage {
    ListPage {
        name: ListName {
            list: "movie.popular".to_owned(),
            region: "DE".to_owned(),
            language: String::new(),
        },
        page,
        first_rank: (page - 1) * 3 + 1,
        keys: ids.iter().map(|id| Key::movie(*id)).collect(),
        seen_at: at(seen_at),
        is_last,
    }
}

async fn listed(store: &Store) -> Vec<(u64, u32)> {
    let name = list_page(1, &[], false, 0).name;
    let entries = store.catalog.list(&name, 99).await.unwrap();
    entries.iter().map(|entry| (entry.key.id(), entry.rank)).collect()
}

pub(super) async fn a_list_is_replaced_page_by_page(store: &Store) {
    store.catalog.put_list_page(&list_page(1, &[10, 20, 30], false, 1)).await.unwrap();
    store.catalog.put_list_page(&list_page(2, &[40, 50, 60], true, 1)).await.unwrap();
    store.catalog.put_list_page(&list_page(1, &[40, 10], false, 2)).await.unwrap();
    // 40 has moved up; its old place is not told until that page is read again.
    assert_eq!(listed(store).await, [(40, 1), (10, 2), (50, 5), (60, 6)]);
    let name = list_page(1, &[], false, 0).name;
    let first = &store.catalog.list(&name, 1).await.unwrap()[0];
    assert_eq!((first.key, first.seen_at), (Key::movie(40), at(2)));
    let elsewhere = ListName { region: String::new(), ..name };
    assert!(store.catalog.list(&elsewhere, 9).await.unwrap().is_empty());
}

pub(super) async fn a_shorter_list_loses_its_tail(store: &Store) {
    for page in 1..=3 {
        let ids = [page * 10, page * 10 + 1, page * 10 + 2].map(u64::from);
        store.catalog.put_list_page(&list_page(page, &ids, page == 3, 1)).await.unwrap();
    }
    assert_eq!(listed(store).await.len(), 9);
    store.catalog.put_list_page(&list_page(2, &[20], true, 2)).await.unwrap();
    assert_eq!(listed(store).await, [(10, 1), (11, 2), (12, 3), (20, 4)]);
}

pub(super) async fn every_kind_is_counted(store: &Store) {
    assert!(store.catalog.counts().await.unwrap().is_empty());
    let things = [Key::season(1, 0), Key::season(1, 1), Key::episode(1, 1, 1)];
    put(store, &things.map(|key| record(key, r#"{"name": "x"}"#, 1))).await;
    put(store, &[movie(), movie(), show(1, "A", 1.0), person()]).await;
    let counts = store.catalog.counts().await.unwrap();
    assert_eq!(
        counts,
        [(Kind::Movie, 1), (Kind::Tv, 1), (Kind::Season, 2), (Kind::Episode, 1), (Kind::Person, 1)]
    );
    let ann = store.catalog.person(287).await.unwrap().unwrap();
    assert_eq!((ann.name.as_str(), ann.birthday.as_deref()), ("Ann Floor", Some("1963-12-18")));
    assert_eq!((ann.credits[0].tmdb_id, ann.credits[0].role.as_deref()), (603, Some("Neo")));
}
