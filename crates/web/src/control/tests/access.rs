//! Who may do what: tokens of the control API, clients of `/3`.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use domain::Key;
use domain::access::Scope;
use serde_json::json;

use super::{Answered, World};
use crate::options::{ClientMode, Options, Reads};

const STOP: &str = "/pipeline/scheduler/stop";

#[tokio::test]
async fn writes_need_a_token_of_their_scope() {
    let world = World::new().await;
    for (name, scope) in [("r", Scope::Read), ("w", Scope::Write), ("a", Scope::Admin)] {
        world.token(name, scope).await;
    }
    let missing = world.post(STOP, "", "").await;
    missing.is_problem(401, "token_missing");
    assert_eq!(missing.headers[header::WWW_AUTHENTICATE], "Bearer");
    world.post(STOP, "nobody", "").await.is_problem(401, "token_unknown");
    world.post(STOP, "r", "").await.is_problem(403, "scope_too_small");
    world.post(STOP, "w", "").await.is(200);
    world.post(STOP, "a", "").await.is(200);
    world.post("/clients", "w", r#"{"name": "app"}"#).await.is_problem(403, "scope_too_small");
    world.get("/clients").await.is_problem(401, "token_missing");
}

#[tokio::test]
async fn a_token_that_is_over_does_not_count() {
    let world = World::new().await;
    world.token("w", Scope::Write).await;
    let mut short = world.store.access.tokens().await.unwrap().remove(0);
    short.name = "short".to_owned();
    short.hash = crate::secrets::hash("short");
    short.expires_at = Some(world.now() + Duration::from_mins(1));
    world.store.access.add_token(&short).await.unwrap();
    world.post(STOP, "short", "").await.is(200);
    world.pass(Duration::from_mins(1));
    world.post(STOP, "short", "").await.is_problem(401, "token_expired");
    world.store.access.revoke_token("w", world.now()).await.unwrap();
    world.post(STOP, "w", "").await.is_problem(401, "token_revoked");
}

async fn reads(listen: &str, reads: Reads) -> Answered {
    let options = Options { listen: listen.to_owned(), reads, ..Options::default() };
    World::with(options).await.get("/pipeline/runs").await
}

#[tokio::test]
async fn reads_are_open_to_this_machine_and_to_tokens() {
    reads("127.0.0.1:0", Reads::Auto).await.is(200);
    reads("0.0.0.0:0", Reads::Open).await.is(200);
    reads("0.0.0.0:0", Reads::Auto).await.is_problem(401, "token_missing");
    reads("127.0.0.1:0", Reads::Token).await.is_problem(401, "token_missing");
    let options = Options { reads: Reads::Token, ..Options::default() };
    let world = World::with(options).await;
    world.token("r", Scope::Read).await;
    let request = Request::get("/pipeline/runs").header(header::AUTHORIZATION, "bearer r");
    world.ask(request.body(Body::empty()).unwrap()).await.is(200);
}

async fn keyed() -> World {
    let world = World::with(Options { clients: ClientMode::Keys, ..Options::default() }).await;
    world.token("root", Scope::Admin).await;
    world
}

async fn create(world: &World, body: serde_json::Value) -> String {
    let made = world.post("/clients", "root", &body.to_string()).await;
    made.is(201)["key"].as_str().unwrap().to_owned()
}

async fn ask(world: &World, key: &str) -> Answered {
    world.get(&format!("/3/authentication?api_key={key}")).await
}

/// TMDB's words for a key that is none.
#[track_caller]
fn is_refused(answered: &Answered) {
    assert_eq!(
        (answered.is(401)["status_code"].clone(), &answered.json["success"]),
        (json!(7), &json!(false))
    );
}

#[tokio::test]
async fn without_keys_anybody_may_ask() {
    let world = World::new().await;
    let valid = json!({"success": true, "status_code": 1, "status_message": "Success."});
    assert_eq!(world.get("/3/authentication").await.is(200), &valid);
    assert_eq!(ask(&world, "anything").await.is(200), &valid);
}

#[tokio::test]
async fn with_keys_only_clients_may_ask() {
    let world = keyed().await;
    is_refused(&world.get("/3/authentication").await);
    is_refused(&ask(&world, "anything").await);
    let key = create(&world, json!({"name": "app"})).await;
    assert_eq!(key.len(), 32);
    // An unknown key makes the clients be read again, once a second.
    world.pass(Duration::from_secs(1));
    ask(&world, &key).await.is(200);
    let bearer =
        Request::get("/3/authentication").header(header::AUTHORIZATION, format!("Bearer {key}"));
    world.ask(bearer.body(Body::empty()).unwrap()).await.is(200);
    is_refused(&world.get("/3/movie/550?api_key=wrong").await);
    world.get("/pipeline/status").await.is(200);
    world.post("/clients/app/revoke", "root", "").await.is(200);
    world.site.clients().keep(world.now()).await.unwrap();
    is_refused(&ask(&world, &key).await);
}

#[tokio::test]
async fn what_lies_ready_is_for_those_with_a_key_too() {
    let world = keyed().await;
    let body = br#"{"id":550,"title":"Fight Club"}"#;
    let (record, _) = records::record(Key::movie(550), body, "movie/550", world.now()).unwrap();
    world.store.archive.put(&[record]).await.unwrap();
    let key = create(&world, json!({"name": "app", "per_day": 3})).await;
    let path = |key: &str| format!("/3/movie/550?api_key={key}");
    for _ in 0..3 {
        world.get(&path(&key)).await.is(200);
    }
    assert!(world.site.answers().ready("/3/movie/550").is_some());
    is_refused(&world.get("/3/movie/550").await);
    is_refused(&world.get(&path("wrong")).await);
    world.get(&path(&key)).await.is(429);
}

#[tokio::test]
async fn beyond_the_quota_a_client_is_told_when_to_come_again() {
    let world = keyed().await;
    let key = create(&world, json!({"name": "app", "per_second": 2, "per_day": 3})).await;
    ask(&world, &key).await.is(200);
    ask(&world, &key).await.is(200);
    let beyond = ask(&world, &key).await;
    assert_eq!(beyond.is(429)["status_code"], 25);
    assert_eq!(beyond.headers[header::RETRY_AFTER], "1");
    world.pass(Duration::from_secs(1));
    ask(&world, &key).await.is(200);
    let day = ask(&world, &key).await;
    day.is(429);
    // Until midnight.
    assert_eq!(day.headers[header::RETRY_AFTER], (7 * 3_600 - 1).to_string());
    world.site.clients().keep(world.now()).await.unwrap();
    ask(&world, &key).await.is(429);
    let request = Request::get("/clients/app/usage").header(header::AUTHORIZATION, "Bearer root");
    let usage = world.ask(request.body(Body::empty()).unwrap()).await;
    let wanted = json!([{"client": "app", "day": "2026-11-21", "requests": 3, "refused": 2}]);
    assert_eq!(usage.is(200)["usage"], wanted);
    world.pass(Duration::from_hours(7));
    ask(&world, &key).await.is(200);
}

#[tokio::test]
async fn a_rotated_key_counts_for_a_while() {
    let world = keyed().await;
    let old = create(&world, json!({"name": "app"})).await;
    let rotated = world.post("/clients/app/rotate", "root", r#"{"grace_hours": 2}"#).await;
    let new = rotated.is(200)["key"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    ask(&world, &old).await.is(200);
    ask(&world, &new).await.is(200);
    world.pass(Duration::from_hours(2));
    is_refused(&ask(&world, &old).await);
    ask(&world, &new).await.is(200);
    let nobody = world.post("/clients/nobody/rotate", "root", "").await;
    nobody.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_client_has_a_name_and_a_quota_that_make_sense() {
    let world = keyed().await;
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "a b"}),
        json!({"name": "a", "per_second": 0}),
        json!({"name": "a", "per_day": -1}),
    ] {
        let refused = world.post("/clients", "root", &body.to_string()).await;
        refused.is_problem(422, "unprocessable");
    }
}
