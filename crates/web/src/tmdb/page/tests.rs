//! Pages of rows, asked for as clients do, from a mirror in memory.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use domain::catalogue::{ListName, ListPage};
use domain::{Key, Kind, Timestamp};
use pipeline::Stores;
use pipeline::images::Gallery;
use serde_json::{Value, json};
use store::Store;
use tower::ServiceExt;

use crate::options::Options;
use crate::site::Site;
use crate::tmdb;

/// 2026-05-27.
const NOW: Timestamp = Timestamp::from_millis(20_600 * 86_400_000);

async fn mirror() -> Store {
    let store = store::open("sqlite::memory:").await.unwrap();
    let keyword = Key::new(Kind::Keyword, 3, None, None).unwrap();
    let company = Key::new(Kind::Company, 4, None, None).unwrap();
    let bodies = [
        (
            Key::movie(1),
            json!({
                "id": 1, "title": "The Mat", "popularity": 5, "release_date": "1999-03-31",
                "genres": [{"id": 28, "name": "Action"}], "vote_average": 7, "vote_count": 300,
                "keywords": {"keywords": [{"id": 3, "name": "floor"}]}, "imdb_id": "tt1",
                "production_companies": [{"id": 4, "name": "Mats"}],
                "translations": {"translations": [{"iso_639_1": "fr", "iso_3166_1": "FR",
                    "data": {"title": "Le Tapis", "overview": "Un sol."}}]},
            }),
        ),
        (
            Key::movie(2),
            json!({
                "id": 2, "title": "Mat Reloaded", "popularity": 9, "release_date": "2003-05-15",
                "vote_average": 8, "vote_count": 900, "genres": [{"id": 28, "name": "Action"}],
            }),
        ),
        (Key::tv(1), json!({"id": 1, "name": "Mat", "popularity": 1})),
        (
            Key::person(1),
            json!({"id": 1, "name": "Mat Floor", "popularity": 3, "external_ids": {"twitter_id": "a"}}),
        ),
        (Key::episode(1, 2, 3), json!({"id": 77, "name": "E", "external_ids": {"imdb_id": "tt1"}})),
        (keyword, json!({"id": 3, "name": "floor"})),
        (company, json!({"id": 4, "name": "Mats", "origin_country": "DE"})),
    ];
    let record = |(key, body): (Key, Value)| {
        records::record(key, body.to_string().as_bytes(), "x", NOW).unwrap().0
    };
    let records: Vec<_> = bodies.map(record).into();
    store.archive.put(&records).await.unwrap();
    store.catalog.put(&records).await.unwrap();
    store
}

