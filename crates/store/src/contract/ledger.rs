//! What every ledger keeps to.

use std::time::Duration;

use domain::ledger::{ApiCall, CallFilter, CallHour, Cursor, Drift, RunCount};
use domain::run::{NewRun, Progress, Run, RunFigures, RunStatus};
use domain::{Kind, RunId};

use super::at;
use crate::Store;

async fn open_run(store: &Store, name: &str, now: i64) -> RunId {
    let sources = vec!["movie.popular".to_owned(), "export.movie".to_owned()];
    let run = NewRun { name: name.to_owned(), trigger: "manual".to_owned(), sources };
    store.ledger.open_run(&run, at(now)).await.unwrap()
}

async fn get(store: &Store, id: RunId) -> Run {
    store.ledger.run(id).await.unwrap().expect("the run is known")
}

pub(super) async fn a_run_adds_up(store: &Store) {
    let id = open_run(store, "quick", 10).await;
    let figures = RunFigures {
        checked: 1,
        skipped: 2,
        queued: 3,
        ingested: 4,
        unchanged: 5,
        gone: 6,
        failed: 7,
        calls: 8,
        bytes: 9,
    };
    let ingested_titles = vec!["Fight Club (1999)".to_owned()];
    let failed_titles = vec!["movie/1: HTTP 502".to_owned()];
    let progress = Progress { figures, ingested_titles, failed_titles };
    let mut twice = figures;
    twice += figures;
    store.ledger.progress(id, &progress, at(11)).await.unwrap();
    store.ledger.progress(id, &progress, at(12)).await.unwrap();
    let run = get(store, id).await;
    assert_eq!(run.figures, twice);
    assert_eq!(run.ingested_titles, ["Fight Club (1999)", "Fight Club (1999)"]);
    assert_eq!(run.failed_titles.len(), 2);
    assert_eq!((run.status, run.started_at, run.ended_at), (RunStatus::Running, at(10), None));
    assert_eq!((run.name.as_str(), run.trigger.as_str()), ("quick", "manual"));
    assert_eq!(run.sources, ["movie.popular", "export.movie"]);
}

pub(super) async fn a_run_ends_once_it_is_closed(store: &Store) {
    let id = open_run(store, "daily", 10).await;
    store.ledger.close_run(id, RunStatus::Failed, Some("no network"), at(2_010)).await.unwrap();
    let run = get(store, id).await;
    assert_eq!((run.status, run.ended_at), (RunStatus::Failed, Some(at(2_010))));
    assert_eq!((run.duration_ms, run.error.as_deref()), (Some(2_000), Some("no network")));
    assert_eq!(store.ledger.run(RunId(99)).await.unwrap(), None);
}

pub(super) async fn a_silent_run_is_interrupted(store: &Store) {
    let silent = open_run(store, "silent", 10).await;
    let alive = open_run(store, "alive", 10).await;
    let closed = open_run(store, "closed", 10).await;
    store.ledger.progress(alive, &Progress::default(), at(100)).await.unwrap();
    store.ledger.close_run(closed, RunStatus::Success, None, at(20)).await.unwrap();
    store.ledger.progress(silent, &Progress::default(), at(40)).await.unwrap();
    assert_eq!(store.ledger.bury_silent_runs(at(50)).await.unwrap(), 1);
    let buried = get(store, silent).await;
    assert_eq!((buried.status, buried.ended_at), (RunStatus::Interrupted, Some(at(40))));
    assert_eq!(buried.duration_ms, Some(30));
    assert_eq!(get(store, alive).await.status, RunStatus::Running);
    assert_eq!(get(store, closed).await.status, RunStatus::Success);
}

pub(super) async fn runs_come_newest_first(store: &Store) {
    let first = open_run(store, "first", 1).await;
    let second = open_run(store, "second", 2).await;
    store.ledger.close_run(first, RunStatus::Stopped, None, at(3)).await.unwrap();
    let ids = |runs: Vec<Run>| runs.iter().map(|run| run.id).collect::<Vec<_>>();
    assert_eq!(ids(store.ledger.runs(None, 9).await.unwrap()), [second, first]);
    assert_eq!(ids(store.ledger.runs(None, 1).await.unwrap()), [second]);
    assert_eq!(ids(store.ledger.runs(Some(RunStatus::Stopped), 9).await.unwrap()), [first]);
}

