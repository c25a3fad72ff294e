//! What a recording answers: its path, its query, and how near that is to what is asked.

use domain::{Key, Kind};
use percent_encoding::percent_decode_str;

use crate::universe::Query;

/// Query parameters that say who asks, not what.
const CREDENTIALS: [&str; 4] = ["api_key", "access_token", "session_id", "guest_session_id"];

/// Parameters that change what is shown of a thing, not which thing it is.
const SHADES: [&str; 5] =
    ["include_adult", "include_image_language", "include_video_language", "region", "timezone"];

/// Parameters that mean the same as being left out.
const DEFAULTS: [(&str, &str); 5] = [
    ("include_adult", "false"),
    ("include_video", "false"),
    ("page", "1"),
    ("sort_by", "popularity.desc"),
    ("external_source", "imdb_id"),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// Below `/3/`, without slashes at its ends.
    pub(super) path: String,
    pub(super) query: Query,
}

impl Request {
    /// Reads `GET /3/movie/550?language=en`, with or without method, host and version.
    /// `None` for what is not a `GET` of the third version.
    pub(super) fn parse(endpoint: &str) -> Option<Self> {
        let target = match endpoint.trim().split_once(char::is_whitespace) {
            Some((method, target)) if method.bytes().all(|b| b.is_ascii_alphabetic()) => {
                if !method.eq_ignore_ascii_case("get") {
                    return None;
                }
                target.trim_start()
            }
            _ => endpoint.trim(),
        };
        let target = match target.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => target,
        };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let path = percent_decode_str(path).decode_utf8_lossy();
        let path = path.trim_matches('/');
        if path.is_empty() || path.starts_with("4/") {
            return None;
        }
        let path = path.strip_prefix("3/").unwrap_or(path).to_owned();
        Some(Self { path, query: parse_query(query) })
    }
}

fn parse_query(query: &str) -> Query {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .filter(|(name, _)| !CREDENTIALS.contains(&name.as_str()))
        .collect()
}

/// The key that a path is about and the sub-resource it asks for (empty for the detail).
pub(super) fn subject(path: &str) -> Option<(Key, &str)> {
    let (kind, rest) = path.split_once('/')?;
    let (id, rest) = first_segment(rest);
    let (kind, id) = (kind.parse::<Kind>().ok()?, id.parse().ok()?);
    if matches!(kind, Kind::Season | Kind::Episode | Kind::Reference) {
        return None;
    }
    let flat = Key::new(kind, id, None, None).ok()?;
    let Some((number, rest)) = numbered(rest, "season/").filter(|_| kind == Kind::Tv) else {
        return Some((flat, rest));
    };
    match numbered(rest, "episode/") {
        Some((episode, rest)) => Some((Key::episode(id, number, episode), rest)),
        None => Some((Key::season(id, number), rest)),
    }
}

fn numbered<'p>(path: &'p str, word: &str) -> Option<(u32, &'p str)> {
    let (number, rest) = first_segment(path.strip_prefix(word)?);
    Some((number.parse().ok()?, rest))
}

fn first_segment(path: &str) -> (&str, &str) {
    path.split_once('/').unwrap_or((path, ""))
}

/// How far a recorded query is from the asked one; less is nearer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Distance {
    /// Parameters that differ and choose another answer.
    pub(super) others: usize,
    pub(super) language: u8,
    /// Parameters that differ and only shade the answer.
    pub(super) shades: usize,
}

impl Distance {
    /// Pages and appends are the caller's to compare.
    pub(super) fn between(recorded: &Query, asked: &Query) -> Self {
        let mut distance = Self {
            language: language_distance(language(recorded), language(asked)),
            ..Self::default()
        };
        let recorded_names = recorded.keys();
        let asked_names = asked.keys().filter(|name| !recorded.contains_key(*name));
        for name in recorded_names.chain(asked_names) {
            if !differs(name, recorded, asked) {
                continue;
            }
            if SHADES.contains(&name.as_str()) {
                distance.shades += 1;
            } else {
                distance.others += 1;
            }
        }
        distance
    }
}

