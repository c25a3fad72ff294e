//! Backups: made while others write, restored elsewhere, refused when they are damaged.

use std::fs;
use std::path::{Path, PathBuf};

use domain::{Key, Record, Timestamp};

use super::super::copy::quiet;
use super::super::restore::rows;
use super::super::{BackupOptions, FileError, Manifest, MoveError, backup, survey, verify};
use super::{Store, fill, on_postgres, on_sqlite};

fn options() -> BackupOptions {
    let now = Timestamp::from_millis(1_767_225_600_000);
    BackupOptions { program: "1.2.3".to_owned(), now, replace: false }
}

/// As the command does it.
async fn restore(path: &Path, to: &Store) -> Result<Manifest, MoveError> {
    let backup = verify(path).await?;
    super::super::restore(&backup, to, &quiet()).await?;
    Ok(backup.manifest().clone())
}

async fn back_up(store: &Store, folder: &Path) -> PathBuf {
    backup(store, folder, options(), &quiet()).await.unwrap().0
}

fn record(id: u64) -> Record {
    let json = format!(r#"{{"id":{id},"title":"No {id}","overview":"Of {id} things"}}"#);
    let at = Timestamp::from_millis(1);
    records::record(Key::movie(id), json.as_bytes(), "movie/1?language=de", at).unwrap().0
}

async fn write(store: &Store, ids: std::ops::Range<u64>) {
    let records: Vec<_> = ids.map(record).collect();
    store.archive.put(&records).await.unwrap();
    store.catalog.put(&records).await.unwrap();
}

#[tokio::test]
async fn a_backup_is_named_by_its_instant_and_tells_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let store = on_sqlite().await;
    fill(&store, 0..4).await;
    let (path, made) = backup(&store, folder.path(), options(), &quiet()).await.unwrap();
    assert_eq!(path, folder.path().join("cinemirror-2026-01-01T000000Z.cmbackup"));
    assert_eq!(&made, verify(&path).await.unwrap().manifest());
    assert_eq!(made.tables, survey(&store, &quiet()).await.unwrap().tables);
    assert_eq!(made.head.program, "1.2.3");
    assert_eq!(made.bodies_elsewhere, 2);
    assert_eq!(made.oldest, Some(Timestamp::from_millis(1_767_225_600_123)));
    assert_eq!(made.file_bytes, fs::metadata(&path).unwrap().len());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_while_a_writer_runs_is_of_one_instant() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("c.db").display());
    let store = crate::open(&url).await.unwrap();
    write(&store, 1..200).await;
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for batch in 20..40 {
                write(&store, batch * 10..batch * 10 + 10).await;
            }
        })
    };
    let path = back_up(&store, folder.path()).await;
    writer.await.unwrap();
    let there = on_postgres().await;
    let restored = restore(&path, &there).await.unwrap();
    let rows = |name: &str| restored.tables.iter().find(|sum| sum.table == name).unwrap().rows;
    // Every verb of the writer happened before the instant, or after it.
    assert_eq!(rows("versions") % 10, 9);
    assert_eq!(rows("versions"), rows("heads"));
    assert_eq!(rows("works") % 10, 9);
    assert!(rows("works") <= rows("versions"));

    let path =
        backup(&store, &folder.path().join("last.cmbackup"), options(), &quiet()).await.unwrap().0;
    let there = on_postgres().await;
    restore(&path, &there).await.unwrap();
    assert_eq!(there.fingerprint().await.unwrap(), store.fingerprint().await.unwrap());
}

#[tokio::test]
async fn a_backup_replaces_another_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.cmbackup");
    let store = on_sqlite().await;
    fs::write(&path, "the only copy").unwrap();
    let refused = backup(&store, &path, options(), &quiet()).await.unwrap_err();
    assert!(matches!(refused, MoveError::File(FileError::Taken(_))), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), b"the only copy");
    let told = BackupOptions { replace: true, ..options() };
    backup(&store, &path, told, &quiet()).await.unwrap();
    verify(&path).await.unwrap();
}

#[tokio::test]
async fn a_backup_of_postgresql_is_restored_into_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (on_postgres().await, on_sqlite().await);
    fill(&from, 0..5).await;
    let path = back_up(&from, folder.path()).await;
    restore(&path, &to).await.unwrap();
    assert_eq!(survey(&to, &quiet()).await.unwrap(), survey(&from, &quiet()).await.unwrap());
    assert_eq!(to.fingerprint().await.unwrap(), from.fingerprint().await.unwrap());
}

#[tokio::test]
async fn a_database_that_is_not_empty_is_not_restored_into() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (on_sqlite().await, on_sqlite().await);
    fill(&from, 0..5).await;
    fill(&to, 2..3).await;
    let before = survey(&to, &quiet()).await.unwrap();
    let error = restore(&back_up(&from, folder.path()).await, &to).await.unwrap_err();
    assert!(matches!(error, MoveError::Taken(_)), "{error}");
    assert_eq!(survey(&to, &quiet()).await.unwrap(), before);
}

/// Restores what was made of a backup, which must fail before anything is written.
async fn refusal(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> FileError {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    let damaged = path.with_extension("damaged");
    fs::write(&damaged, bytes).unwrap();
    let to = on_sqlite().await;
    let error = restore(&damaged, &to).await.unwrap_err();
    let left = survey(&to, &quiet()).await.unwrap().tables;
    assert!(left.iter().all(|sum| sum.rows == 0), "{left:?}");
    match error {
        MoveError::File(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_file_that_is_cut_anywhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = on_sqlite().await;
    fill(&store, 0..3).await;
    let path = back_up(&store, folder.path()).await;
    let whole = fs::metadata(&path).unwrap().len();
    let places = (0..whole).step_by(997).chain([1, 16, 20, 29, 61, whole - 33, whole - 1]);
    for length in places {
        let error = refusal(&path, |bytes| bytes.truncate(length.try_into().unwrap())).await;
        let is_right = match &error {
            FileError::CutOff { at, .. } => *at == length,
            _ => false,
        };
        assert!(is_right, "cut at {length}: {error}");
    }
}

#[tokio::test]
async fn a_file_that_is_altered_anywhere_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = on_sqlite().await;
    fill(&store, 0..3).await;
    let path = back_up(&store, folder.path()).await;
    let whole = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    for place in (0..whole).step_by(397).chain([17, 22, 26, 40, whole - 1]) {
        let error = refusal(&path, |bytes| bytes[place] ^= 0x10).await;
        let is_right = match error {
            FileError::Foreign(_) => place < 16,
            FileError::Format { .. } => (16..20).contains(&place),
            FileError::Altered { .. } | FileError::CutOff { .. } => place >= 20,
            _ => false,
        };
        assert!(is_right, "altered at {place}");
    }
    let error = refusal(&path, |bytes| bytes.push(0)).await;
    assert!(error.to_string().contains("follows its end"), "{error}");
    let error = refusal(&path, |bytes| *bytes = b"something else altogether".to_vec()).await;
    assert!(matches!(error, FileError::Foreign(_)), "{error}");
}

#[tokio::test]
async fn an_interrupted_restore_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (on_sqlite().await, on_postgres().await);
    fill(&from, 0..5).await;
    let path = back_up(&from, folder.path()).await;
    let mut rows = rows(path.clone());
    for _ in 0..6 {
        to.load(rows.next().await.unwrap().unwrap()).await.unwrap();
    }
    drop(rows);
    restore(&path, &to).await.unwrap();
    assert_eq!(survey(&to, &quiet()).await.unwrap(), survey(&from, &quiet()).await.unwrap());
}