fn call(now: i64, endpoint: &str, status: Option<u16>, run: Option<RunId>) -> ApiCall {
    ApiCall {
        at: at(now),
        endpoint: endpoint.to_owned(),
        asked: format!("{}?language=en-US", endpoint.replace("{id}", "550")),
        status,
        outcome: if status == Some(200) { "found" } else { "later" }.to_owned(),
        took: Duration::from_millis(u64::try_from(now).unwrap()),
        bytes: 1_000,
        run,
    }
}

async fn log_three(store: &Store) -> [ApiCall; 3] {
    let calls = [
        call(10, "movie/{id}", Some(200), Some(RunId(1))),
        call(20, "movie/{id}", Some(502), None),
        call(30, "movie/popular", None, Some(RunId(1))),
    ];
    store.ledger.log_calls(&calls).await.unwrap();
    calls
}

pub(super) async fn calls_are_listed_and_filtered(store: &Store) {
    let [found, failed, silent] = log_three(store).await;
    let endpoint = Some("movie/{id}".to_owned());
    let filters = [
        (CallFilter::default(), vec![&silent, &failed, &found]),
        (CallFilter { endpoint, ..CallFilter::default() }, vec![&failed, &found]),
        (CallFilter { status: Some(502), ..CallFilter::default() }, vec![&failed]),
        (CallFilter { failed_only: true, ..CallFilter::default() }, vec![&silent, &failed]),
        (CallFilter { run: Some(RunId(1)), ..CallFilter::default() }, vec![&silent, &found]),
    ];
    for (filter, wanted) in filters {
        let calls = store.ledger.calls(&filter, 9).await.unwrap();
        assert_eq!(calls.iter().collect::<Vec<_>>(), wanted, "{filter:?}");
    }
    assert_eq!(store.ledger.calls(&CallFilter::default(), 1).await.unwrap(), [silent]);
}

pub(super) async fn calls_are_counted_by_endpoint_and_status(store: &Store) {
    log_three(store).await;
    store.ledger.log_calls(&[call(40, "movie/{id}", Some(200), None)]).await.unwrap();
    let counts = store.ledger.call_counts(at(0)).await.unwrap();
    let found = counts.iter().find(|count| count.status == Some(200)).unwrap();
    assert_eq!((found.endpoint.as_str(), found.calls, found.bytes), ("movie/{id}", 2, 2_000));
    assert_eq!((found.mean_millis, found.max_millis), (25, 40));
    assert_eq!(counts.len(), 3);
    assert_eq!(store.ledger.call_counts(at(30)).await.unwrap().len(), 2);
}

pub(super) async fn old_calls_are_forgotten(store: &Store) {
    let [_, failed, silent] = log_three(store).await;
    assert_eq!(store.ledger.forget_calls(at(20)).await.unwrap(), 1);
    assert_eq!(store.ledger.calls(&CallFilter::default(), 9).await.unwrap(), [silent, failed]);
}

pub(super) async fn old_runs_forget_their_titles(store: &Store) {
    let titles = Progress {
        ingested_titles: vec!["Fight Club (1999)".to_owned()],
        failed_titles: vec!["movie/1: HTTP 502".to_owned()],
        figures: RunFigures { ingested: 1, ..RunFigures::default() },
    };
    let mut ids = vec![];
    for ended in [Some(20), Some(30), None] {
        let id = open_run(store, "daily", 10).await;
        store.ledger.progress(id, &titles, at(11)).await.unwrap();
        if let Some(ended) = ended {
            store.ledger.close_run(id, RunStatus::Success, None, at(ended)).await.unwrap();
        }
        ids.push(id);
    }
    assert_eq!(store.ledger.forget_titles(at(30)).await.unwrap(), 1);
    assert_eq!(store.ledger.forget_titles(at(30)).await.unwrap(), 0);
    let old = get(store, ids[0]).await;
    assert!(old.ingested_titles.is_empty() && old.failed_titles.is_empty());
    assert_eq!(old.figures.ingested, 1);
    for id in &ids[1..] {
        assert_eq!(get(store, *id).await.ingested_titles.len(), 1);
        assert_eq!(get(store, *id).await.failed_titles.len(), 1);
    }
}

