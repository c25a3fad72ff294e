//! What the books of images keep to.

use domain::images::{
    Failed, Image, ImageFailure, ImageKind, ImageName, ImageState, Notes, Pictured, PicturedScan,
    Used, Which,
};
use domain::{Key, Timestamp};

use super::{at, put, record};
use crate::Store;

fn movie(id: u64, popularity: f64) -> domain::Record {
    let json = format!(
        r#"{{"id": {id}, "title": "x", "popularity": {popularity}, "poster_path": "/p{id}.jpg",
            "backdrop_path": "/b{id}.jpg",
            "images": {{"backdrops": [{{"file_path": "/b{id}.jpg"}}, {{"file_path": "/s{id}.jpg"}}]}}}}"#
    );
    record(Key::movie(id), &json, 1)
}

fn person(id: u64, popularity: f64) -> domain::Record {
    let json = format!(
        r#"{{"id": {id}, "name": "x", "popularity": {popularity}, "profile_path": "/f{id}.jpg"}}"#
    );
    record(Key::person(id), &json, 1)
}

fn bare(id: u64) -> domain::Record {
    record(Key::tv(id), &format!(r#"{{"id": {id}, "name": "x", "popularity": 99}}"#), 1)
}

async fn pictured(store: &Store, min_popularity: f64, limit: usize) -> Vec<Pictured> {
    let mut all: Vec<Pictured> = vec![];
    loop {
        let after = all.last().map(|last| (last.popularity, last.key));
        let scan = PicturedScan { min_popularity, after, limit };
        let page = store.images.pictured(scan).await.unwrap();
        let is_end = page.len() < limit;
        all.extend(page);
        if is_end {
            return all;
        }
    }
}

pub(super) async fn the_most_popular_are_listed_first_and_each_once(store: &Store) {
    let records = [movie(1, 5.0), movie(2, 7.0), movie(3, 5.0), person(1, 6.0), person(2, 5.0)];
    put(store, &records).await;
    for limit in 1..7 {
        let keys: Vec<_> =
            pictured(store, 0.0, limit).await.iter().map(|one| one.key.to_string()).collect();
        assert_eq!(keys, ["movie/2", "person/1", "movie/3", "movie/1", "person/2"], "{limit}");
    }
    let first = &pictured(store, 0.0, 9).await[0];
    assert_eq!(first.poster.as_deref(), Some("/p2.jpg"));
    assert_eq!(first.backdrop.as_deref(), Some("/b2.jpg"));
    assert_eq!((first.stills.as_slice(), &first.profile), (&["/s2.jpg".to_owned()][..], &None));
}

pub(super) async fn the_unpopular_and_those_without_pictures_are_left_out(store: &Store) {
    put(store, &[movie(1, 5.0), person(1, 4.9), bare(7)]).await;
    let keys: Vec<_> = pictured(store, 5.0, 9).await.iter().map(|one| one.key).collect();
    assert_eq!(keys, [Key::movie(1)]);
}

fn name(path: &str) -> ImageName {
    ImageName::new("w500", path).unwrap()
}

fn image(path: &str, bytes: u64, fetched_at: i64, place: u64) -> Image {
    Image {
        name: name(path),
        kind: ImageKind::Poster,
        of: Key::movie(550),
        bytes,
        fetched_at: at(fetched_at),
        used_at: at(fetched_at),
        place,
    }
}

async fn keep(store: &Store, images: &[Image]) -> u64 {
    let notes = Notes { kept: images.to_vec(), ..Notes::default() };
    store.images.note(&notes).await.unwrap()
}

async fn fail(store: &Store, path: &str, retry_at: Option<Timestamp>, now: i64) -> Failed {
    let failed = Failed { attempts: 3, retry_at };
    let (name, reason) = (name(path), "HTTP 502".to_owned());
    let failure = ImageFailure { name, of: Key::movie(550), failed, reason, at: at(now) };
    store.images.note(&Notes { failed: vec![failure], ..Notes::default() }).await.unwrap();
    failed
}

async fn state(store: &Store, path: &str) -> ImageState {
    store.images.states(&[name(path)]).await.unwrap()[0]
}

fn paths(images: &[Image]) -> Vec<&str> {
    images.iter().map(|image| image.name.path.as_str()).collect()
}

pub(super) async fn an_image_is_held_until_it_is_forgotten(store: &Store) {
    let (a, b) = (image("/a.jpg", 10, 5, 1), image("/b.jpg", 20, 6, 2));
    assert_eq!(keep(store, &[a.clone(), b.clone()]).await, 30);
    assert_eq!(keep(store, &[Image { bytes: 12, ..a.clone() }]).await, 32);
    let held = ImageState::Held { bytes: 12, fetched_at: at(5), used_at: at(5), failed: None };
    let names = [name("/b.jpg"), name("/c.jpg"), name("/a.jpg")];
    let states = store.images.states(&names).await.unwrap();
    assert_eq!((states[1], states[2]), (ImageState::Unknown, held));
    assert_eq!(store.images.forget(&[a]).await.unwrap(), 1);
    assert_eq!(state(store, "/a.jpg").await, ImageState::Unknown);
    assert_eq!(store.images.held(&Which::All, None, 9).await.unwrap(), [b]);
}

pub(super) async fn an_image_fetched_since_is_not_forgotten(store: &Store) {
    let old = image("/a.jpg", 10, 5, 1);
    keep(store, &[image("/a.jpg", 10, 6, 1)]).await;
    assert_eq!(store.images.forget(&[old]).await.unwrap(), 0);
}

pub(super) async fn a_failure_is_noted_and_ends_with_a_fetch(store: &Store) {
    let failed = fail(store, "/a.jpg", Some(at(9)), 1).await;
    assert_eq!(state(store, "/a.jpg").await, ImageState::Failed(failed));
    let failed = fail(store, "/a.jpg", None, 2).await;
    assert_eq!(state(store, "/a.jpg").await, ImageState::Failed(failed));
    keep(store, &[image("/a.jpg", 10, 5, 1)]).await;
    assert!(matches!(state(store, "/a.jpg").await, ImageState::Held { failed: None, .. }));
}

pub(super) async fn a_failed_refresh_keeps_what_is_held(store: &Store) {
    keep(store, &[image("/a.jpg", 10, 5, 1)]).await;
    let failed = fail(store, "/a.jpg", Some(at(9)), 6).await;
    let held =
        ImageState::Held { bytes: 10, fetched_at: at(5), used_at: at(5), failed: Some(failed) };
    assert_eq!(state(store, "/a.jpg").await, held);
}

pub(super) async fn the_least_recently_used_goes_first(store: &Store) {
    let images = [
        image("/new.jpg", 10, 90, 9),
        image("/first.jpg", 10, 50, 1),
        image("/last.jpg", 10, 50, 8),
        image("/old.jpg", 10, 40, 1),
    ];
    keep(store, &images).await;
    let least = async |used_at, place, bytes| {
        let least = store.images.least_used(at(used_at), place, bytes).await.unwrap();
        paths(&least).join(" ")
    };
    assert_eq!(least(90, 9, 11).await, "/old.jpg /last.jpg");
    assert_eq!(least(90, 9, 1_000).await, "/old.jpg /last.jpg /first.jpg");
    assert_eq!(least(90, 8, 1_000).await, "/old.jpg /last.jpg /first.jpg /new.jpg");
    assert_eq!(least(50, 1, 1_000).await, "/old.jpg /last.jpg");
    assert_eq!(least(40, 1, 1_000).await, "");
    assert_eq!(least(90, 9, 0).await, "");
}

pub(super) async fn use_never_moves_backwards(store: &Store) {
    keep(store, &[image("/a.jpg", 10, 50, 1)]).await;
    store.images.touch(&name("/a.jpg"), at(40)).await.unwrap();
    let used = Used { name: name("/a.jpg"), of: Key::movie(7), at: at(30), place: 4 };
    store.images.note(&Notes { used: vec![used], ..Notes::default() }).await.unwrap();
    let held = &store.images.held(&Which::All, None, 9).await.unwrap()[0];
    assert_eq!((held.used_at, held.place, held.of), (at(50), 4, Key::movie(7)));
    store.images.touch(&name("/a.jpg"), at(60)).await.unwrap();
    store.images.touch(&name("/unknown.jpg"), at(60)).await.unwrap();
    let held = store.images.held(&Which::All, None, 9).await.unwrap();
    assert_eq!((held.len(), held[0].used_at, held[0].fetched_at), (1, at(60), at(50)));
}

pub(super) async fn held_images_are_listed_by_age_and_by_key(store: &Store) {
    let other = Image { of: Key::person(550), ..image("/c.jpg", 1, 30, 1) };
    let all = [image("/b.jpg", 1, 20, 1), image("/a.jpg", 1, 10, 1), other];
    keep(store, &all).await;
    let held = async |which: &Which, after: Option<&str>, limit| {
        let after = after.map(name);
        let held = store.images.held(which, after.as_ref(), limit).await.unwrap();
        paths(&held).join(" ")
    };
    assert_eq!(held(&Which::All, None, 9).await, "/a.jpg /b.jpg /c.jpg");
    assert_eq!(held(&Which::All, Some("/a.jpg"), 1).await, "/b.jpg");
    assert_eq!(held(&Which::FetchedBefore(at(30)), None, 9).await, "/a.jpg /b.jpg");
    assert_eq!(held(&Which::FetchedBefore(at(20)), Some("/a.jpg"), 9).await, "");
    let keys = [Key::movie(550), Key::tv(550)];
    assert_eq!(held(&Which::Of(keys.to_vec()), None, 9).await, "/a.jpg /b.jpg");
    assert_eq!(held(&Which::Of(keys.to_vec()), Some("/a.jpg"), 9).await, "/b.jpg");
    assert_eq!(held(&Which::Of(vec![Key::person(550)]), None, 9).await, "/c.jpg");
}

pub(super) async fn old_failures_are_forgotten(store: &Store) {
    fail(store, "/a.jpg", None, 10).await;
    fail(store, "/b.jpg", None, 20).await;
    assert_eq!(store.images.forget_failures(at(20), &[]).await.unwrap(), 1);
    assert_eq!(store.images.forget_failures(at(0), &[Key::tv(550)]).await.unwrap(), 0);
    assert_eq!(store.images.forget_failures(at(0), &[Key::movie(550)]).await.unwrap(), 1);
}

pub(super) async fn images_are_counted_by_kind_and_size(store: &Store) {
    let still = Image { kind: ImageKind::Still, ..image("/c.jpg", 5, 30, 1) };
    keep(store, &[image("/a.jpg", 10, 20, 1), image("/b.jpg", 20, 10, 1), still]).await;
    fail(store, "/x.jpg", None, 1).await;
    fail(store, "/y.jpg", Some(at(9)), 1).await;
    let stats = store.images.stats().await.unwrap();
    let counts: Vec<_> = stats
        .held
        .iter()
        .map(|count| (count.kind, count.size.as_str(), count.images, count.bytes))
        .collect();
    let wanted = [(ImageKind::Poster, "w500", 2, 30), (ImageKind::Still, "w500", 1, 5)];
    assert_eq!(counts, wanted);
    assert_eq!((stats.images, stats.bytes, stats.gone, stats.failed), (3, 35, 1, 1));
    assert_eq!(stats.oldest_fetched_at, Some(at(10)));
}

pub(super) async fn the_audit_tells_the_oldest_image(store: &Store) {
    keep(store, &[image("/a.jpg", 1, 20, 1), image("/b.jpg", 1, 10, 1)]).await;
    let holdings = store.archive.audit().await.unwrap();
    let images = holdings.iter().find(|holding| holding.what == "images").unwrap();
    assert_eq!((images.rows, images.oldest), (2, Some(at(10))));
}
