//! What is found by its name.

use domain::Kind;
use domain::facets::NameQuery;

use super::answer::Answer;
use super::discover;
use super::endpoints::Search;
use super::fault::Fault;
use super::page::{self, Form, Keys, PER_PAGE};
use super::query::Query;
use super::rows::Style;
use crate::site::Site;

/// Longer ones are no names, and each word costs a look.
const MAX_LETTERS: usize = 200;

pub(super) async fn search(site: &Site, sought: Search, query: &Query) -> Result<Answer, Fault> {
    let text = query.get("query").map(str::trim).filter(|text| !text.is_empty());
    let Some(text) = text else {
        return Err(Fault::Unprocessable("query must be provided".to_owned()));
    };
    let names = NameQuery {
        text: text.chars().take(MAX_LETTERS).collect(),
        kinds: kinds(sought),
        adult: discover::flag(query, "include_adult")?,
        year: year(query)?,
        limit: PER_PAGE,
        offset: (query.page()? as usize - 1) * PER_PAGE,
    };
    let found = site.stores().catalog.search(&names).await?;
    let style = if sought == Search::Multi { Style::Mixed } else { Style::Plain };
    let found = Keys { keys: found.keys, total: found.total };
    page::answer(site, query, found, Form::of(style)).await
}

fn kinds(sought: Search) -> Vec<Kind> {
    match sought {
        Search::Movie => vec![Kind::Movie],
        Search::Tv => vec![Kind::Tv],
        Search::Person => vec![Kind::Person],
        Search::Multi => vec![Kind::Movie, Kind::Tv, Kind::Person],
        Search::Collection => vec![Kind::Collection],
        Search::Company => vec![Kind::Company],
        Search::Keyword => vec![Kind::Keyword],
    }
}

/// The year of the primary release, however it is asked for.
fn year(query: &Query) -> Result<Option<i32>, Fault> {
    let asked = ["primary_release_year", "first_air_date_year", "year"];
    let Some((name, text)) = asked.iter().find_map(|name| Some((name, query.get(name)?))) else {
        return Ok(None);
    };
    let year = text.parse().ok().filter(|year| (1_000..=9_999).contains(year));
    year.map(Some).ok_or_else(|| Fault::Parameters(format!("`{name}` cannot be `{text}`")))
}
