//! Runs are asked for, watched and cancelled; the schedule is stopped and started.

use std::time::Duration;

use domain::access::Scope;
use domain::run::RunStatus;
use domain::{Key, RunId};
use serde_json::{Value, json};

use super::{World, post};

const LEASE: Duration = Duration::from_secs(30);

async fn world() -> World {
    let world = World::new().await;
    world.token("ops", Scope::Write).await;
    world
}

async fn run(world: &World, body: &Value) -> super::Answered {
    world.post("/pipeline/run", "ops", &body.to_string()).await
}

#[tokio::test]
async fn a_run_that_is_asked_for_waits_and_is_watched() {
    let world = world().await;
    let accepted = run(&world, &json!({"update_type": "quick"})).await;
    assert_eq!(accepted.is(202)["run"], 1);
    assert_eq!(accepted.headers["location"], "/pipeline/runs/1");
    assert_eq!(accepted.json["is_taken_soon"], false);
    let sources = accepted.json["sources"].as_array().unwrap();
    assert!(sources.contains(&json!("movie.popular")), "{sources:?}");
    let status = world.get("/pipeline/status").await;
    assert_eq!(status.is(200)["state"], "waiting");
    assert_eq!(status.json["last_run"]["trigger"], "api");
    let claimed = world.store.requests.claim("w", LEASE, world.now()).await.unwrap().unwrap();
    assert_eq!(claimed.asked_by, "ops");
    let status = world.get("/pipeline/status").await;
    assert_eq!(
        (&status.json["state"], &status.json["running"][0]["id"]),
        (&json!("running"), &json!(1))
    );
    let ledger = &world.store.ledger;
    ledger.close_run(RunId(1), RunStatus::Failed, Some("no network"), world.now()).await.unwrap();
    let one = world.get("/pipeline/runs/1").await;
    assert_eq!(one.is(200)["error"], "no network");
    let events = one.json["events"].as_array().unwrap();
    let events: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["started", "ended"]);
    let status = world.get("/pipeline/status").await;
    assert_eq!(
        (&status.json["state"], &status.json["runs"]["failed"]),
        (&json!("idle"), &json!(1))
    );
}

#[tokio::test]
async fn an_overlap_of_runs_that_exclude_each_other_is_a_conflict() {
    let world = world().await;
    run(&world, &json!({"scheduleType": "daily"})).await.is(202);
    let busy = run(&world, &json!({"update_type": "quick"})).await;
    busy.is_problem(409, "run_in_progress");
    assert_eq!(busy.json["run"], 1);
    run(&world, &json!({"update_type": "full"})).await.is(202);
    run(&world, &json!({"update_type": "full"})).await.is_problem(409, "run_in_progress");
}

#[tokio::test]
async fn a_run_may_have_sources_of_its_own() {
    let world = world().await;
    let body = json!({
        "categories": ["popular", "hidden_gems"], "pages_per_category": 10,
        "include_trending": true, "enrich": true, "max_enrichment": 100, "incremental": false,
    });
    let accepted = run(&world, &body).await;
    assert_eq!(accepted.is(202)["name"], "custom");
    let sources = accepted.json["sources"].as_array().unwrap();
    for source in ["movie.popular", "tv.hidden_gems", "trending.movie.week"] {
        assert!(sources.contains(&json!(source)), "{sources:?}");
    }
    let claimed = world.store.requests.claim("w", LEASE, world.now()).await.unwrap().unwrap();
    let wish: Value = serde_json::from_str(&claimed.wish).unwrap();
    let custom = json!({"pages": 10, "enrich": true, "max_enrichment": 100, "again": true});
    assert_eq!(wish, json!({"custom": custom}));
}

