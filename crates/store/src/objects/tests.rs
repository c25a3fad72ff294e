//! Objects in a folder and in S3, also one that fails.

use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use testbed::s3::{Faults, S3, SECRET};

use super::*;

/// A place under test, and what it lies in.
struct Ground {
    objects: Objects,
    s3: Option<S3>,
    folder: Option<TempDir>,
}

fn in_folder() -> Ground {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().join("bodies").display());
    let objects = Objects::open(&url, &Aws::default()).unwrap();
    Ground { objects, s3: None, folder: Some(folder) }
}

fn aws(s3: &S3) -> Aws {
    Aws(s3.environment().into())
}

fn in_s3() -> Ground {
    let s3 = S3::start().unwrap();
    s3.bucket("films").unwrap();
    let objects = Objects::open("s3://films/mirror/one", &aws(&s3)).unwrap();
    Ground { objects, s3: Some(s3), folder: None }
}

impl Ground {
    /// The file that an object is.
    fn file(&self, name: &str) -> std::path::PathBuf {
        match (&self.s3, &self.folder) {
            (Some(s3), _) => s3.bucket_folder("films").join("mirror/one").join(name),
            (_, Some(folder)) => folder.path().join("bodies").join(name),
            (None, None) => unreachable!("a ground is one of both"),
        }
    }
}

fn header(key: Key, version: u32) -> ObjectHeader {
    ObjectHeader {
        key,
        version,
        valid_from: Timestamp::from_millis(1),
        fetched_at: Timestamp::from_millis(2),
        asked: key.to_string(),
        hash: ContentHash([1; 32]),
        schema_version: 1,
        body_bytes: 6,
        dictionary: None,
        is_patch: false,
    }
}

const BODY: Bytes = Bytes::from_static(b"packed");

async fn names(objects: &Objects, below: &str) -> Vec<String> {
    let listed: Vec<_> = objects.list(below).collect().await;
    let mut names: Vec<_> = listed.into_iter().map(|object| object.unwrap().name).collect();
    names.sort();
    names
}

async fn a_body_comes_back(ground: &Ground) {
    let Ground { objects, .. } = ground;
    let (movie, episode) = (Key::movie(550), Key::episode(1396, 1, 2));
    let first = objects.put(&header(movie, 1), BODY).await.unwrap();
    let second = objects.put(&header(movie, 1), Bytes::from_static(b"another")).await.unwrap();
    let third = objects.put(&header(episode, 3), BODY).await.unwrap();
    assert_eq!(objects.get(&movie, 1, &first).await.unwrap(), BODY);
    assert_eq!(objects.get(&movie, 1, &second).await.unwrap(), "another");
    let name = objects.name(&episode, 3, &third);
    let opened = objects.open_named(&name).await.unwrap();
    assert_eq!(opened, Some((header(episode, 3), BODY)));

    let mut both = vec![objects.name(&movie, 1, &first), objects.name(&movie, 1, &second)];
    both.sort();
    assert_eq!(names(objects, "movie").await, both);
    assert_eq!(names(objects, "episode").await, std::slice::from_ref(&name));
    both.push("movie/d5/550/9-0".to_owned());
    objects.delete(&both).await.unwrap();
    assert_eq!(names(objects, "movie").await, Vec::<String>::new());
    assert!(!objects.has(&both[0]).await.unwrap());
    assert!(objects.has(&name).await.unwrap());
    let error = objects.get(&movie, 1, &first).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
}

async fn a_damaged_body_is_not_returned(ground: &Ground) {
    let Ground { objects, .. } = ground;
    let key = Key::movie(550);
    let object = objects.put(&header(key, 1), BODY).await.unwrap();
    let other = objects.put(&header(key, 2), BODY).await.unwrap();
    let file = ground.file(&objects.name(&key, 1, &object));
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = objects.get(&key, 1, &object).await.unwrap_err().to_string();
    assert!(error.contains("checksum") && error.contains("movie/d5/550/1-"), "{error}");
    // Another version's object under this one's name is whole, and still wrong.
    std::fs::copy(ground.file(&objects.name(&key, 2, &other)), &file).unwrap();
    let error = objects.get(&key, 1, &object).await.unwrap_err().to_string();
    assert!(error.contains("it is version 2 of movie/550"), "{error}");
}

