//! `append_to_response`: which parts a key has, and how they join its detail.

use bytes::Bytes;
use domain::{Key, Kind};

use crate::universe::{Query, Universe};

/// The most parts TMDB appends to one answer.
pub const MAX_PARTS: usize = 20;

const MOVIE: &[&str] = &[
    "alternative_titles",
    "changes",
    "credits",
    "external_ids",
    "images",
    "keywords",
    "lists",
    "recommendations",
    "release_dates",
    "releases",
    "reviews",
    "similar",
    "translations",
    "videos",
    "watch/providers",
];
const TV: &[&str] = &[
    "aggregate_credits",
    "alternative_titles",
    "changes",
    "content_ratings",
    "credits",
    "episode_groups",
    "external_ids",
    "images",
    "keywords",
    "lists",
    "recommendations",
    "reviews",
    "screened_theatrically",
    "similar",
    "translations",
    "videos",
    "watch/providers",
];
const SEASON: &[&str] = &[
    "aggregate_credits",
    "changes",
    "credits",
    "external_ids",
    "images",
    "translations",
    "videos",
    "watch/providers",
];
const EPISODE: &[&str] =
    &["changes", "credits", "external_ids", "images", "translations", "videos"];
const PERSON: &[&str] = &[
    "changes",
    "combined_credits",
    "external_ids",
    "images",
    "movie_credits",
    "tagged_images",
    "translations",
    "tv_credits",
];

/// The parts that every universe may have of a kind, `season/N` aside.
pub fn parts(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Movie => MOVIE,
        Kind::Tv => TV,
        Kind::Season => SEASON,
        Kind::Episode => EPISODE,
        Kind::Person => PERSON,
        Kind::Collection => &["images", "translations"],
        Kind::Company => &["alternative_names", "images", "movies"],
        Kind::Network => &["alternative_names", "images"],
        Kind::Keyword => &["movies"],
        Kind::Reference => &[],
    }
}

/// Whether a kind has such a part; others are silently left out.
pub fn is_part(kind: Kind, part: &str) -> bool {
    parts(kind).contains(&part) || (kind == Kind::Tv && season_number(part).is_some())
}

/// The number in `season/3`.
pub fn season_number(part: &str) -> Option<u32> {
    part.strip_prefix("season/").and_then(|number| number.parse().ok())
}

/// Joins the detail and the parts of a key into one body, the way TMDB does:
/// each part under its own name, without its top-level `id`; a part that is
/// not there is left out.
pub fn splice<U: Universe + ?Sized>(
    universe: &U,
    key: Key,
    parts: &[&str],
    query: &Query,
    day: u32,
) -> Option<Bytes> {
    let detail = universe.detail(key, query, day)?;
    if parts.is_empty() {
        return Some(detail);
    }
    let mut body = detail.trim_ascii_end().strip_suffix(b"}")?.trim_ascii_end().to_vec();
    for part in parts {
        let Some(value) = universe.part(key, part, query, day) else { continue };
        if !body.ends_with(b"{") {
            body.push(b',');
        }
        body.push(b'"');
        body.extend_from_slice(part.as_bytes());
        body.extend_from_slice(b"\":");
        without_id(&value, &mut body);
    }
    body.push(b'}');
    Some(body.into())
}

/// Copies a JSON object without its own `id`.
fn without_id(object: &[u8], out: &mut Vec<u8>) {
    match top_level_id(object) {
        Some((start, end)) => {
            out.extend_from_slice(&object[..start]);
            out.extend_from_slice(&object[end..]);
        }
        None => out.extend_from_slice(object),
    }
}

/// Where the member `"id":…` of an object lies, one comma beside it included.
fn top_level_id(object: &[u8]) -> Option<(usize, usize)> {
    let mut depth = 0_usize;
    let mut member = 0;
    let mut at = 0;
    let mut found = None;
    while at < object.len() {
        match object[at] {
            b'"' => {
                let end = string_end(object, at);
                if depth == 1 && &object[at..end] == b"\"id\"" && is_name(object, end) {
                    found = Some(member);
                }
                at = end;
                continue;
            }
            b'{' | b'[' => {
                depth += 1;
                member = if depth == 1 { at + 1 } else { member };
            }
            b',' if depth == 1 => {
                if let Some(start) = found {
                    // The first member takes the comma behind it, others the one before.
                    let end = if object[start] == b',' { at } else { at + 1 };
                    return Some((start, end));
                }
                member = at;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return found.map(|start| (start, at));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a colon follows, so that the string before it is a member's name.
fn is_name(object: &[u8], end: usize) -> bool {
    object[end..].trim_ascii_start().first() == Some(&b':')
}

fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(object: &str, wanted: &str) {
        let mut out = Vec::new();
        without_id(object.as_bytes(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }

    #[test]
    fn an_appended_object_loses_its_own_id_only() {
        check(r#"{"id":5,"cast":[{"id":7}]}"#, r#"{"cast":[{"id":7}]}"#);
        check(r#"{"a":{"id":1},"id":5,"b":2}"#, r#"{"a":{"id":1},"b":2}"#);
        check(r#"{"a":"\"id\":,","id":5}"#, r#"{"a":"\"id\":,"}"#);
        check(r#"{ "id" : "x" }"#, "{}");
        check(r#"{"name":"id","x":["id"]}"#, r#"{"name":"id","x":["id"]}"#);
        check("{}", "{}");
    }

    #[test]
    fn what_is_no_object_is_copied_as_it_is() {
        check("", "");
        check(r#"{"id":5"#, r#"{"id":5"#);
        check("}}}{\"", "}}}{\"");
    }

    #[test]
    fn parts_belong_to_kinds() {
        assert!(is_part(Kind::Movie, "watch/providers"));
        assert!(is_part(Kind::Tv, "season/0"));
        assert!(!is_part(Kind::Movie, "season/1"));
        assert!(!is_part(Kind::Movie, "zzz_not_a_namespace"));
    }
}