fn differs(name: &str, recorded: &Query, asked: &Query) -> bool {
    if matches!(name, "language" | "page" | "append_to_response") || CREDENTIALS.contains(&name) {
        return false;
    }
    let default = DEFAULTS.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
    let value = |query: &Query| {
        let value = query.get(name).map(|value| value.to_lowercase());
        value.or(default.map(str::to_owned))
    };
    value(recorded) != value(asked)
}

fn language(query: &Query) -> Option<&str> {
    query.get("language").map(String::as_str).filter(|language| !language.is_empty())
}

/// Without a language TMDB answers in English, so the two are close.
fn language_distance(recorded: Option<&str>, asked: Option<&str>) -> u8 {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
    let is_english = |tag: &str| primary(tag) == "en";
    match (recorded, asked) {
        (None, None) => 0,
        (Some(recorded), Some(asked)) if recorded.eq_ignore_ascii_case(asked) => 0,
        (Some(recorded), Some(asked)) if primary(recorded) == primary(asked) => 1,
        (None, Some(asked)) => 2 - u8::from(is_english(asked)),
        (Some(recorded), None) => 3 - 2 * u8::from(is_english(recorded)),
        (Some(recorded), Some(_)) => 4 - u8::from(is_english(recorded)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        parse_query(text)
    }

    #[track_caller]
    fn check_subject(path: &str, expected: Option<(Key, &str)>) {
        assert_eq!(subject(path), expected, "{path}");
    }

    #[test]
    fn a_path_is_about_a_key_and_a_part() {
        check_subject("movie/550", Some((Key::movie(550), "")));
        check_subject("movie/550/watch/providers", Some((Key::movie(550), "watch/providers")));
        check_subject("tv/1/season/0", Some((Key::season(1, 0), "")));
        check_subject("tv/1/season/2/credits", Some((Key::season(1, 2), "credits")));
        check_subject("tv/1/season/2/episode/3/images", Some((Key::episode(1, 2, 3), "images")));
        for path in ["movie/popular", "movie", "tv/season/5/changes", "tv/0", "reference/1", "a/b"]
        {
            check_subject(path, None);
        }
    }

    #[test]
    fn an_endpoint_is_read_with_or_without_method_host_and_version() {
        let expected = Request { path: "search/tv".to_owned(), query: query("query=Big Bang") };
        for endpoint in [
            "GET /3/search/tv?query=Big+Bang",
            "GET /3/search/tv/?query=Big Bang&api_key=0",
            "GET https://api.themoviedb.org/3/search/tv?query=Big%20Bang",
            "/3/search/tv?query=Big%20Bang",
            "search/tv?query=Big%20Bang",
        ] {
            assert_eq!(Request::parse(endpoint).as_ref(), Some(&expected), "{endpoint}");
        }
        for endpoint in ["", "GET /", "POST /3/list", "GET /4/list/1", "GET https://x"] {
            assert_eq!(Request::parse(endpoint), None, "{endpoint}");
        }
    }

    #[test]
    fn nearer_languages_come_first() {
        let order = |asked: &str, recorded: &[&str]| {
            let distances = recorded.iter().map(|r| Distance::between(&query(r), &query(asked)));
            assert!(distances.is_sorted(), "{asked}: {recorded:?}");
        };
        order("", &["", "language=en", "language=de"]);
        order(
            "language=de-DE",
            &["language=de-DE", "language=de", "", "language=en", "language=it"],
        );
        order("language=en", &["language=en", "language=en-US", "", "language=it"]);
    }

    #[test]
    fn a_default_spelled_out_is_no_difference() {
        let distance = |recorded, asked| Distance::between(&query(recorded), &query(asked));
        let near = distance("query=a&include_adult=false&page=1", "query=A&api_key=1");
        assert_eq!(near, Distance::default());
        assert_eq!(distance("query=a&year=1962", "query=a").others, 1);
        assert_eq!(distance("with_genres=1", "with_genres=2").others, 1);
    }
}
