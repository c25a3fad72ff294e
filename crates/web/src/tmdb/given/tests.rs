//! Kept answers over time, on a mirror of one movie.

use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use domain::{Key, Timestamp};
use tokio::time::advance;

use super::*;
use crate::edge::Behind as _;
use crate::server::tests::{options, site};
use crate::tmdb;

/// More than half of the time that an answer is kept.
const MOST_OF_IT: Duration = Duration::from_mins(3);

async fn asked(site: &Site, uri: &str) {
    let router = tmdb::router().with_state(site.clone());
    let response = router.answer(Request::get(uri).body("".into()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK, "{uri}");
}

/// Collects the movie anew, a while after the first time.
async fn collect_anew(site: &Site) {
    let before = site.stores().archive.get(Key::movie(550)).await.unwrap().unwrap();
    let at = Timestamp::from_millis(before.fetched_at.as_millis() + 1_000);
    let body = br#"{"id":550,"title":"Fight Club 2"}"#;
    let (record, _) = records::record(before.key, body, "movie/550", at).unwrap();
    site.stores().archive.put(&[record]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_asked_for_holds_as_long_as_its_record() {
    let site = site(options()).await;
    let path = "/3/movie/550";
    asked(&site, path).await;
    for _ in 0..2 {
        advance(MOST_OF_IT).await;
        assert!(site.answers().ready(path).is_some());
        look_at(&site, &site.answers().ageing().await).await;
    }
    // It would be over long ago.
    advance(MOST_OF_IT).await;
    assert!(site.answers().ready(path).is_some());
    collect_anew(&site).await;
    look_at(&site, &site.answers().ageing().await).await;
    assert!(site.answers().ready(path).is_none());
}

#[tokio::test]
async fn what_is_kept_is_found_by_any_spelling_of_its_query() {
    let site = site(options()).await;
    let ready = |uri: &str| {
        let parts = Request::get(uri).body(()).unwrap().into_parts().0;
        ready(&site, &parts).is_some()
    };
    // Escaped, and with what means nothing: read first, and kept under the same text.
    asked(&site, "/3/movie/550?language=en%2DUS&_=1&append_to_response=credits").await;
    assert!(ready("/3/movie/550?append_to_response=credits&api_key=x&language=en-US"));
    assert!(ready("/3/movie/550?language=en-US&append_to_response=credits"));
    assert!(!ready("/3/movie/550?append_to_response=credits"));
    let head = Request::head("/3/movie/550?language=en-US&append_to_response=credits");
    assert!(super::ready(&site, &head.body(()).unwrap().into_parts().0).is_none());
}