/// What a client gets: the status and the body.
async fn get(store: &Store, path: &str) -> (StatusCode, Value) {
    let stores = Stores {
        queue: Arc::clone(&store.queue),
        archive: Arc::clone(&store.archive),
        catalog: Arc::clone(&store.catalog),
        ledger: Arc::clone(&store.ledger),
        budget: Arc::clone(&store.budget),
        schedule: Arc::clone(&store.schedule),
        workers: Arc::clone(&store.workers),
        requests: Arc::clone(&store.requests),
        access: Arc::clone(&store.access),
        replies: Arc::clone(&store.replies),
    };
    let gallery = Gallery::new(Arc::clone(&store.images), "nowhere".into(), String::new());
    let site = Site::new(stores, gallery, Arc::new(|| NOW), Options::default());
    let router = tmdb::router().with_state(site);
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

/// The rows of a page by their media types, if any, and ids.
fn ids(page: &Value) -> Vec<(Option<&str>, u64)> {
    let rows = page["results"].as_array().unwrap().iter();
    rows.map(|row| (row["media_type"].as_str(), row["id"].as_u64().unwrap())).collect()
}

#[track_caller]
fn check(page: &Value, wanted: &[u64], total: u64) {
    let found: Vec<u64> = ids(page).into_iter().map(|(_, id)| id).collect();
    assert_eq!(found, wanted, "{page}");
    assert_eq!(page["total_results"], total, "{page}");
}

#[tokio::test]
async fn discover_answers_in_the_language_asked() {
    let store = mirror().await;
    let (_, page) = get(&store, "/3/discover/movie?with_genres=28&language=fr-FR").await;
    check(&page, &[2, 1], 2);
    assert_eq!((&page["page"], &page["total_pages"]), (&json!(1), &json!(1)));
    assert_eq!(page["results"][1]["title"], "Le Tapis");
    assert_eq!(page["results"][1]["genre_ids"], json!([28]));
    let (_, none) = get(&store, "/3/discover/tv?with_status=2").await;
    assert_eq!(none, json!({"page": 1, "results": [], "total_pages": 1, "total_results": 0}));
    let (status, _) = get(&store, "/3/discover/movie?sort_by=height").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(get(&store, "/3/discover/movie?page=501").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn titles_of_a_keyword_a_company_or_a_genre_are_discovered() {
    let store = mirror().await;
    for (path, id, wanted) in [
        ("/3/keyword/3/movies", 3, &[1][..]),
        ("/3/company/4/movies", 4, &[1]),
        ("/3/genre/28/movies", 28, &[2, 1]),
        ("/3/keyword/4/movies", 4, &[]),
    ] {
        let (_, page) = get(&store, path).await;
        check(&page, wanted, wanted.len() as u64);
        assert_eq!(page["id"], id, "{path}");
    }
}

#[tokio::test]
async fn search_finds_by_name() {
    let store = mirror().await;
    let (_, page) = get(&store, "/3/search/multi?query=mat").await;
    let wanted = [(Some("tv"), 1), (Some("movie"), 2), (Some("person"), 1), (Some("movie"), 1)];
    assert_eq!(ids(&page), wanted);
    check(&get(&store, "/3/search/movie?query=Mat&year=2003").await.1, &[2], 1);
    check(&get(&store, "/3/search/movie?query=tapis").await.1, &[1], 1);
    check(&get(&store, "/3/search/tv?query=mat&page=2").await.1, &[], 1);
    check(&get(&store, "/3/search/person?query=flo").await.1, &[1], 1);
    let (_, companies) = get(&store, "/3/search/company?query=mats").await;
    let wanted = json!([{"id": 4, "logo_path": null, "name": "Mats", "origin_country": "DE"}]);
    assert_eq!(companies["results"], wanted);
    check(&get(&store, "/3/search/keyword?query=floor").await.1, &[3], 1);
}

#[tokio::test]
async fn a_search_for_nothing_is_refused_in_tmdbs_other_form() {
    let store = mirror().await;
    for path in ["/3/search/movie", "/3/search/multi?query=", "/3/search/tv?query=+"] {
        let (status, body) = get(&store, path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(body, json!({"errors": ["query must be provided"]}), "{path}");
    }
}

#[tokio::test]
async fn a_list_is_as_it_was_read() {
    let store = mirror().await;
    let (region, language) = (String::new(), "en-US".to_owned());
    let name = ListName { list: "movie.upcoming".to_owned(), region, language };
    let keys = [1, 999, 2].map(Key::movie).to_vec();
    let page = ListPage { name, page: 1, first_rank: 1, keys, seen_at: NOW, is_last: true };
    store.catalog.put_list_page(&page).await.unwrap();
    let (_, page) = get(&store, "/3/movie/upcoming?region=DE&language=de-DE").await;
    // What has no record has no row.
    check(&page, &[1, 2], 3);
    assert_eq!(page["dates"], json!({"maximum": "2026-06-17", "minimum": "2026-05-27"}));
}

#[tokio::test]
async fn a_list_that_was_never_read_is_discovered() {
    let store = mirror().await;
    check(&get(&store, "/3/movie/popular").await.1, &[2, 1], 2);
    check(&get(&store, "/3/movie/top_rated").await.1, &[2, 1], 2);
    check(&get(&store, "/3/tv/airing_today").await.1, &[], 0);
    let (_, page) = get(&store, "/3/trending/all/day").await;
    assert_eq!(ids(&page), [(Some("movie"), 2), (Some("tv"), 1), (Some("movie"), 1)]);
    assert_eq!(get(&store, "/3/trending/all/year").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn find_sorts_what_it_finds_by_kind() {
    let store = mirror().await;
    let (_, found) = get(&store, "/3/find/tt1?external_source=imdb_id").await;
    let of = |kind: &str| found[format!("{kind}_results")].as_array().unwrap().len();
    assert_eq!(["movie", "tv", "person", "tv_season", "tv_episode"].map(of), [1, 0, 0, 0, 1]);
    assert_eq!(found["movie_results"][0]["media_type"], "movie");
    assert_eq!(found["tv_episode_results"][0]["media_type"], "tv_episode");
    let (_, found) = get(&store, "/3/find/a?external_source=twitter_id").await;
    assert_eq!(found["person_results"][0]["name"], "Mat Floor");
    let (status, _) = get(&store, "/3/find/tt1?external_source=cinema").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}
