//! A page of one of TMDB's lists, read into sightings.

use domain::{Kind, Sighting};
use serde::Deserialize;
use serde::de::Error;
use serde_json::Value;

use crate::question::Question;
use crate::row;

/// TMDB refuses pages beyond this one, however many it counts (`FACTS.md` section 6).
pub const MAX_PAGE: u32 = 500;

/// Some hundred times the size of a real page.
const MAX_BYTES: usize = 2 << 20;

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListAnswer {
    pub page: u32,
    /// Pages that can be asked for: [`MAX_PAGE`] at most.
    pub total_pages: u32,
    /// Whether TMDB counts more pages than it lets be asked for.
    pub is_cut: bool,
    /// As TMDB counts them; 0 where it does not say.
    pub total_results: u64,
    /// In the order of the rows.
    pub sightings: Vec<Sighting>,
    /// Rows without a usable id, or of a kind that is not mirrored.
    pub skipped: usize,
}

/// A body that is no page of a list.
#[derive(Debug, thiserror::Error)]
#[error("this is no page of {path}: {why}")]
pub struct PageError {
    path: String,
    why: serde_json::Error,
}

#[derive(Deserialize)]
struct Body {
    page: u32,
    total_pages: u64,
    #[serde(default)]
    total_results: Value,
    results: Vec<Value>,
}

/// Reads the body that answered a question for a page. Rows without an id are
/// skipped; change feeds have some (`FACTS.md` section 7).
pub fn parse(question: &Question, body: &[u8]) -> Result<ListAnswer, PageError> {
    let body = read(body).map_err(|why| PageError { path: question.path(), why })?;
    let kind_of = |row: &Value| question.rows().or_else(|| media_type(row));
    let sightings: Vec<Sighting> =
        body.results.iter().filter_map(|row| row::sighting(kind_of(row)?, row)).collect();
    Ok(ListAnswer {
        page: body.page,
        is_cut: body.total_pages > MAX_PAGE.into(),
        total_pages: u32::try_from(body.total_pages).unwrap_or(MAX_PAGE).min(MAX_PAGE),
        total_results: body.total_results.as_u64().unwrap_or(0),
        skipped: body.results.len() - sightings.len(),
        sightings,
    })
}

fn read(body: &[u8]) -> Result<Body, serde_json::Error> {
    if body.len() > MAX_BYTES {
        return Err(serde_json::Error::custom("it is too large"));
    }
    serde_json::from_slice(body)
}

fn media_type(row: &Value) -> Option<Kind> {
    match row.get("media_type")?.as_str()? {
        "movie" => Some(Kind::Movie),
        "tv" => Some(Kind::Tv),
        "person" => Some(Kind::Person),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::Key;
    use domain::sighting::{List, Trending, Window};

    use super::*;
    use crate::question::PageAt;

    fn list(list: List) -> Question {
        Question::List { list, at: PageAt::default() }
    }

    fn page(rows: &str) -> String {
        format!(r#"{{"page":2,"results":[{rows}],"total_pages":58322,"total_results":1166422}}"#)
    }

    #[test]
    fn rows_say_what_filters_need() {
        let body = page(
            r#"{"id":7,"title":"A","popularity":7,"adult":false,"video":true,
                "original_language":"ja","release_date":"2001-02-03"},
               {"id":8,"title":"","original_title":"B","popularity":null,"release_date":""}"#,
        );
        let answer = parse(&list(List::MoviePopular), body.as_bytes()).unwrap();
        assert_eq!((answer.page, answer.total_pages, answer.skipped), (2, MAX_PAGE, 0));
        assert_eq!(answer.total_results, 1_166_422);
        let first = Sighting {
            key: Key::movie(7),
            title: Some("A".to_owned()),
            popularity: Some(7.0),
            adult: Some(false),
            video: Some(true),
            original_language: Some("ja".to_owned()),
            released: Some("2001-02-03".to_owned()),
        };
        let second = Sighting { title: Some("B".to_owned()), ..Sighting::of(Key::movie(8)) };
        assert_eq!(answer.sightings, [first, second]);
    }

    #[test]
    fn mixed_lists_follow_each_row_and_skip_what_is_not_mirrored() {
        let body = page(
            r#"{"id":1,"media_type":"tv","name":"T","first_air_date":"1999-01-01"},
               {"id":2,"media_type":"collection"}, {"id":3}, {"id":null,"media_type":"tv"},
               {"id":0,"media_type":"tv"}, {"id":-4,"media_type":"tv"}, 5, null,
               {"id":6,"media_type":"person","name":"P"}"#,
        );
        let mixed = list(List::Trending(Trending::All, Window::Day));
        let answer = parse(&mixed, body.as_bytes()).unwrap();
        let keys: Vec<Key> = answer.sightings.iter().map(|sighting| sighting.key).collect();
        assert_eq!(keys, [Key::tv(1), Key::person(6)]);
        assert_eq!(answer.skipped, 7);
        assert_eq!(answer.sightings[0].released.as_deref(), Some("1999-01-01"));
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for body in ["", "[]", "{}", r#"{"success":false}"#, r#"{"page":1,"results":{}}"#] {
            assert!(parse(&list(List::TvPopular), body.as_bytes()).is_err(), "{body} passed");
        }
    }
}
