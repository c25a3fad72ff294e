//! What every archive keeps to about freshness, proofs of deletion and tombstones.

use domain::deletion::{Evidence, Likeness, Proof, Successor, Suspect, Tombstone, Unlisted};
use domain::staleness::{Doubt, Freshness};
use domain::{Key, Kind};

use super::{at, record};
use crate::Store;

fn unlisted(by: &str) -> Proof {
    Proof::Unlisted { by: by.to_owned(), on: "2026-06-01".parse().unwrap() }
}

fn evidence(not_found: Option<i64>, noted: Option<i64>) -> Evidence {
    let unlisted = noted.map(|noted| Unlisted {
        by: "export.movie".to_owned(),
        on: "2026-06-01".parse().unwrap(),
        noted: at(noted),
    });
    Evidence { not_found: not_found.map(at), unlisted }
}

fn tombstone(key: Key, since: i64) -> Tombstone {
    let evidence = evidence(Some(1), Some(2));
    Tombstone { key, since: at(since), evidence, successor: None }
}

async fn doubt(store: &Store, key: Key, proof: &Proof, now: i64) -> Evidence {
    store.archive.doubt(&[key], proof, at(now)).await.unwrap().remove(0)
}

async fn suspects(store: &Store, kind: Option<Kind>) -> Vec<Key> {
    let suspects = store.archive.suspects(kind, 9).await.unwrap();
    suspects.iter().map(|suspect| suspect.key).collect()
}

async fn freshness(store: &Store) -> Vec<Freshness> {
    store.archive.freshness(None, 99).await.unwrap()
}

pub(super) async fn the_first_proof_of_each_sort_counts(store: &Store) {
    let key = Key::movie(1);
    assert_eq!(doubt(store, key, &Proof::NotFound, 5).await, evidence(Some(5), None));
    assert_eq!(doubt(store, key, &Proof::NotFound, 6).await, evidence(Some(5), None));
    let both = doubt(store, key, &unlisted("export.movie"), 7).await;
    assert_eq!(both, evidence(Some(5), Some(7)));
    assert!(both.is_proof());
    assert_eq!(doubt(store, key, &unlisted("export.other"), 8).await, both);
    let other = doubt(store, Key::movie(2), &unlisted("export.movie"), 8).await;
    assert_eq!(other, evidence(None, Some(8)));
    let suspects = store.archive.suspects(None, 9).await.unwrap();
    assert_eq!(suspects[0], Suspect { key, evidence: both });
}

pub(super) async fn suspects_come_oldest_first(store: &Store) {
    doubt(store, Key::movie(3), &Proof::NotFound, 5).await;
    doubt(store, Key::movie(2), &unlisted("export.movie"), 4).await;
    doubt(store, Key::season(1, 1), &unlisted("tv/1"), 3).await;
    doubt(store, Key::movie(2), &Proof::NotFound, 9).await;
    let all = [Key::season(1, 1), Key::movie(2), Key::movie(3)];
    assert_eq!(suspects(store, None).await, all);
    assert_eq!(suspects(store, Some(Kind::Movie)).await, all[1..]);
    assert_eq!(store.archive.suspects(None, 1).await.unwrap().len(), 1);
    store.archive.bury(&[tombstone(Key::movie(2), 10)]).await.unwrap();
    assert_eq!(suspects(store, Some(Kind::Movie)).await, all[2..]);
    let stats = store.archive.stats().await.unwrap();
    assert_eq!((stats.suspects, stats.tombstones), (2, 1));
}

pub(super) async fn a_tombstone_comes_back_whole(store: &Store) {
    let key = Key::movie(1);
    assert_eq!(store.archive.tombstone(key).await.unwrap(), None);
    for reason in [Likeness::ImdbId, Likeness::TitleAndDate, Likeness::TitleAndYear] {
        let confidence = reason.confidence();
        let successor = Some(Successor { key: Key::movie(7), confidence, reason });
        let kept = Tombstone { successor, ..tombstone(key, 9) };
        store.archive.bury(std::slice::from_ref(&kept)).await.unwrap();
        assert_eq!(store.archive.tombstone(key).await.unwrap(), Some(kept));
    }
    store.archive.bury(&[tombstone(Key::tv(1), 10), tombstone(Key::tv(2), 3)]).await.unwrap();
    let all = store.archive.tombstones(9).await.unwrap();
    let keys: Vec<_> = all.iter().map(|tombstone| tombstone.key).collect();
    assert_eq!(keys, [Key::tv(1), key, Key::tv(2)]);
    assert_eq!(store.archive.tombstones(1).await.unwrap()[..], all[..1]);
}

pub(super) async fn a_sighting_takes_one_proof_and_the_tombstone_away(store: &Store) {
    let keys = [1, 2, 3, 4].map(Key::movie);
    store.archive.doubt(&keys[..2], &Proof::NotFound, at(1)).await.unwrap();
    store.archive.doubt(&keys[1..3], &unlisted("export.movie"), at(2)).await.unwrap();
    store.archive.bury(&[tombstone(keys[1], 3)]).await.unwrap();
    assert_eq!(store.archive.resurrect(&keys).await.unwrap(), keys[1..3]);
    assert_eq!(store.archive.tombstone(keys[1]).await.unwrap(), None);
    assert_eq!(suspects(store, None).await, keys[..2]);
    assert_eq!(store.archive.resurrect(&keys).await.unwrap(), []);
    // A 404 from before the sighting and a new export make two proofs again.
    let again = doubt(store, keys[1], &unlisted("export.movie"), 9).await;
    assert_eq!(again, evidence(Some(1), Some(9)));
}

