//! Cards: the small ready-made JSON of a title, with the `ETag` that is stored with it.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::{Key, Kind};

use super::problem::Problem;
use crate::site::Site;

pub(super) async fn card(
    State(site): State<Site>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = key(&kind, &id)?;
    let card = site.stores().catalog.card(key).await?;
    let card = card.ok_or_else(|| Problem::NotFound(format!("There is no card of {key}.")))?;
    let etag = HeaderValue::try_from(&card.etag).ok();
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|known| has(known, &card.etag)) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        card.json.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(etag) = etag {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}

fn key(kind: &str, id: &str) -> Result<Key, Problem> {
    let id = id.parse::<u64>().ok();
    let key = match kind.parse::<Kind>() {
        Ok(kind) if kind.is_title() => id.and_then(|id| Key::new(kind, id, None, None).ok()),
        _ => None,
    };
    key.ok_or_else(|| Problem::NotFound("Cards are of movies and shows: /cards/movie/550.".into()))
}

/// Whether one of the tags that a client knows is this one; weak ones count too.
fn has(known: &str, etag: &str) -> bool {
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.split(',').any(|tag| tag.trim() == "*" || strong(tag) == strong(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_tag_is_found_among_others() {
        assert!(has("\"a\", W/\"b\"", "\"b\""));
        assert!(has("*", "\"b\""));
        assert!(!has("\"a\"", "\"b\""));
    }
}
