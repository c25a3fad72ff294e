//! What titles, people and things are found by, on every catalogue.

use domain::catalogue::{ListName, ListPage};
use domain::facets::{ExternalSource, Facets, NameQuery, Offered, Released, Traits, Way};
use domain::{Key, Kind};

use super::{at, put, record};
use crate::Store;

const MOVIE: &str = r#"{
    "id": 603, "title": "The Mat", "original_title": "Die Matte", "original_language": "de",
    "release_date": "1970-01-03", "runtime": 136, "adult": false, "video": true,
    "popularity": 7.5, "vote_average": 8.5, "vote_count": 24, "revenue": 5000000000,
    "imdb_id": "tt0133093", "origin_country": ["DE"],
    "genres": [{"id": 878, "name": "B"}, {"id": 28, "name": "A"}],
    "production_companies": [{"id": 9, "name": "Mats"}],
    "keywords": {"keywords": [{"id": 3, "name": "floor"}]},
    "credits": {"cast": [{"id": 8}, {"id": 6}, {"id": 8}], "crew": [{"id": 5}]},
    "release_dates": {"results": [{"iso_3166_1": "DE", "release_dates": [
        {"type": 3, "release_date": "1970-01-02T00:00:00.000Z", "certification": "12"}]}]},
    "watch/providers": {"results": {"DE": {
        "flatrate": [{"provider_id": 2, "provider_name": "S"}],
        "buy": [{"provider_id": 2, "provider_name": "S"}]}}},
    "alternative_titles": {"titles": [{"iso_3166_1": "FR", "title": "Le Tapis"}]},
    "translations": {"translations": [{"iso_639_1": "pt", "iso_3166_1": "BR",
        "data": {"title": "O Capacho"}}]},
    "external_ids": {"imdb_id": "tt0133093", "wikidata_id": "Q1", "facebook_id": ""}
}"#;

const SHOW: &str = r#"{
    "id": 7, "name": "Mat, the Show", "status": "Ended", "type": "Scripted",
    "first_air_date": "1970-01-11", "popularity": 70, "adult": false,
    "networks": [{"id": 4, "name": "N"}], "external_ids": {"tvdb_id": 81189},
    "seasons": [{"season_number": 1, "air_date": "1970-01-21"}]
}"#;

fn offer() -> Offered {
    let ways = Way::Flatrate.bit() | Way::Buy.bit();
    Offered { country: "DE".to_owned(), provider: 2, ways }
}

pub(super) async fn facets_tell_what_a_title_is_found_by(store: &Store) {
    let records = [record(Key::movie(603), MOVIE, 1_000), record(Key::tv(7), SHOW, 2_000)];
    put(store, &records).await;
    let facets = store.catalog.facets_after(None, 9).await.unwrap();
    let released = Released {
        country: "DE".to_owned(),
        sort: 3,
        day: Some(1),
        certification: "12".to_owned(),
    };
    let wanted = Facets {
        key: Key::movie(603),
        fetched_at: at(1_000),
        title: "The Mat".to_owned(),
        original_title: "Die Matte".to_owned(),
        original_language: Some("de".to_owned()),
        popularity: 7.5,
        vote_average: 8.5,
        vote_count: 24,
        released: Some(2),
        runtime: Some(136),
        adult: false,
        traits: Traits {
            video: true,
            revenue: 5_000_000_000,
            genres: vec![28, 878],
            keywords: vec![3],
            companies: vec![9],
            cast: vec![6, 8],
            crew: vec![5],
            countries: vec!["DE".to_owned()],
            releases: vec![released],
            offers: vec![offer()],
            ..Traits::default()
        },
    };
    assert_eq!(facets[0], wanted);
    let show = &facets[1].traits;
    assert_eq!((show.status, show.sort, &show.networks[..]), (Some(3), Some(4), &[4][..]));
    assert_eq!(show.air_days, [10, 20]);
    assert_eq!(facets.len(), 2);
    store.catalog.move_popularity(Kind::Movie, &[(603, 9.5)]).await.unwrap();
    let moved = store.catalog.facets_after(None, 1).await.unwrap();
    assert_eq!((moved.len(), moved[0].popularity), (1, 9.5));
}