pub(super) async fn a_cursor_moves_and_goes(store: &Store) {
    let cursor = async |source: &str| store.ledger.cursor(source).await.unwrap();
    assert_eq!(cursor("export.movie").await, None);
    for position in [r#"{"line":5}"#, r#"{"line":9}"#] {
        store.ledger.set_cursor("export.movie", Some(position), at(1)).await.unwrap();
        assert_eq!(cursor("export.movie").await.as_deref(), Some(position));
    }
    assert_eq!(cursor("export.tv").await, None);
    store.ledger.set_cursor("export.movie", None, at(2)).await.unwrap();
    assert_eq!(cursor("export.movie").await, None);
}

pub(super) async fn drift_adds_up(store: &Store) {
    let drift = |path: &str, count| Drift {
        kind: Kind::Movie,
        path: path.to_owned(),
        found: "string",
        count,
    };
    store.ledger.note_drift(&[drift("a", 1), drift("b", 2)], at(5)).await.unwrap();
    store.ledger.note_drift(&[drift("a", 4)], at(9)).await.unwrap();
    let counts = store.ledger.drift(9).await.unwrap();
    assert_eq!(counts.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((counts[0].count, counts[0].first_seen, counts[0].last_seen), (5, at(5), at(9)));
    assert_eq!(store.ledger.drift(1).await.unwrap().len(), 1);
}

pub(super) async fn calls_are_counted_by_the_hour(store: &Store) {
    const HOUR: i64 = 3_600_000;
    let when = [(10, Some(200)), (HOUR - 1, Some(502)), (HOUR, Some(200)), (3 * HOUR, None)];
    let calls = when.map(|(now, status)| call(now, "movie/{id}", status, None));
    store.ledger.log_calls(&calls).await.unwrap();
    let hour =
        |hour, calls, failed| CallHour { hour: at(hour), calls, failed, bytes: calls * 1_000 };
    let wanted = [hour(0, 2, 1), hour(HOUR, 1, 0), hour(3 * HOUR, 1, 1)];
    assert_eq!(store.ledger.call_hours(at(0)).await.unwrap(), wanted);
    assert_eq!(store.ledger.call_hours(at(HOUR)).await.unwrap(), wanted[1..]);
}

pub(super) async fn all_cursors_are_listed(store: &Store) {
    store.ledger.set_cursor("b", Some("{}"), at(10)).await.unwrap();
    store.ledger.set_cursor("a", Some(r#"{"page": 2}"#), at(20)).await.unwrap();
    let cursor = |source: &str, position: &str, moved_at| Cursor {
        source: source.to_owned(),
        position: position.to_owned(),
        moved_at: at(moved_at),
    };
    let wanted = [cursor("a", r#"{"page": 2}"#, 20), cursor("b", "{}", 10)];
    assert_eq!(store.ledger.cursors().await.unwrap(), wanted);
}

pub(super) async fn runs_are_counted_by_how_they_stand(store: &Store) {
    assert_eq!(store.ledger.run_counts().await.unwrap(), []);
    for (now, ended) in [(1, Some(RunStatus::Failed)), (2, Some(RunStatus::Failed)), (3, None)] {
        let id = open_run(store, "quick", now).await;
        if let Some(status) = ended {
            store.ledger.close_run(id, status, None, at(9)).await.unwrap();
        }
    }
    let count = |status, runs, last| RunCount { status, runs, last_started_at: at(last) };
    let wanted = [count(RunStatus::Failed, 2, 2), count(RunStatus::Running, 1, 3)];
    assert_eq!(store.ledger.run_counts().await.unwrap(), wanted);
}
