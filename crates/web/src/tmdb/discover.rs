//! TMDB's discover, its filters read and the page found by the index of titles; and what
//! is a discover of its own: titles of a keyword, a company or a genre.

mod certification;
mod parse;

#[cfg(test)]
mod tests;

use domain::{Key, Kind};

use super::InPath;
use super::answer::Answer;
use super::fault::Fault;
use super::page::{self, Form, Keys};
use super::query::Query;
use super::rows::Style;
use crate::index::{Filter, Groups, NotReady, Order, Sort};
use crate::site::Site;

pub(super) use parse::{day_number, flag};

pub(super) const MOST_POPULAR: Order = Order { by: Sort::Popularity, descending: true };

pub(super) async fn discover(site: &Site, kind: Kind, query: &Query) -> Result<Answer, Fault> {
    let mut filter = parse::filter(kind, query)?;
    filter.certifications = certification::wanted(site, query).await?;
    let order = parse::order(query)?;
    let found = keys(site, kind, filter, order, query.page()?).await?;
    page::answer(site, query, found, Form::of(Style::Plain)).await
}

/// Which titles of something are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Keyword,
    Company,
    Genre,
}

pub(super) async fn movies_of(
    site: &Site,
    of: Of,
    path: &InPath,
    query: &Query,
) -> Result<Answer, Fault> {
    let id = path.first().and_then(|(_, text)| text.parse::<u32>().ok()).ok_or(Fault::NotFound)?;
    let one = Groups::one_of(vec![id]);
    let mut filter = Filter { adult: flag(query, "include_adult")?, ..Filter::default() };
    match of {
        Of::Keyword => filter.keywords = one,
        Of::Company => filter.companies = one,
        Of::Genre => filter.genres = one,
    }
    let found = keys(site, Kind::Movie, filter, MOST_POPULAR, query.page()?).await?;
    let form = Form { id: Some(id.into()), ..Form::of(Style::Plain) };
    page::answer(site, query, found, form).await
}

/// A page of titles that the index finds.
pub(super) async fn keys(
    site: &Site,
    kind: Kind,
    filter: Filter,
    order: Order,
    page: u32,
) -> Result<Keys, Fault> {
    let wait = site.options().demand.wait;
    let wanted = (kind, filter, order, page);
    let found = site.titles().page(&site.stores().catalog, site.now(), wait, wanted).await;
    let found = found.map_err(|error| match error {
        NotReady::Loading => Fault::Awaited { retry_after: 5 },
        NotReady::Failed => Fault::Offline { retry_after: 5 },
    })?;
    let keys = found.ids.into_iter().filter_map(|id| Key::new(kind, id.into(), None, None).ok());
    Ok(Keys { keys: keys.collect(), total: found.total })
}
