//! A mirror moves: between databases, into a file, and out of it.

use std::fs;

use domain::{Timestamp, Worker};
use serde_json::{Value, json};
use store::Store;
use testbed::postgres::shared;

use crate::mirror::{Mirror, stderr};

/// A mirror of some titles, with a list, ratings and a tombstone's worth of books.
fn filled() -> Mirror {
    let mirror = Mirror::generated(30);
    mirror.json(&["run", "custom", "--source", "export.movie", "--source", "movie.popular"]);
    let ratings = "kind,tmdb_id,value,scale,votes\nmovie,1,4,5,10\n";
    fs::write(mirror.folder.path().join("own.csv"), ratings).unwrap();
    mirror.json(&["ratings", "import", "own.csv", "--source", "own"]);
    mirror
}

fn open(mirror: &Mirror, url: &str) -> Store {
    mirror.runtime.block_on(store::open(url)).unwrap()
}

fn fingerprint(mirror: &Mirror, url: &str) -> Vec<store::Fingerprint> {
    let store = open(mirror, url);
    mirror.runtime.block_on(store.fingerprint()).unwrap()
}

fn new_postgres(mirror: &Mirror) -> String {
    mirror.runtime.block_on(shared().create(None)).unwrap()
}

fn rows(tables: &Value, name: &str) -> u64 {
    let tables = tables["tables"].as_array().unwrap();
    let table = tables.iter().find(|sum| sum["table"] == name).unwrap();
    table["rows"].as_u64().unwrap()
}

#[test]
fn a_mirror_moves_to_postgresql_and_back() {
    let mirror = filled();
    let (there, back) = (new_postgres(&mirror), "sqlite:back.db");
    let planned = mirror.json(&["migrate-store", &mirror.store, &there, "--dry-run"]);
    assert_eq!((&planned["taken"], &planned["there"]), (&json!([]), &json!(0)));
    let copied = mirror.json(&["migrate-store", &mirror.store, &there]);
    assert_eq!(copied["tables"], planned["tables"]);
    assert!(rows(&copied, "works") > 20 && rows(&copied, "api_calls") > 0, "{copied}");
    assert_eq!(fingerprint(&mirror, &there), fingerprint(&mirror, &mirror.store));
    let again = mirror.json(&["migrate-store", &there, back]);
    assert_eq!(again["tables"], copied["tables"]);
    // What people see is the same too.
    let seen = |store: &str| mirror.json(&["--store", store, "query", "--sort", "score"]);
    assert_eq!(seen(back), seen(&mirror.store));
    assert_eq!(mirror.json(&["--store", back, "archive", "verify"])["faults"], json!([]));
    mirror.json(&["--store", back, "collect", "movie/1"]);
    // By now it is another deployment, which is not written over.
    let output = mirror.run(&["migrate-store", &there, back]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("holds other rows already"), "{}", stderr(&output));
    let planned = mirror.run(&["migrate-store", &there, back, "--dry-run"]);
    assert_eq!(planned.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&planned.stdout).contains("Name an empty store"));
}

#[test]
fn a_dry_run_makes_no_store() {
    let mirror = filled();
    let planned = mirror.json(&["migrate-store", &mirror.store, "sqlite:new.db", "--dry-run"]);
    assert!(rows(&planned, "versions") > 0);
    assert!(!mirror.folder.path().join("new.db").exists());
    let output = mirror.run(&["migrate-store", "sqlite:none.db", "sqlite:new.db"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("there is no sqlite:none.db"), "{}", stderr(&output));
    assert!(!mirror.folder.path().join("none.db").exists());
}

#[test]
fn a_store_is_not_copied_into_itself() {
    let mirror = filled();
    let check = |from: &str, to: &str, dry: &[&str]| {
        let mut arguments = vec!["migrate-store", from, to];
        arguments.extend(dry);
        let output = mirror.run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("name where to copy it"), "{}", stderr(&output));
    };
    check("sqlite:cinemirror.db", "sqlite:./cinemirror.db", &[]);
    check(&mirror.store, "sqlite:cinemirror.db", &["--dry-run"]);
    let there = new_postgres(&mirror);
    let mark = if there.contains('?') { '&' } else { '?' };
    let again = format!("{there}{mark}application_name=another");
    check(&there, &again, &[]);
    check(&there, &again, &["--dry-run"]);
}

#[test]
fn where_workers_live_nothing_is_moved_unless_one_insists() {
    let mirror = filled();
    // Long after whatever the machine's clock says.
    let heard_at = Timestamp::from_millis(32_000_000_000_000);
    let worker = Worker { name: "worker-at-work".to_owned(), heard_at, ..Worker::default() };
    mirror.runtime.block_on(mirror.open().workers.beat(&worker)).unwrap();
    let output = mirror.run(&["migrate-store", &mirror.store, "sqlite:new.db"]);
    assert_eq!(output.status.code(), Some(1));
    let error = stderr(&output);
    assert!(error.contains("worker-at-work") && error.contains("--force"), "{error}");
    assert!(!mirror.folder.path().join("new.db").exists());
    let planned = mirror.run(&["migrate-store", &mirror.store, "sqlite:new.db", "--dry-run"]);
    let told = stderr(&planned);
    assert!(planned.status.success() && told.contains("worker-at-work"), "{told}");
    mirror.json(&["migrate-store", &mirror.store, "sqlite:new.db", "--force"]);
    let new =
        fingerprint(&mirror, &format!("sqlite:{}", mirror.folder.path().join("new.db").display()));
    assert_eq!(new, fingerprint(&mirror, &mirror.store));
}

#[test]
fn a_backup_is_restored_into_either_database_and_a_damaged_one_into_none() {
    let mirror = filled();
    let made = mirror.json(&["backup", "--to", "backups"]);
    let file = made["file"].as_str().unwrap();
    assert!(file.ends_with(".cmbackup"), "{file}");
    assert!(made["delete_by"].as_str().unwrap() > made["made_at"].as_str().unwrap(), "{made}");
    let output = mirror.run(&["backup", "--to", file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("--replace"), "{}", stderr(&output));
    let verified = mirror.json(&["backup", "--verify", file]);
    assert_eq!(verified, made);
    let there = new_postgres(&mirror);
    let restored = mirror.json(&["restore", "--from", file, "--store", &there]);
    assert_eq!(restored["tables"], made["tables"]);
    assert_eq!(fingerprint(&mirror, &there), fingerprint(&mirror, &mirror.store));

    let path = mirror.folder.path().join(file);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let output = mirror.run(&["restore", "--from", file, "--to", "sqlite:cut.db"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is cut off at byte"), "{}", stderr(&output));
    assert!(!mirror.folder.path().join("cut.db").exists());
    let output = mirror.run(&["backup", "--verify", "own.csv"]);
    assert!(stderr(&output).contains("own.csv is no backup"), "{}", stderr(&output));
}