pub(super) async fn a_record_clears_every_proof(store: &Store) {
    let key = Key::movie(1);
    doubt(store, key, &Proof::NotFound, 1).await;
    doubt(store, key, &unlisted("export.movie"), 2).await;
    store.archive.bury(&[tombstone(key, 3)]).await.unwrap();
    store.archive.put(&[record(key, r#"{"id": 1}"#, 4)]).await.unwrap();
    assert_eq!(store.archive.tombstone(key).await.unwrap(), None);
    assert_eq!(suspects(store, None).await, []);
    assert_eq!(freshness(store).await[0].doubt, Doubt::None);
}

pub(super) async fn a_tombstone_that_comes_after_a_record_is_not_kept(store: &Store) {
    let (late, right) = (Key::movie(1), Key::movie(2));
    store.archive.put(&[record(late, r#"{"id": 1}"#, 2)]).await.unwrap();
    store.archive.put(&[record(right, r#"{"id": 2}"#, 1)]).await.unwrap();
    store.archive.bury(&[tombstone(late, 3), tombstone(right, 3)]).await.unwrap();
    assert_eq!(store.archive.tombstone(late).await.unwrap(), None);
    assert!(store.archive.tombstone(right).await.unwrap().is_some());
    let doubts: Vec<_> = freshness(store).await.iter().map(|freshness| freshness.doubt).collect();
    assert_eq!(doubts, [Doubt::None, Doubt::Buried]);
}

pub(super) async fn freshness_tells_what_the_rules_need(store: &Store) {
    let movie = r#"{"id": 1, "status": "Post Production", "release_date": "2027-03-04"}"#;
    let show = r#"{"id": 1, "status": "Returning Series", "first_air_date": "1965-01-02",
        "next_episode_to_air": {"id": 5, "air_date": "2026-12-01"}}"#;
    let records = [
        record(Key::movie(1), movie, 5),
        record(Key::tv(1), show, 6),
        record("keyword/1".parse().unwrap(), r#"{"id": 1}"#, 7),
    ];
    store.archive.put(&records).await.unwrap();
    let found = freshness(store).await;
    let date = |text: &str| Some(text.parse().unwrap());
    let [movie, show, keyword] = found[..] else { panic!("{found:?}") };
    assert_eq!((movie.key, movie.fetched_at), (Key::movie(1), at(5)));
    assert_eq!((movie.released, movie.airs, movie.is_open), (date("2027-03-04"), None, true));
    assert_eq!((show.released, show.airs), (date("1965-01-02"), date("2026-12-01")));
    assert!(show.is_open && !keyword.is_open);
    assert_eq!((keyword.released, keyword.airs), (None, None));
    assert_eq!(keyword.schema_version, records[2].schema_version);
    assert!(found.iter().all(|freshness| freshness.doubt == Doubt::None));
}

pub(super) async fn freshness_is_read_page_by_page(store: &Store) {
    let keys = [Key::movie(1), Key::movie(20), Key::tv(3), Key::season(3, 0), Key::season(3, 1)];
    for key in keys.iter().rev() {
        store.archive.put(&[record(*key, r#"{"id": 1}"#, 1)]).await.unwrap();
    }
    let (mut read, mut after) = (vec![], None);
    loop {
        let page = store.archive.freshness(after, 2).await.unwrap();
        read.extend(page.iter().map(|freshness| freshness.key));
        if page.len() < 2 {
            break;
        }
        after = read.last().copied();
    }
    assert_eq!(read, keys);
}

pub(super) async fn only_a_404_or_a_tombstone_makes_doubtful(store: &Store) {
    let keys = [1, 2, 3].map(Key::movie);
    store.archive.put(&keys.map(|key| record(key, r#"{"id": 1}"#, 1))).await.unwrap();
    doubt(store, keys[0], &unlisted("export.movie"), 2).await;
    doubt(store, keys[1], &Proof::NotFound, 2).await;
    // Of two 404s that are told in the wrong order, too, the last counts.
    doubt(store, keys[1], &Proof::NotFound, 9).await;
    doubt(store, keys[1], &Proof::NotFound, 8).await;
    store.archive.bury(&[tombstone(keys[2], 3)]).await.unwrap();
    let doubts: Vec<_> = freshness(store).await.iter().map(|freshness| freshness.doubt).collect();
    assert_eq!(doubts, [Doubt::None, Doubt::Missed(at(9)), Doubt::Buried]);
}

pub(super) async fn keys_tell_how_fresh_and_how_doubtful_they_are(store: &Store) {
    let held = [Key::movie(1), Key::movie(2), Key::tv(3)];
    store.archive.put(&held.map(|key| record(key, r#"{"id": 1}"#, 1))).await.unwrap();
    doubt(store, held[1], &Proof::NotFound, 2).await;
    store.archive.bury(&[tombstone(held[2], 3)]).await.unwrap();
    let lost = Key::season(9, 1);
    doubt(store, lost, &Proof::NotFound, 4).await;
    doubt(store, lost, &Proof::NotFound, 5).await;
    let keys = [lost, held[2], Key::movie(7), held[1], held[0]];
    let doubts = store.archive.doubts(&keys).await.unwrap();
    let missed = |millis| Doubt::Missed(at(millis));
    assert_eq!(doubts, [missed(5), Doubt::Buried, Doubt::None, missed(2), Doubt::None]);
    let fresh = store.archive.freshness_of(&keys).await.unwrap();
    let all = freshness(store).await;
    assert_eq!(fresh, [None, Some(all[2]), None, Some(all[1]), Some(all[0])]);
    assert_eq!(store.archive.doubts(&[]).await.unwrap(), []);
    assert_eq!(store.archive.freshness_of(&[]).await.unwrap(), []);
}
