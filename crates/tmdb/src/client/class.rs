//! The class of every answer: what a caller does about it.

use bytes::Bytes;
use domain::{Failure, FailureClass, Key, Kind, Reference};
use reqwest::StatusCode;
use serde_json::Value;

use super::{Outcome, Reply, retry_after};
use crate::outline::Outline;
use crate::question::Question;

/// Classes a response; the second of the pair names the parts it lacks.
pub(super) fn of(question: &Question, reply: &Reply) -> (Outcome, Vec<String>) {
    if reply.status != StatusCode::OK {
        return (refused(question, reply), vec![]);
    }
    match content(question, reply) {
        Ok(outline) => (Outcome::Found(reply.body.clone()), missing(question, &outline)),
        Err(what) => {
            let message = format!("{}: {} but {what}", question.path(), reply.status.as_u16());
            let failure = Failure::new(FailureClass::Later, message, &reply.body);
            (Outcome::Failed { failure, retry_after: None }, vec![])
        }
    }
}

/// Classes a question that got no response.
pub(super) fn unanswered(question: &Question, what: &str) -> Outcome {
    let message = format!("{}: no response: {what}", question.path());
    let failure = Failure::new(FailureClass::Later, message, &[]);
    Outcome::Failed { failure, retry_after: None }
}

fn refused(question: &Question, reply: &Reply) -> Outcome {
    let said = Said::of(&reply.body);
    let class = class(question, reply, &said);
    let mut message = vec![format!("{}: {}", question.path(), reply.status.as_u16())];
    message.extend(said.code.map(|code| format!(" code {code}")));
    message.extend(said.text.map(|text| format!(" ({text})")));
    message.extend(reply.broken.as_ref().map(|what| format!(", {what}")));
    if reply.status.is_redirection() {
        message.push("; redirects are not followed".to_owned());
    }
    if class == FailureClass::Fatal {
        message.push(format!("; {}", advice(said.code)));
    }
    let failure = Failure::new(class, message.concat(), &reply.body);
    Outcome::Failed { failure, retry_after: retry_after::of(&reply.headers) }
}

fn class(question: &Question, reply: &Reply, said: &Said) -> FailureClass {
    match reply.status.as_u16() {
        429 => FailureClass::SlowDown,
        // Of the thing asked, not of the key: 39 is a private resource.
        401 if said.code == Some(39) => FailureClass::Ours,
        401 => FailureClass::Fatal,
        // Without TMDB's own words a 403 is the network's, and may pass.
        403 if said.code.is_some() => FailureClass::Fatal,
        403 | 408 | 425 => FailureClass::Later,
        _ if reply.broken.is_some() => FailureClass::Later,
        // A page about a 404 is not TMDB's: it says nothing of the id.
        404 if looks_like_html(&reply.body) => FailureClass::Later,
        404 if is_about_an_id(question) => FailureClass::Gone,
        400..500 => FailureClass::Ours,
        _ => FailureClass::Later,
    }
}

fn is_about_an_id(question: &Question) -> bool {
    question.key().is_some_and(|key| key.kind() != Kind::Reference)
}

fn advice(code: Option<u64>) -> &'static str {
    match code {
        Some(10 | 31 | 45) => {
            "TMDB has suspended the key or its account: see https://www.themoviedb.org/settings/api"
        }
        _ => {
            "check TMDB_API_KEY: it must be the API key or the API read access token from \
             https://www.themoviedb.org/settings/api"
        }
    }
}

/// What an error body says, in either of TMDB's shapes.
#[derive(Debug, Default)]
struct Said {
    code: Option<u64>,
    text: Option<String>,
}

impl Said {
    fn of(body: &[u8]) -> Self {
        if looks_like_html(body) {
            return Self { code: None, text: Some("an HTML page".to_owned()) };
        }
        let Ok(body) = serde_json::from_slice::<Value>(&body[..body.len().min(64 << 10)]) else {
            return Self::default();
        };
        let first_error = body.get("errors").and_then(|errors| errors.get(0));
        let text = body.get("status_message").or(first_error).and_then(Value::as_str);
        let shortened = text.map(|text| text.chars().take(300).collect());
        Self { code: body.get("status_code").and_then(Value::as_u64), text: shortened }
    }
}

