//! TMDB's images under TMDB's paths, `/t/p/{size}/{file}`: from the own store, which
//! fetches what it lacks, or by sending clients to TMDB where images are off.
//!
//! Only a size and a name of TMDB's form lead anywhere, and only to TMDB.

mod range;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use domain::images::ImageName;
use pipeline::PipelineError;
use pipeline::images::{NoPicture, Picture};

use crate::site::Site;
use crate::tmdb::Fault;
use crate::tmdb::whole_seconds;

/// A name stands for one image for ever, as TMDB's server says too.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000");

/// Where an image is may change with the configuration.
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// A drawing may hold scripts; none of them is to run.
const HARMLESS: [(HeaderName, HeaderValue); 2] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox"),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// What TMDB's images end with (`FACTS.md` section 10). `webp` is in no recording; who asks
/// for it gets what TMDB says of it.
const ENDINGS: [&str; 4] = ["jpg", "png", "svg", "webp"];

pub(crate) fn router() -> Router<Site> {
    Router::new().route("/t/p/{*rest}", any(image)).route("/t/{*rest}", any(nothing))
}

async fn nothing() -> Fault {
    Fault::NotFound
}

async fn image(
    State(site): State<Site>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    if !matches!(method, Method::GET | Method::HEAD) {
        return Err(Fault::Method);
    }
    // As it was sent: no name of TMDB's needs an escape.
    let name = name(uri.path()).ok_or(Fault::NotFound)?;
    let Some(supply) = site.supply() else {
        let address = HeaderValue::try_from(site.gallery().at_tmdb(&name)).ok();
        let address = address.ok_or(Fault::Internal)?;
        let headers = [(header::LOCATION, address), (header::CACHE_CONTROL, FOR_AN_HOUR)];
        return Ok((StatusCode::FOUND, headers).into_response());
    };
    let picture = supply.get(&name).await?;
    Ok(shown(&picture, &headers))
}

fn name(path: &str) -> Option<ImageName> {
    let (size, file) = path.strip_prefix("/t/p/")?.split_once('/')?;
    let name = ImageName::new(size, &format!("/{file}")).ok()?;
    ENDINGS.contains(&name.path.ending()).then_some(name)
}

/// The image or a part of it, or that the client has it already.
fn shown(picture: &Picture, asked: &HeaderMap) -> Response {
    let hash = blake3::hash(&picture.bytes).to_hex();
    let tag = format!("\"{}\"", &hash[..32]);
    let given = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let has_it = given(header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*")
    });
    // A part of another image would be of no use.
    let is_same = given(header::IF_RANGE).is_none_or(|one| one == tag);
    let range = given(header::RANGE).filter(|_| is_same);
    let mut response =
        if has_it { StatusCode::NOT_MODIFIED.into_response() } else { part(&picture.bytes, range) };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(picture.media_type));
    headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("hex in quotes"));
    headers.insert(header::CACHE_CONTROL, FOR_EVER);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.extend(HARMLESS);
    response
}

fn part(bytes: &Bytes, range: Option<&str>) -> Response {
    let length = bytes.len();
    match range.map_or(range::Part::Whole, |range| range::part(range, length)) {
        range::Part::Whole => bytes.clone().into_response(),
        range::Part::Some(part) => {
            let says = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            let headers = [(header::CONTENT_RANGE, says)];
            (StatusCode::PARTIAL_CONTENT, headers, bytes.slice(part)).into_response()
        }
        range::Part::Beyond => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()
        }
    }
}

impl From<NoPicture> for Fault {
    fn from(missing: NoPicture) -> Self {
        match missing {
            NoPicture::Gone => Self::NotFound,
            NoPicture::Awaited { retry_after } => {
                Self::Awaited { retry_after: whole_seconds(retry_after) }
            }
            NoPicture::Busy { retry_after } => {
                Self::Offline { retry_after: whole_seconds(retry_after) }
            }
            NoPicture::Pipeline(PipelineError::Store(error)) => error.into(),
            NoPicture::Pipeline(error) => {
                tracing::error!(%error, "an image could not be read");
                Self::Internal
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_size_and_a_name_of_tmdbs_form_are_an_image() {
        assert!(name("/t/p/w500/abc.jpg").is_some());
        assert!(name("/t/p/original/logo.svg").is_some());
        for path in [
            "/t/p/w500",
            "/t/p/w500/",
            "/t/p/w501/abc.jpg",
            "/t/p/w500/../abc.jpg",
            "/t/p/../../etc/passwd",
            "/t/p/w500/%2e%2e%2fabc.jpg",
            "/t/p/w500/a%2fb.jpg",
            "/t/p/w500/a%00.jpg",
            "/t/p/w500//abc.jpg",
            "/t/p/w500/sub/abc.jpg",
            "/t/p/w500/.hidden",
            "/t/p/w500/abc.exe",
            "/t/p/w500/abc.JPG",
            "/t/p/w500/http://x/a.jpg",
        ] {
            assert_eq!(name(path), None, "{path}");
        }
        assert_eq!(name(&format!("/t/p/w500/{}.jpg", "a".repeat(5_000))), None);
    }
}