#[tokio::test]
async fn what_says_nothing_may_stand_beside_a_name() {
    let world = world().await;
    let body = json!({
        "update_type": "quick", "scheduleType": null, "categories": [], "include_trending": false,
        "pages_per_category": null,
    });
    assert_eq!(run(&world, &body).await.is(202)["name"], "quick");
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let world = world().await;
    for body in [
        json!({}),
        json!({"update_type": "hourly"}),
        json!({"update_type": "quick", "scheduleType": "daily"}),
        json!({"update_type": "quick", "categories": ["popular"]}),
        json!({"categories": ["popularity"]}),
        json!({"categories": ["popular"], "pages_per_category": 501}),
        json!({"categories": "popular"}),
        json!({"update": "quick"}),
    ] {
        run(&world, &body).await.is_problem(422, "unprocessable");
    }
    world.post("/pipeline/run", "ops", "{").await.is_problem(400, "invalid_request");
    let long = format!("{{\"update_type\": \"{}\"}}", "x".repeat(100_000));
    world.post("/pipeline/run", "ops", &long).await.is_problem(413, "body_too_large");
    let mut request = post("/pipeline/run", "ops", "update_type=quick", None);
    let form = "application/x-www-form-urlencoded".parse().unwrap();
    request.headers_mut().insert("content-type", form);
    world.ask(request).await.is_problem(415, "media_type");
    world.get("/pipeline/runs?limit=0").await.is_problem(400, "invalid_request");
    world.get("/pipeline/runs?limit=many").await.is_problem(400, "invalid_request");
    world.get("/pipeline/runs?status=DONE").await.is_problem(400, "invalid_request");
    world.get("/pipeline/runs/9").await.is_problem(404, "not_found");
    world.get("/pipeline/runs/nine").await.is_problem(404, "not_found");
    world.get("/pipeline/nothing").await.is_problem(404, "not_found");
    world.get("/pipeline/run").await.is_problem(405, "method_not_allowed");
    assert_eq!(world.store.ledger.runs(None, 9).await.unwrap(), []);
}

#[tokio::test]
async fn runs_are_cancelled_whether_they_wait_or_run() {
    let world = world().await;
    run(&world, &json!({"update_type": "quick"})).await.is(202);
    let stopped = world.post("/pipeline/runs/1/cancel", "ops", "").await;
    assert_eq!(stopped.is(202)["state"], "stopped");
    let again = world.post("/pipeline/runs/1/cancel", "ops", "").await;
    again.is_problem(409, "run_ended");
    run(&world, &json!({"update_type": "quick"})).await.is(202);
    world.store.requests.claim("w", LEASE, world.now()).await.unwrap().unwrap();
    let told = world.post("/pipeline/runs/2/cancel", "ops", "").await;
    assert_eq!(told.is(202)["state"], "stopping");
    assert_eq!(world.store.requests.cancelled_by(RunId(2)).await.unwrap().as_deref(), Some("ops"));
    world.post("/pipeline/runs/9/cancel", "ops", "").await.is_problem(404, "not_found");
}

#[tokio::test]
async fn runs_are_listed_by_how_they_stand() {
    let world = world().await;
    run(&world, &json!({"update_type": "quick"})).await.is(202);
    world.post("/pipeline/runs/1/cancel", "ops", "").await.is(202);
    run(&world, &json!({"update_type": "full"})).await.is(202);
    let ids = |answered: super::Answered| -> Vec<Value> {
        answered.is(200)["runs"].as_array().unwrap().iter().map(|run| run["id"].clone()).collect()
    };
    assert_eq!(ids(world.get("/pipeline/runs").await), [json!(2), json!(1)]);
    assert_eq!(ids(world.get("/pipeline/runs?limit=1").await), [json!(2)]);
    assert_eq!(ids(world.get("/pipeline/runs?limit=20&status=STOPPED").await), [json!(1)]);
    assert_eq!(ids(world.get("/pipeline/runs?status=SUCCESS").await), [Value::Null; 0]);
}

#[tokio::test]
async fn the_schedule_is_stopped_and_started() {
    let world = world().await;
    let status = world.get("/pipeline/scheduler/status").await;
    assert_eq!(status.is(200)["is_stopped"], false);
    let stopped = world.post("/pipeline/scheduler/stop", "ops", "").await;
    assert_eq!(stopped.is(200)["changed"], json!(["daily", "quick", "weekly"]));
    assert_eq!(stopped.json["scheduler"]["is_stopped"], true);
    let (_, states) = world.store.schedule.standing().await.unwrap();
    assert!(states.len() == 3 && states.iter().all(|state| state.paused), "{states:?}");
    let again = world.post("/pipeline/scheduler/stop", "ops", "").await;
    assert_eq!(again.is(200)["changed"], json!([]));
    let one = world.post("/pipeline/scheduler/entries/quick/resume", "ops", "").await;
    assert_eq!(one.is(200)["changed"], json!(["quick"]));
    let jobs = one.json["scheduler"]["jobs"].as_array().unwrap();
    let quick = jobs.iter().find(|job| job["name"] == "quick").unwrap();
    assert_eq!(quick["next_run"], "2026-11-21T18:00:00.000Z");
    let started = world.post("/pipeline/scheduler/start", "ops", "").await;
    assert_eq!(started.is(200)["changed"], json!(["daily", "weekly"]));
    let triggered = world.post("/pipeline/scheduler/entries/daily/trigger", "ops", "").await;
    assert_eq!(triggered.is(202)["entry"], "daily");
    let nothing = world.post("/pipeline/scheduler/entries/hourly/trigger", "ops", "").await;
    nothing.is_problem(404, "not_found");
}

