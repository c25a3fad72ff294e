//! What every list of tokens and clients keeps to.

use domain::access::{Client, Quota, Scope, SecretHash, Token, Usage};
use jiff::civil::{Date, date};

use super::at;
use crate::Store;

fn hash(number: u8) -> SecretHash {
    SecretHash([number; 32])
}

fn token(name: &str, number: u8) -> Token {
    Token {
        name: name.to_owned(),
        hash: hash(number),
        scope: Scope::Write,
        created_at: at(10),
        expires_at: Some(at(1_000)),
        revoked_at: None,
    }
}

fn client(name: &str, number: u8) -> Client {
    Client {
        name: name.to_owned(),
        key: hash(number),
        old_key: None,
        quota: Quota { per_second: Some(u32::MAX), per_day: Some(12_345_678_901) },
        created_at: at(10),
        rotated_at: None,
        revoked_at: None,
    }
}

fn usage(client: &str, day: Date, requests: u64, refused: u64) -> Usage {
    Usage { client: client.to_owned(), day, requests, refused }
}

pub(super) async fn a_token_is_found_by_its_hash(store: &Store) {
    let (first, second) = (token("b", 1), Token { expires_at: None, ..token("a", 2) });
    assert!(store.access.add_token(&first).await.unwrap());
    assert!(store.access.add_token(&second).await.unwrap());
    assert_eq!(store.access.token(&hash(1)).await.unwrap(), Some(first.clone()));
    assert_eq!(store.access.token(&hash(9)).await.unwrap(), None);
    assert_eq!(store.access.tokens().await.unwrap(), [second, first]);
}

pub(super) async fn a_token_keeps_its_name_when_it_is_revoked(store: &Store) {
    assert!(store.access.add_token(&token("a", 1)).await.unwrap());
    assert!(store.access.revoke_token("a", at(20)).await.unwrap());
    assert!(!store.access.revoke_token("a", at(30)).await.unwrap());
    assert!(!store.access.revoke_token("b", at(30)).await.unwrap());
    assert!(!store.access.add_token(&token("a", 2)).await.unwrap());
    let revoked = Token { revoked_at: Some(at(20)), ..token("a", 1) };
    assert_eq!(store.access.token(&hash(1)).await.unwrap(), Some(revoked));
}

pub(super) async fn a_client_is_as_it_was_made(store: &Store) {
    let (first, second) = (client("b", 1), Client { quota: Quota::default(), ..client("a", 2) });
    assert!(store.access.add_client(&first).await.unwrap());
    assert!(store.access.add_client(&second).await.unwrap());
    assert!(!store.access.add_client(&client("a", 3)).await.unwrap());
    assert_eq!(store.access.clients().await.unwrap(), [second, first]);
}

pub(super) async fn a_rotated_client_has_its_old_key_for_a_while(store: &Store) {
    store.access.add_client(&client("a", 1)).await.unwrap();
    let rotate = async |key, until, now| {
        store.access.rotate_client("a", &hash(key), at(until), at(now)).await.unwrap()
    };
    let once = rotate(2, 100, 50).await;
    let wanted = Client {
        key: hash(2),
        old_key: Some((hash(1), at(100))),
        rotated_at: Some(at(50)),
        ..client("a", 1)
    };
    assert_eq!(once, Some(wanted.clone()));
    assert_eq!(store.access.clients().await.unwrap(), [wanted]);
    let twice = rotate(3, 200, 60).await.unwrap();
    assert_eq!((twice.key, twice.old_key), (hash(3), Some((hash(2), at(200)))));
    let unknown = store.access.rotate_client("b", &hash(4), at(9), at(9)).await.unwrap();
    assert_eq!(unknown, None);
}

pub(super) async fn a_revoked_client_is_not_rotated(store: &Store) {
    store.access.add_client(&client("a", 1)).await.unwrap();
    assert!(store.access.revoke_client("a", at(20)).await.unwrap());
    assert!(!store.access.revoke_client("a", at(21)).await.unwrap());
    assert_eq!(store.access.rotate_client("a", &hash(2), at(99), at(30)).await.unwrap(), None);
    let revoked = Client { revoked_at: Some(at(20)), ..client("a", 1) };
    assert_eq!(store.access.clients().await.unwrap(), [revoked]);
}

pub(super) async fn usage_adds_up_by_day_and_client(store: &Store) {
    let (monday, tuesday) = (date(2026, 6, 1), date(2026, 6, 2));
    let first = [usage("b", monday, 3, 1), usage("a", tuesday, 5, 0), usage("b", monday, 4, 1)];
    store.access.note_usage(&first).await.unwrap();
    store.access.note_usage(&[usage("a", tuesday, 10_000_000_000, 2)]).await.unwrap();
    store.access.note_usage(&[usage("b", tuesday, 1, 0)]).await.unwrap();
    store.access.note_usage(&[]).await.unwrap();
    let (a, b) = (usage("a", tuesday, 10_000_000_005, 2), usage("b", tuesday, 1, 0));
    let old = usage("b", monday, 7, 2);
    let listed = store.access.usage(None, monday).await.unwrap();
    assert_eq!(listed, [a.clone(), b.clone(), old.clone()]);
    assert_eq!(store.access.usage(Some("b"), monday).await.unwrap(), [b.clone(), old]);
    assert_eq!(store.access.usage(None, tuesday).await.unwrap(), [a.clone(), b.clone()]);
    assert_eq!(store.access.forget_usage(tuesday).await.unwrap(), 1);
    assert_eq!(store.access.usage(None, monday).await.unwrap(), [a, b]);
}