async fn nobody_overwrites_what_is_there(ground: &Ground) {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    let first = || DRAWN.fetch_add(1, Ordering::Relaxed) / 2;
    let objects = Objects { suffix: first, ..ground.objects.clone() };
    let key = Key::movie(1);
    let mine = objects.put(&header(key, 1), BODY).await.unwrap();
    // The same suffix is drawn again, and then another.
    let theirs = objects.put(&header(key, 1), Bytes::from_static(b"theirs")).await.unwrap();
    assert_ne!(mine, theirs);
    assert_eq!(objects.get(&key, 1, &mine).await.unwrap(), BODY);
    assert_eq!(objects.get(&key, 1, &theirs).await.unwrap(), "theirs");
}

async fn dictionaries_are_kept_by_their_content(ground: &Ground) {
    let Ground { objects, .. } = ground;
    let words = Bytes::from_static(b"words");
    let name = objects.put_dictionary(Kind::Tv, &words).await.unwrap();
    assert_eq!(objects.put_dictionary(Kind::Tv, &words).await.unwrap(), name);
    let kept = objects.dictionaries().await.unwrap();
    let kept: Vec<_> = kept.into_iter().map(|(listed, kind, it)| (listed.name, kind, it)).collect();
    assert_eq!(kept, [(name, Kind::Tv, words)]);
}

async fn an_object_is_copied_as_it_is(ground: &Ground) {
    let (from, other) = (&ground.objects, in_folder());
    let key = Key::movie(7);
    let object = from.put(&header(key, 1), BODY).await.unwrap();
    let name = from.name(&key, 1, &object);
    let bytes = other.objects.copy_from(from, &name).await.unwrap();
    assert_eq!(bytes, Some(std::fs::metadata(ground.file(&name)).unwrap().len()));
    // Once more is as good as once, and what is not there is no error.
    assert_eq!(other.objects.copy_from(from, &name).await.unwrap(), bytes);
    assert_eq!(other.objects.copy_from(from, "movie/d5/550/9-0").await.unwrap(), None);
    assert_eq!(other.objects.get(&key, 1, &object).await.unwrap(), BODY);
}

macro_rules! on_both {
    ($($sentence:ident),* $(,)?) => {
        mod folder {
            $(#[tokio::test] async fn $sentence() { super::$sentence(&super::in_folder()).await; })*
        }

        mod s3 {
            $(#[tokio::test] async fn $sentence() { super::$sentence(&super::in_s3()).await; })*
        }
    };
}

on_both!(
    a_body_comes_back,
    a_damaged_body_is_not_returned,
    nobody_overwrites_what_is_there,
    dictionaries_are_kept_by_their_content,
    an_object_is_copied_as_it_is,
);

#[tokio::test]
async fn a_put_whose_answer_was_lost_leaves_one_object() {
    let Ground { objects, s3, .. } = in_s3();
    let s3 = s3.unwrap();
    s3.set_faults(Faults { unavailable: 0.08, reset: 0.08, reset_after: 0.08, seed: 3 });
    let keys: Vec<Key> = (1..=40).map(Key::movie).collect();
    let mut wanted = vec![];
    for key in &keys {
        let object = objects.put(&header(*key, 1), BODY).await.unwrap();
        assert_eq!(objects.get(key, 1, &object).await.unwrap(), BODY);
        wanted.push(objects.name(key, 1, &object));
    }
    wanted.sort();
    assert_eq!(names(&objects, "movie").await, wanted);
    objects.delete(&wanted).await.unwrap();
    assert_eq!(names(&objects, "movie").await, Vec::<String>::new());
    let met = s3.met();
    assert!(met.unavailable > 0 && met.reset > 0 && met.reset_after > 0, "{met:?}");
}

#[tokio::test]
async fn a_refused_key_is_told_without_the_secret() {
    let s3 = S3::start().unwrap();
    s3.bucket("films").unwrap();
    let mut aws = aws(&s3);
    let wrong = format!("{SECRET}-wrong");
    aws.0.insert("AWS_SECRET_ACCESS_KEY".to_owned(), wrong);
    let objects = Objects::open("s3://films", &aws).unwrap();
    let error = objects.put(&header(Key::movie(1), 1), BODY).await.unwrap_err();
    let told = format!("{error} {error:?}");
    assert!(told.contains("refuses the credentials"), "{told}");
    assert!(!told.contains(SECRET), "{told}");
}