fn looks_like_html(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

/// Checks that a body under 200 is what was asked for; the error says what it is instead.
fn content(question: &Question, reply: &Reply) -> Result<Outline, String> {
    if let Some(what) = &reply.broken {
        return Err(what.clone());
    }
    let body: &Bytes = &reply.body;
    if body.trim_ascii().is_empty() {
        return Err("the body is empty".to_owned());
    }
    if looks_like_html(body) {
        return Err("the body is an HTML page".to_owned());
    }
    let outline = Outline::of(body).map_err(|error| format!("the body is no JSON: {error}"))?;
    if let Some(what) = error_body(&outline) {
        return Err(what);
    }
    match question {
        Question::Detail(key) => match key.as_reference() {
            Some(reference) => fits_reference(reference, &outline),
            None => fits_key(*key, &outline),
        },
        Question::Seasons { tv, .. } => fits_key(Key::tv(*tv), &outline),
        Question::List { at, .. } | Question::Discover { at, .. } => fits_page(at.page, &outline),
        Question::Changes { page, .. } => fits_page(*page, &outline),
    }?;
    Ok(outline)
}

/// Describes a body that is an error whatever its status says.
fn error_body(outline: &Outline) -> Option<String> {
    let failed = outline.get("success") == Some(&Outline::Flag(false));
    match (outline.number("status_code"), outline.text("status_message")) {
        (Some(code), Some(text)) => Some(format!("the body is an error: code {code} ({text})")),
        _ if failed => Some("the body is an error: success is false".to_owned()),
        _ => None,
    }
}

fn fits_key(key: Key, outline: &Outline) -> Result<(), String> {
    let expect = |name: &str, wanted: u64| match outline.number(name) {
        Some(number) if number == wanted => Ok(()),
        Some(number) => Err(format!("the body's {name} is {number}, not {wanted}")),
        None => Err(format!("the body has no {name}")),
    };
    match (key.season_number(), key.episode_number()) {
        (Some(season), None) => expect("season_number", season.into()),
        (Some(season), Some(episode)) => {
            expect("season_number", season.into())?;
            expect("episode_number", episode.into())
        }
        (None, _) => expect("id", key.id()),
    }
}

fn fits_page(page: u32, outline: &Outline) -> Result<(), String> {
    match (outline.get("results"), outline.number("page")) {
        (Some(Outline::Array), Some(number)) if number == u64::from(page) => Ok(()),
        (Some(Outline::Array), Some(number)) => {
            Err(format!("the body is page {number}, not {page}"))
        }
        _ => Err("the body is no page of a list".to_owned()),
    }
}

fn fits_reference(reference: Reference, outline: &Outline) -> Result<(), String> {
    let member = match reference {
        Reference::Configuration => "images",
        Reference::GenresMovie | Reference::GenresTv => "genres",
        Reference::CertificationsMovie | Reference::CertificationsTv => "certifications",
        Reference::ProvidersMovie | Reference::ProvidersTv | Reference::ProviderRegions => {
            "results"
        }
        Reference::Countries
        | Reference::Jobs
        | Reference::Languages
        | Reference::PrimaryTranslations
        | Reference::Timezones => {
            let is_array = matches!(outline, Outline::Array);
            return is_array.then_some(()).ok_or_else(|| "the body is no array".to_owned());
        }
    };
    match outline.get(member) {
        Some(Outline::Array | Outline::Object(_)) => Ok(()),
        _ => Err(format!("the body has no {member}")),
    }
}

fn missing(question: &Question, outline: &Outline) -> Vec<String> {
    let mut parts = question.parts();
    parts.retain(|part| !part.starts_with("season/") && outline.get(part).is_none());
    parts
}