pub(super) async fn facets_are_read_on_from_an_instant_and_a_key(store: &Store) {
    let of = |key, at| record(key, r#"{"title": "T", "name": "T"}"#, at);
    let movies = [3, 1, 2].map(|id| of(Key::movie(id), if id == 3 { 5 } else { 7 }));
    put(store, &[&movies[..], &[of(Key::tv(1), 9)]].concat()).await;
    let since = async |millis, after, limit| {
        let found = store.catalog.facets_since(at(millis), after, limit).await.unwrap();
        found.iter().map(|one| one.key).collect::<Vec<_>>()
    };
    let [one, two, three] = [1, 2, 3].map(Key::movie);
    assert_eq!(since(5, None, 9).await, [three, one, two, Key::tv(1)]);
    assert_eq!(since(6, None, 1).await, [one]);
    assert_eq!(since(7, Some(one), 9).await, [two, Key::tv(1)]);
    assert_eq!(since(10, None, 9).await, []);
    let after = store.catalog.facets_after(Some(two), 9).await.unwrap();
    assert_eq!(after.iter().map(|one| one.key).collect::<Vec<_>>(), [three, Key::tv(1)]);
}

async fn search(store: &Store, text: &str, kinds: &[Kind]) -> (Vec<Key>, u64) {
    let query = NameQuery {
        text: text.to_owned(),
        kinds: kinds.to_vec(),
        limit: 9,
        ..NameQuery::default()
    };
    let page = store.catalog.search(&query).await.unwrap();
    (page.keys, page.total)
}

const ALL: [Kind; 7] = [
    Kind::Movie,
    Kind::Tv,
    Kind::Person,
    Kind::Collection,
    Kind::Company,
    Kind::Network,
    Kind::Keyword,
];

pub(super) async fn every_name_is_found_by_its_words(store: &Store) {
    let person = r#"{"name": "Ann Floor", "also_known_as": ["Анна"], "popularity": 80}"#;
    put(
        store,
        &[
            record(Key::movie(603), MOVIE, 1),
            record(Key::tv(7), SHOW, 1),
            record(Key::new(Kind::Person, 5, None, None).unwrap(), person, 1),
            record(Key::new(Kind::Collection, 5, None, None).unwrap(), r#"{"name": "Mats"}"#, 1),
            record(Key::new(Kind::Keyword, 3, None, None).unwrap(), r#"{"name": "floor"}"#, 1),
            record(Key::season(7, 1), r#"{"name": "Mat"}"#, 1),
        ],
    )
    .await;
    let collection = Key::new(Kind::Collection, 5, None, None).unwrap();
    let keyword = Key::new(Kind::Keyword, 3, None, None).unwrap();
    for (text, wanted) in [
        ("le TAPIS", vec![Key::movie(603)]),
        ("capacho", vec![Key::movie(603)]),
        ("matte die", vec![Key::movie(603)]),
        ("mat", vec![Key::tv(7), collection, Key::movie(603)]),
        ("the mat", vec![Key::movie(603), Key::tv(7)]),
        ("floor", vec![keyword, Key::person(5)]),
        ("анна", vec![Key::person(5)]),
        ("mat nowhere", vec![]),
        ("ma the", vec![]),
        ("  ", vec![]),
        ("\" OR *", vec![]),
    ] {
        let (keys, total) = search(store, text, &ALL).await;
        assert_eq!(keys, wanted, "{text}");
        assert_eq!(total, wanted.len() as u64, "{text}");
    }
    assert_eq!(search(store, "mat", &[Kind::Tv]).await.0, [Key::tv(7)]);
    assert_eq!(search(store, "floor", &[Kind::Person]).await.0, [Key::person(5)]);
}

pub(super) async fn names_are_found_by_year_and_age_and_page_by_page(store: &Store) {
    let movie = |id, year: i32, adult: bool| {
        let json = format!(
            r#"{{"title": "Same", "release_date": "{year}-05-05", "adult": {adult},
                 "popularity": {id}}}"#
        );
        record(Key::movie(id), &json, 1)
    };
    put(store, &[movie(1, 2000, false), movie(2, 2001, false), movie(3, 2001, true)]).await;
    let query = NameQuery {
        text: "same".to_owned(),
        kinds: vec![Kind::Movie],
        limit: 9,
        ..NameQuery::default()
    };
    let find = async |query: NameQuery| {
        let page = store.catalog.search(&query).await.unwrap();
        (page.keys.iter().map(Key::id).collect::<Vec<_>>(), page.total)
    };
    assert_eq!(find(query.clone()).await, (vec![2, 1], 2));
    assert_eq!(find(NameQuery { adult: true, ..query.clone() }).await, (vec![3, 2, 1], 3));
    assert_eq!(find(NameQuery { year: Some(2000), ..query.clone() }).await, (vec![1], 1));
    assert_eq!(find(NameQuery { limit: 1, offset: 1, ..query.clone() }).await, (vec![1], 2));
    assert_eq!(find(NameQuery { offset: 5, ..query }).await, (vec![], 2));
}

pub(super) async fn a_new_name_takes_the_old_ones_place(store: &Store) {
    let all = |name: &str, at| {
        let json = format!(r#"{{"title": "{name}", "name": "{name}"}}"#);
        let keys = [Key::movie(1), Key::tv(1), Key::person(1)];
        let keys = keys.into_iter().chain([Key::new(Kind::Company, 1, None, None).unwrap()]);
        keys.map(|key| record(key, &json, at)).collect::<Vec<_>>()
    };
    put(store, &all("Before", 1)).await;
    put(store, &all("After", 2)).await;
    put(store, &all("Late", 1)).await;
    for (text, wanted) in [("before", 0), ("after", 4), ("late", 0)] {
        assert_eq!(search(store, text, &ALL).await.1, wanted, "{text}");
    }
    let keys: Vec<Key> = search(store, "after", &ALL).await.0;
    store.catalog.remove(&keys).await.unwrap();
    assert_eq!(search(store, "after", &ALL).await.1, 0);
    assert_eq!(store.catalog.facets_after(None, 9).await.unwrap(), []);
}

pub(super) async fn an_id_at_another_place_finds_what_has_it(store: &Store) {
    let ids = r#"{"external_ids": {"tvdb_id": 30272, "imdb_id": "tt9"}}"#;
    put(
        store,
        &[
            record(Key::movie(603), MOVIE, 1),
            record(Key::tv(7), SHOW, 1),
            record(Key::episode(7, 1, 2), ids, 1),
            record(Key::person(1), r#"{"imdb_id": "nm1", "external_ids": {"twitter_id": "a"}}"#, 1),
        ],
    )
    .await;
    let find = async |source, id| store.catalog.by_external_id(source, id).await.unwrap();
    for (source, id, wanted) in [
        (ExternalSource::Imdb, "tt0133093", Some(Key::movie(603))),
        (ExternalSource::Wikidata, "Q1", Some(Key::movie(603))),
        (ExternalSource::Facebook, "Q1", None),
        (ExternalSource::Facebook, "", None),
        (ExternalSource::Tvdb, "81189", Some(Key::tv(7))),
        (ExternalSource::Tvdb, "30272", Some(Key::episode(7, 1, 2))),
        (ExternalSource::Imdb, "nm1", Some(Key::person(1))),
        (ExternalSource::Twitter, "a", Some(Key::person(1))),
    ] {
        assert_eq!(find(source, id).await, Vec::from_iter(wanted), "{source:?} {id}");
    }
    put(store, &[record(Key::person(1), r#"{"imdb_id": "nm2"}"#, 2)]).await;
    assert_eq!(find(ExternalSource::Imdb, "nm1").await, []);
    assert_eq!(find(ExternalSource::Twitter, "a").await, []);
    assert_eq!(find(ExternalSource::Imdb, "nm2").await, [Key::person(1)]);
    store.catalog.remove(&[Key::movie(603)]).await.unwrap();
    assert_eq!(find(ExternalSource::Imdb, "tt0133093").await, []);
    store.catalog.clear().await.unwrap();
    assert_eq!(find(ExternalSource::Tvdb, "81189").await, []);
}

pub(super) async fn the_readings_of_a_list_are_named(store: &Store) {
    let name = |list: &str, region: &str| ListName {
        list: list.to_owned(),
        region: region.to_owned(),
        language: "en-US".to_owned(),
    };
    let names = [name("a", "DE"), name("a", ""), name("b", "")];
    for name in &names {
        let (keys, seen_at) = (vec![Key::movie(1), Key::movie(2)], at(1));
        let page =
            ListPage { name: name.clone(), page: 1, first_rank: 1, keys, seen_at, is_last: true };
        store.catalog.put_list_page(&page).await.unwrap();
    }
    let [german, world, _] = names;
    assert_eq!(store.catalog.readings("a").await.unwrap(), [world, german]);
    assert_eq!(store.catalog.readings("c").await.unwrap(), []);
}
