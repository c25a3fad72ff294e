//! Takes the seasons that rode along out of a show's body.

use std::collections::HashSet;
use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::outline::MAX_MEMBERS;
use crate::question::{MAX_PARTS, season_part};

/// A show's body, taken apart. Every value is the text that TMDB sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The body without its `season/N` members.
    pub title: Bytes,
    /// The seasons that came along, in the order of the body.
    pub seasons: Vec<(u32, Bytes)>,
    /// Every season the show says it has, whether it came along or not.
    pub numbers: Vec<u32>,
}

/// A body that is not a show's.
#[derive(Debug, thiserror::Error)]
#[error("this is no body of a show: {0}")]
pub struct SplitError(#[from] serde_json::Error);

/// Takes `season/N` out of the body of a detail or of further seasons.
///
/// A season that is no object, or another season than its name says, counts as
/// one that did not come.
pub fn split(body: &Bytes) -> Result<Split, SplitError> {
    let Members(members) = serde_json::from_slice(body)?;
    let numbers = match members.iter().rfind(|(name, _)| name == "seasons") {
        Some((_, seasons)) => numbers(seasons.get()),
        None => vec![],
    };
    let (seasons, rest): (Vec<_>, Vec<_>) =
        members.into_iter().partition(|(name, _)| season_number(name).is_some());
    if seasons.is_empty() {
        return Ok(Split { title: body.clone(), seasons: vec![], numbers });
    }
    let seasons = seasons
        .into_iter()
        .filter_map(|(name, season)| Some((season_number(&name)?, season.get())))
        .filter(|(number, season)| is_season(season, *number))
        .map(|(number, season)| (number, body.slice_ref(season.as_bytes())))
        .collect();
    Ok(Split { title: joined(&rest, body.len())?, seasons, numbers })
}

/// Says which seasons to ask for next, in groups that fit a request each.
pub fn further(numbers: &[u32], already: &[u32]) -> Vec<Vec<u32>> {
    let mut known: HashSet<u32> = already.iter().copied().collect();
    let missing: Vec<u32> =
        numbers.iter().copied().filter(|number| known.insert(*number)).collect();
    missing.chunks(MAX_PARTS).map(<[u32]>::to_vec).collect()
}

/// The members of an object, in order, their values unread.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder).map(Members)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = vec![];
        while let Some(member) = map.next_entry()? {
            if members.len() == MAX_MEMBERS {
                return Err(A::Error::custom("too many members"));
            }
            members.push(member);
        }
        Ok(members)
    }
}

fn season_number(name: &str) -> Option<u32> {
    let number = name.strip_prefix("season/")?.parse().ok()?;
    // `season/01` or `season/+1` is not what was asked.
    (season_part(number) == name).then_some(number)
}

fn is_season(season: &str, number: u32) -> bool {
    #[derive(Deserialize)]
    struct Season {
        season_number: u32,
    }
    serde_json::from_str::<Season>(season).is_ok_and(|season| season.season_number == number)
}

fn numbers(seasons: &str) -> Vec<u32> {
    #[derive(Deserialize)]
    struct Season {
        season_number: Option<u32>,
    }
    let seasons: Vec<&RawValue> = serde_json::from_str(seasons).unwrap_or_default();
    let mut known = HashSet::new();
    seasons
        .into_iter()
        .filter_map(|season| serde_json::from_str::<Season>(season.get()).ok()?.season_number)
        .filter(|number| known.insert(*number))
        .collect()
}

fn joined(members: &[(String, &RawValue)], size: usize) -> Result<Bytes, SplitError> {
    let mut text = String::with_capacity(size.min(1 << 20));
    for (name, value) in members {
        text.push(if text.is_empty() { '{' } else { ',' });
        text.push_str(&serde_json::to_string(name)?);
        text.push(':');
        text.push_str(value.get());
    }
    if text.is_empty() {
        text.push('{');
    }
    text.push('}');
    Ok(Bytes::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOW: &str = r#"{"id":1396, "season/0":{"_id":"a","season_number":0,"x":1.50},
        "seasons":[{"season_number":0},{"season_number":1},{"season_number":null},7,{"season_number":1}],
        "season/1":{"season_number":1,"n":10000000000000000000000},"na\"me": "B\u00e4d", "v":8.0}"#;

    #[test]
    fn seasons_come_out_as_they_were_sent() {
        let body = Bytes::from(SHOW);
        let split = split(&body).unwrap();
        assert_eq!(split.numbers, [0, 1]);
        let season = |text| Bytes::from_static(str::as_bytes(text));
        assert_eq!(
            split.seasons,
            [
                (0, season(r#"{"_id":"a","season_number":0,"x":1.50}"#)),
                (1, season(r#"{"season_number":1,"n":10000000000000000000000}"#)),
            ]
        );
        let title = String::from_utf8(split.title.to_vec()).unwrap();
        assert!(title.starts_with(r#"{"id":1396,"seasons":[{"#), "{title}");
        assert!(title.ends_with(r#"],"na\"me":"B\u00e4d","v":8.0}"#), "{title}");
    }

    #[test]
    fn a_body_without_seasons_stays_untouched() {
        let body = Bytes::from_static(b"{ \"id\" : 1, \"season/x\": 2, \"season/01\": {} }");
        let split = split(&body).unwrap();
        assert_eq!((split.title, split.seasons, split.numbers), (body, vec![], vec![]));
    }

    #[test]
    fn what_is_not_the_season_it_is_named_after_did_not_come() {
        let odd =
            r#"{"season/1":null,"season/2":{"success":false},"season/3":{"season_number":4}}"#;
        let split = split(&Bytes::from(odd)).unwrap();
        assert_eq!(split.seasons, []);
        assert_eq!(&split.title[..], b"{}");
    }

    #[test]
    fn what_is_no_show_is_refused() {
        for body in ["", "[]", "{\"id\":1", "null"] {
            assert!(split(&Bytes::from(body)).is_err(), "{body} passed");
        }
    }

    #[test]
    fn further_seasons_are_asked_twenty_at_a_time() {
        let numbers: Vec<u32> = (0..48).collect();
        let groups = further(&numbers, &[0, 1, 2, 3, 4, 5]);
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 2]);
        assert_eq!(groups.concat(), numbers[6..]);
        assert_eq!(further(&[1, 2], &[2, 1]), Vec::<Vec<u32>>::new());
    }
}
