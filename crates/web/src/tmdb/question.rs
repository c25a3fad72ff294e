//! What is asked, as a text: the same for equal questions, and no other's.
//!
//! It is the path as it came, and of the query what means something: in one order, and
//! the same bytes escaped in the same way.

use axum::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::query::Query;

/// What stands for itself: see [`is_plain`].
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b',').remove(b'|').remove(b':');

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._,|:".contains(&byte)
}

/// The text of a question that was read.
pub(super) fn text(path: &str, query: &Query) -> Box<str> {
    let mut text = path.to_owned();
    for (name, value) in query.given() {
        add(&mut text, path, name, utf8_percent_encode(value, ESCAPED));
    }
    text.into_boxed_str()
}

/// The text of a question as it came, where that can be told without knowing the
/// endpoint. Of a query with a parameter that means nothing it is no question's text.
pub(super) fn plain(uri: &Uri) -> Option<String> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    // Who may ask was decided before.
    let mut pairs: Vec<_> = pairs.filter(|(name, _)| *name != "api_key").collect();
    pairs.sort_unstable();
    if pairs.windows(2).any(|two| two[0].0 == two[1].0) {
        // The last one counts, which they do not tell any more.
        return None;
    }
    let mut text = String::with_capacity(uri.path_and_query().map_or(1, |all| all.as_str().len()));
    text.push_str(uri.path());
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        if !name.bytes().chain(value.bytes()).all(is_plain) {
            return None;
        }
        add(&mut text, uri.path(), name, [value]);
    }
    Some(text)
}

fn add<'a>(text: &mut String, path: &str, name: &str, value: impl IntoIterator<Item = &'a str>) {
    text.push(if text.len() == path.len() { '?' } else { '&' });
    text.push_str(name);
    text.push('=');
    text.extend(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tmdb::endpoints::{self, Endpoint};

    fn endpoint(path: &str) -> &'static Endpoint {
        endpoints::all().find(|endpoint| endpoint.path == path).unwrap()
    }

    /// The text of a question about a movie, read and as it came.
    fn both(uri: &str) -> (Box<str>, Option<String>) {
        let uri: Uri = uri.parse().unwrap();
        let query = Query::parse(uri.query().unwrap_or_default(), endpoint("/3/movie/{movie_id}"));
        (text(uri.path(), &query.unwrap()), plain(&uri))
    }

    #[test]
    fn most_questions_have_their_text_as_they_come() {
        for (uri, expected) in [
            ("/3/movie/550", "/3/movie/550"),
            ("/3/movie/550?", "/3/movie/550"),
            ("/3/movie/550?api_key=k", "/3/movie/550"),
            ("/3/movie/550?language=&api_key=k&", "/3/movie/550"),
            (
                "/3/movie/550?language=fr-FR&api_key=k&append_to_response=credits,release_dates",
                "/3/movie/550?append_to_response=credits,release_dates&language=fr-FR",
            ),
        ] {
            let (read, came) = both(uri);
            assert_eq!((&*read, came.as_deref()), (expected, Some(expected)), "{uri}");
        }
    }

    #[test]
    fn what_has_to_be_read_first_is_told_by_nothing_else() {
        for (uri, expected) in [
            ("/3/movie/550?language=fr%2DFR", "/3/movie/550?language=fr-FR"),
            ("/3/movie/550?language=fr&language=de", "/3/movie/550?language=de"),
            ("/3/movie/550?language=fr&language=", "/3/movie/550"),
            ("/3/movie/550?language=a+b", "/3/movie/550?language=a%20b"),
            ("/3/movie/550?language=a%26b%3D%25", "/3/movie/550?language=a%26b%3D%25"),
            ("/3/movie/550?append%5Fto_response=videos", "/3/movie/550?append_to_response=videos"),
        ] {
            assert_eq!(both(uri), (expected.into(), None), "{uri}");
        }
        // What means nothing is left out, and who tells it as it came finds nothing.
        let (read, came) = both("/3/movie/550?language=fr&_=1");
        assert_eq!(&*read, "/3/movie/550?language=fr");
        assert_eq!(came.as_deref(), Some("/3/movie/550?_=1&language=fr"));
        // Another path is another question, though it may be read as the same.
        assert_ne!(both("/3/movie/late%73t").0, both("/3/movie/latest").0);
    }

    #[test]
    fn what_stands_for_itself_is_not_escaped() {
        for byte in 0..128_u8 {
            let text = char::from(byte).to_string();
            let escaped = utf8_percent_encode(&text, ESCAPED).to_string();
            assert_eq!(escaped == text, is_plain(byte), "{text:?}");
        }
    }
}
