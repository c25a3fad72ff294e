//! Rows move between both databases and through a file, and arrive as they were.

mod files;
mod samples;
mod snapshots;

use domain::Timestamp;
use domain::run::{NewRun, RunId};

use super::copy::{Fit, MoveError, quiet};
use super::{Purpose, copy, fit, survey};
use crate::Store;
use crate::contract::servers;
use samples::fill;

async fn on_sqlite() -> Store {
    crate::open("sqlite::memory:").await.unwrap()
}

async fn on_postgres() -> Store {
    servers::postgres().await
}

/// Copies a store, and checks that nothing got lost.
async fn check_copy(from: &Store, to: &Store) {
    let copied = copy(from, to, &quiet()).await.unwrap();
    assert!(copied.bodies_elsewhere > 0, "`fill` has some");
    assert!(copied.tables.iter().all(|sum| sum.rows > 0), "{copied:?}");
    assert_eq!(survey(from, &quiet()).await.unwrap(), copied);
    assert_eq!(survey(to, &quiet()).await.unwrap(), copied);
    assert_eq!(to.fingerprint().await.unwrap(), from.fingerprint().await.unwrap());
}

#[tokio::test]
async fn every_row_arrives_there_and_back() {
    let (first, there, back) = (on_sqlite().await, on_postgres().await, on_sqlite().await);
    fill(&first, 0..5).await;
    check_copy(&first, &there).await;
    check_copy(&there, &back).await;
    assert_eq!(survey(&first, &quiet()).await.unwrap(), survey(&back, &quiet()).await.unwrap());
}

#[tokio::test]
async fn every_row_arrives_between_databases_of_one_kind() {
    let (first, second) = (on_sqlite().await, on_sqlite().await);
    fill(&first, 0..5).await;
    check_copy(&first, &second).await;
    let (first, second) = (on_postgres().await, on_postgres().await);
    fill(&first, 0..5).await;
    check_copy(&first, &second).await;
}

#[tokio::test]
async fn new_databases_of_both_kinds_hold_the_same() {
    let (first, second) = (on_sqlite().await, on_postgres().await);
    let nothing = survey(&first, &quiet()).await.unwrap();
    assert!(nothing.tables.iter().all(|sum| sum.rows == 0), "{nothing:?}");
    assert_eq!(survey(&second, &quiet()).await.unwrap(), nothing);
    assert_eq!(copy(&first, &second, &quiet()).await.unwrap(), nothing);
}

#[tokio::test]
async fn a_database_of_postgresql_is_known_by_whatever_name() {
    let url = servers::address().await;
    let mark = if url.contains('?') { '&' } else { '?' };
    let open = async |url: &str| crate::open(url).await.unwrap();
    let one = open(&url).await;
    let same = open(&format!("{url}{mark}application_name=another")).await;
    assert!(one.is_same(&same).await.unwrap() && same.is_same(&one).await.unwrap());
    let (other, file) = (on_postgres().await, on_sqlite().await);
    assert!(!one.is_same(&other).await.unwrap() && !one.is_same(&file).await.unwrap());
    // Nothing is left locked.
    assert!(!other.is_same(&one).await.unwrap() && one.is_same(&same).await.unwrap());
}

#[test]
fn a_file_is_known_by_whatever_path() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("a.db"), folder.path().join("b.db"));
    std::fs::write(&file, "").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let url = |path: &std::path::Path| format!("sqlite:{}", path.display());
    assert!(crate::is_same_file(&url(&file), &url(&link)));
    assert!(crate::is_same_file(&url(&file), &url(&folder.path().join("./a.db"))));
    assert!(!crate::is_same_file(&url(&file), &url(&folder.path().join("c.db"))));
    let none = url(&folder.path().join("c.db"));
    assert!(!crate::is_same_file(&none, &none));
}

async fn check_going_on(from: Store, to: Store) {
    fill(&from, 0..9).await;
    // What an interrupted copy leaves: some tables whole, one begun, the rest empty.
    let mut rows = from.rows(Purpose::Move).await.unwrap();
    let mut whole = 0;
    while let Some(mut batch) = rows.next().await.unwrap() {
        let is_last = batch.table.name == "works_meta";
        batch.rows.truncate(if is_last { 4 } else { 9 });
        whole += batch.rows.len() as u64;
        to.load(batch).await.unwrap();
        if is_last {
            break;
        }
    }
    drop(rows);
    let (fits, all) = fit(&from, &to, &quiet()).await.unwrap();
    assert_eq!(fits, Fit::Begun(whole));
    assert_eq!(all, survey(&from, &quiet()).await.unwrap());
    check_copy(&from, &to).await;
    // Once more changes nothing.
    check_copy(&from, &to).await;
}

#[tokio::test]
async fn an_interrupted_copy_goes_on() {
    check_going_on(on_sqlite().await, on_postgres().await).await;
    check_going_on(on_postgres().await, on_sqlite().await).await;
}

async fn check_refusal(from: Store, to: Store) {
    fill(&from, 0..5).await;
    fill(&to, 1..3).await;
    let before = survey(&to, &quiet()).await.unwrap();
    let (fits, _) = fit(&from, &to, &quiet()).await.unwrap();
    assert!(
        matches!(&fits, Fit::Taken(tables) if tables.contains(&"works".to_owned())),
        "{fits:?}"
    );
    let error = copy(&from, &to, &quiet()).await.unwrap_err();
    assert!(matches!(&error, MoveError::Taken(_)), "{error}");
    assert!(error.to_string().contains("works"), "{error}");
    assert_eq!(survey(&to, &quiet()).await.unwrap(), before);
}

#[tokio::test]
async fn a_database_with_other_rows_is_refused_and_left_alone() {
    check_refusal(on_sqlite().await, on_postgres().await).await;
    check_refusal(on_postgres().await, on_sqlite().await).await;
}

#[tokio::test]
async fn a_database_that_has_more_is_refused() {
    let (from, to) = (on_sqlite().await, on_sqlite().await);
    fill(&from, 0..3).await;
    fill(&to, 0..5).await;
    let error = copy(&from, &to, &quiet()).await.unwrap_err();
    assert!(matches!(error, MoveError::Taken(_)), "{error}");
}

#[tokio::test]
async fn numbers_are_given_out_after_the_last_that_was_copied() {
    let now = Timestamp::from_millis(0);
    for to in [on_sqlite().await, on_postgres().await] {
        let from = on_sqlite().await;
        fill(&from, 0..3).await;
        copy(&from, &to, &quiet()).await.unwrap();
        let (name, trigger) = ("daily".to_owned(), "manual".to_owned());
        let run = NewRun { name, trigger, sources: vec![] };
        assert_eq!(to.ledger.open_run(&run, now).await.unwrap(), RunId(81));
    }
}
