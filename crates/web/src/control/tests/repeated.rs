//! A request with a key of its own is answered once.

use std::time::Duration;

use domain::access::Scope;
use serde_json::json;

use super::{World, post};

const RUN: &str = "/pipeline/run";
const QUICK: &str = r#"{"update_type": "quick"}"#;

async fn world() -> World {
    let world = World::new().await;
    world.token("ops", Scope::Write).await;
    world.token("other", Scope::Write).await;
    world.token("root", Scope::Admin).await;
    world
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer() {
    let world = world().await;
    let first = world.ask(post(RUN, "ops", QUICK, Some("k"))).await;
    let second = world.ask(post(RUN, "ops", QUICK, Some("k"))).await;
    assert_eq!((second.is(202), first.is(202)), (&first.json, &second.json));
    assert_eq!(second.headers["location"], first.headers["location"]);
    assert_eq!(second.headers["idempotency-replayed"], "true");
    assert_eq!(world.store.ledger.runs(None, 9).await.unwrap().len(), 1);
    world.pass(Duration::from_hours(25));
    world.ask(post(RUN, "ops", QUICK, Some("k"))).await.is_problem(409, "run_in_progress");
}

#[tokio::test]
async fn another_request_with_the_same_key_is_a_mistake() {
    let world = world().await;
    world.ask(post(RUN, "ops", QUICK, Some("k"))).await.is(202);
    let other = world.ask(post(RUN, "ops", r#"{"update_type": "full"}"#, Some("k"))).await;
    other.is_problem(422, "idempotency_key_reused");
    let elsewhere = world.ask(post("/pipeline/scheduler/stop", "ops", QUICK, Some("k"))).await;
    elsewhere.is_problem(422, "idempotency_key_reused");
    world.ask(post(RUN, "other", QUICK, Some("k"))).await.is_problem(409, "run_in_progress");
}

#[tokio::test]
async fn a_refusal_is_an_answer_too() {
    let world = world().await;
    for _ in 0..2 {
        world.ask(post(RUN, "ops", "{}", Some("k"))).await.is_problem(422, "unprocessable");
    }
    let long = "k".repeat(256);
    world.ask(post(RUN, "ops", QUICK, Some(&long))).await.is_problem(400, "invalid_request");
}

#[tokio::test]
async fn what_is_being_answered_is_not_begun_again() {
    use domain::reply::{Begun, Question};
    let world = world().await;
    let mut hasher = blake3::Hasher::new();
    hasher.update(RUN.as_bytes()).update(b"\n").update(QUICK.as_bytes());
    let question = Question {
        owner: "ops".to_owned(),
        key: "k".to_owned(),
        fingerprint: hasher.finalize().to_hex().to_string(),
        until: world.now() + Duration::from_hours(1),
        abandoned_before: world.now(),
    };
    let begun = world.store.replies.begin(&question, 9, world.now()).await.unwrap();
    assert_eq!(begun, Begun::New);
    let underway = world.ask(post(RUN, "ops", QUICK, Some("k"))).await;
    underway.is_problem(409, "idempotency_key_in_use");
    assert_eq!(underway.headers["retry-after"], "1");
    world.pass(Duration::from_mins(2));
    world.ask(post(RUN, "ops", QUICK, Some("k"))).await.is(202);
}

#[tokio::test]
async fn a_secret_is_not_given_again() {
    let world = world().await;
    let body = json!({"name": "app"}).to_string();
    let first = world.ask(post("/clients", "root", &body, Some("k"))).await;
    assert_eq!(first.is(201)["key"], "00".repeat(16));
    let second = world.ask(post("/clients", "root", &body, Some("k"))).await;
    assert_eq!((&second.is(201)["key"], &second.json["name"]), (&json!(null), &json!("app")));
    let third = world.post("/clients", "root", &body).await;
    third.is_problem(409, "name_taken");
}