#[tokio::test]
async fn figures_are_there_though_nothing_happened() {
    let world = world().await;
    for (path, member) in [
        ("/pipeline/queue", "ready"),
        ("/pipeline/queue/tasks", "tasks"),
        ("/pipeline/queue/dead", "dead"),
        ("/pipeline/api-calls", "calls"),
        ("/pipeline/api-calls/counts", "by_hour"),
        ("/pipeline/cursors", "cursors"),
        ("/pipeline/drift", "drift"),
        ("/pipeline/terms", "is_lawful"),
        ("/pipeline/archive", "kinds"),
        ("/pipeline/workers", "workers"),
        ("/pipeline/tombstones", "tombstones"),
        ("/pipeline/scheduler/starts", "starts"),
    ] {
        assert!(!world.get(path).await.is(200)[member].is_null(), "{path} has no {member}");
    }
}

#[tokio::test]
async fn dead_letters_are_moved_only_where_it_is_said_which() {
    let world = world().await;
    let path = "/pipeline/queue/dead/redrive";
    world.post(path, "ops", "{}").await.is_problem(422, "unprocessable");
    world.post(path, "ops", r#"{"keys": ["550"]}"#).await.is_problem(422, "unprocessable");
    world.post(path, "ops", r#"{"kind": "film"}"#).await.is_problem(422, "unprocessable");
    assert_eq!(world.post(path, "ops", r#"{"all": true}"#).await.is(200)["count"], 0);
    let key = r#"{"keys": ["movie/550"]}"#;
    assert_eq!(world.post("/pipeline/queue/dead/purge", "ops", key).await.is(200)["count"], 0);
}

#[tokio::test]
async fn cached_items_and_cards_are_those_of_the_store() {
    use domain::catalogue::{ListName, ListPage};
    let world = world().await;
    let body = json!({
        "id": 550, "title": "A Title", "overview": "Words.", "poster_path": "/a.jpg",
        "vote_average": 8.4, "vote_count": 26_280, "popularity": 61.416, "adult": false,
        "release_date": "1999-10-15", "original_language": "en",
        "genres": [{"id": 18, "name": "Drama"}, {"id": 53, "name": "Thriller"}],
    });
    let key = Key::movie(550);
    let record = records::record(key, body.to_string().as_bytes(), "", world.now()).unwrap().0;
    world.store.archive.put(std::slice::from_ref(&record)).await.unwrap();
    world.store.catalog.put(&[record]).await.unwrap();
    let name = |language: &str| ListName {
        list: "movie.popular".to_owned(),
        region: String::new(),
        language: language.to_owned(),
    };
    let page = ListPage {
        name: name(""),
        page: 1,
        first_rank: 1,
        keys: vec![Key::movie(551), key],
        seen_at: world.now(),
        is_last: true,
    };
    world.store.catalog.put_list_page(&page).await.unwrap();
    let cached = world.get("/cache/popular?type=movie").await;
    assert_eq!(
        cached.is(200)["items"],
        json!([{
            "cacheKey": "popular#movie#550", "contentId": "550", "contentType": "movie",
            "category": "popular", "title": "A Title", "overview": "Words.",
            "posterPath": "/a.jpg", "backdropPath": null, "voteAverage": 8.4, "voteCount": 26_280,
            "popularity": 61.416, "releaseDate": "1999-10-15", "genreIds": [18, 53],
            "originalLanguage": "en", "adult": false, "fetchedAt": super::START,
            "expiresAt": super::START / 1_000 + 7 * 86_400, "source": "tmdb_scheduled_fetch",
        }])
    );
    assert_eq!(world.get("/cache/trending").await.is(200)["items"], json!([]));
    world.get("/cache/nothing").await.is_problem(404, "not_found");
    world.get("/cache/popular?type=film").await.is_problem(400, "invalid_request");
    let card = world.get("/cards/movie/550").await;
    assert!(card.is(200).is_object());
    let stored = world.store.catalog.card(key).await.unwrap().unwrap();
    assert_eq!(card.headers["etag"], stored.etag);
    let known = axum::http::Request::get("/cards/movie/550").header("if-none-match", stored.etag);
    world.ask(known.body(axum::body::Body::empty()).unwrap()).await.is(304);
    world.get("/cards/movie/1").await.is_problem(404, "not_found");
    world.get("/cards/person/1").await.is_problem(404, "not_found");
}
