//! Columns give back every body, and hostile ones are refused.

use domain::{Key, Kind};
use proptest::prelude::*;

use super::*;
use crate::schema::SCHEMA;

const LIMIT: usize = 1 << 20;

#[track_caller]
fn check(json: &str) {
    let key = Key::movie(550);
    let root = SCHEMA.root(Kind::Movie);
    let body = crate::encode(key, json.as_bytes()).unwrap().body;
    let columns = split(root, None, &body).unwrap();
    let back = join(root, &columns.text, &columns.random, None, LIMIT);
    assert_eq!(back.as_deref(), Some(&body[..]), "{json}");
}

#[test]
fn bodies_come_back_from_their_columns() {
    check("{}");
    check("null");
    check(r#"{"id":550,"title":"Fight Club","genres":[{"id":1},{"id":2,"name":null},{},3]}"#);
    check(r#"{"origin_country":["US","DE"],"similar":{"results":[{"genre_ids":[18,53]}]}}"#);
    check(
        r#"{"credits":{"cast":[
            {"credit_id":"52fe4250c3a36847f80149f3","order":7,"profile_path":"/pB8BM7pdSp6B6Ih7QZ4DrQ3PmJK.jpg"},
            {"credit_id":"odd","order":3,"profile_path":"/short.jpg"},
            {"credit_id":"52fe4250c3a36847f80149f3","profile_path":"/pB8BM7pdSp6B6Ih7QZ4DrQ3PmJK.jpg"},
            {"credit_id":"52fe4250c3a36847f80149f4","profile_path":"/pB8BM7pdSp6B6Ih7QZ4DrQ3PmJK.png"}]}}"#,
    );
    check(
        r#"{"watch/providers":{"results":{"DE":{"link":"x","rent":[{"provider_id":2}]},"US":4}}}"#,
    );
}

#[test]
fn a_body_leaves_nothing_to_the_next() {
    let root = SCHEMA.root(Kind::Movie);
    let parts: Vec<_> = [
        r#"{"id":1,"credits":{"cast":[{"credit_id":"52fe4250c3a36847f80149f3","order":7},{"order":9}]}}"#,
        r#"{"watch/providers":{"results":{"DE":{"rent":[{"provider_id":2}]}}},"poster_path":"/pB8BM7pdSp6B6Ih7QZ4DrQ3PmJK.jpg"}"#,
        r#"{"id":3}"#,
    ]
    .map(|json| {
        let body = crate::encode(Key::movie(1), json.as_bytes()).unwrap().body;
        (split(root, None, &body).unwrap(), body)
    })
    .into();
    for (first, _) in &parts {
        for end in 0..=first.text.len() {
            // Broken off anywhere, and then another.
            drop(join(root, &first.text[..end], &first.random, None, LIMIT));
            for (columns, body) in &parts {
                let back = join(root, &columns.text, &columns.random, None, LIMIT);
                assert_eq!(back.as_deref(), Some(&body[..]));
            }
        }
    }
    // And one that is too large to keep its memory.
    let large = format!(r#"{{"overview":"{}"}}"#, "a".repeat(LIMIT / 2));
    check(&large);
    check(r#"{"id":3}"#);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(text: Vec<u8>, random: Vec<u8>) {
        for kind in [Kind::Movie, Kind::Keyword, Kind::Reference] {
            let root = SCHEMA.root(kind);
            drop(join(root, &text, &random, None, LIMIT));
            if let Some(columns) = split(root, None, &text) {
                let back = join(root, &columns.text, &columns.random, None, LIMIT);
                prop_assert_eq!(back.as_deref(), Some(&text[..]));
            }
        }
    }
}
