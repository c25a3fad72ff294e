//! A page of rows, as TMDB writes it.

#[cfg(test)]
mod tests;

use domain::Key;
use serde::Serialize;
use serde_json::Value;

use super::answer::Answer;
use super::fault::Fault;
use super::language::Language;
use super::query::Query;
use super::rows::{self, Style};
use crate::site::Site;

/// Rows on a page.
pub(super) const PER_PAGE: usize = 20;

/// The keys of a page, and how many there are in all.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) keys: Vec<Key>,
    pub(super) total: u64,
}

/// Dates that a list says it spans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Dates {
    pub(super) maximum: String,
    pub(super) minimum: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "TMDB's names")]
struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    dates: Option<Dates>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    page: u32,
    results: Vec<Value>,
    total_pages: u64,
    total_results: u64,
}

/// How a page is written.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) style: Style,
    pub(super) dates: Option<Dates>,
    /// What the rows belong to.
    pub(super) id: Option<u64>,
}

impl Form {
    pub(super) fn of(style: Style) -> Self {
        Self { style, dates: None, id: None }
    }
}

pub(super) fn language(query: &Query) -> Result<Language, Fault> {
    query.get("language").map_or(Ok(Language::default()), str::parse)
}

pub(super) async fn answer(
    site: &Site,
    query: &Query,
    found: Keys,
    form: Form,
) -> Result<Answer, Fault> {
    let results = rows::rows(site, &found.keys, &language(query)?, form.style).await?;
    let total_pages = found.total.div_ceil(PER_PAGE as u64).max(1);
    let page = Page {
        dates: form.dates,
        id: form.id,
        page: query.page()?,
        results,
        total_pages,
        total_results: found.total,
    };
    json(&page)
}

pub(super) fn json(body: &impl Serialize) -> Result<Answer, Fault> {
    let body = serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        Fault::Internal
    })?;
    Ok(Answer::new(body))
}
