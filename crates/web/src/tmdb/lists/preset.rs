//! Lists as TMDB's discover makes them (`FACTS.md` section 6), where none was read.

use domain::Kind;
use domain::sighting::List;

use super::span;
use crate::index::{Filter, Groups, Order, Releases, Sort, Span, code};
use crate::site::Site;
use crate::tmdb::discover::{self, MOST_POPULAR, day_number};
use crate::tmdb::fault::Fault;
use crate::tmdb::page::{Keys, PER_PAGE};
use crate::tmdb::query::Query;

/// Documentaries and television films are no top rated movies.
const NOT_RATED: [u32; 2] = [99, 10_755];

const MIN_VOTES: u32 = 200;

/// Limited and theatrical releases.
const IN_CINEMAS: [u32; 2] = [2, 3];

pub(super) async fn keys(site: &Site, list: List, query: &Query) -> Result<Keys, Fault> {
    let page = query.page()?;
    match list.kind() {
        Some(kind @ (Kind::Movie | Kind::Tv)) => {
            let (filter, order) = preset(site, list, query);
            discover::keys(site, kind, filter, order, page).await
        }
        // Titles of both kinds take turns: half a page of each.
        None => {
            let pages = page.div_ceil(2);
            let of = |kind| discover::keys(site, kind, Filter::default(), MOST_POPULAR, pages);
            let (movies, shows) = (of(Kind::Movie).await?, of(Kind::Tv).await?);
            let total = movies.total + shows.total;
            let half = PER_PAGE / 2;
            let first = if page % 2 == 1 { 0 } else { half };
            let mut turns = movies.keys.iter().skip(first).take(half);
            let mut others = shows.keys.iter().skip(first).take(half);
            let turns = (0..half).flat_map(|_| [turns.next(), others.next()]).flatten();
            Ok(Keys { keys: turns.copied().collect(), total })
        }
        // People have no facets.
        Some(_) => Ok(Keys::default()),
    }
}

fn preset(site: &Site, list: List, query: &Query) -> (Filter, Order) {
    let today = site.now().date();
    let days = span(list, today)
        .map(|(from, to)| Span { from: Some(day_number(from)), to: Some(day_number(to)) });
    let days = days.unwrap_or_default();
    let rated =
        Filter { vote_count: Span { from: Some(MIN_VOTES), to: None }, ..Filter::default() };
    let best = Order { by: Sort::VoteAverage, descending: true };
    match list {
        List::MovieTopRated => (Filter { without_genres: NOT_RATED.to_vec(), ..rated }, best),
        List::TvTopRated => (rated, best),
        List::MovieNowPlaying | List::MovieUpcoming => {
            let country = query.get("region").map_or(0, |region| code(&region.to_uppercase()));
            let sorts = Groups::one_of(IN_CINEMAS.to_vec());
            let releases = Some(Releases { country, sorts, days });
            (Filter { releases, ..Filter::default() }, MOST_POPULAR)
        }
        List::TvAiringToday | List::TvOnTheAir => {
            (Filter { aired: days, ..Filter::default() }, MOST_POPULAR)
        }
        List::MoviePopular | List::TvPopular | List::PersonPopular | List::Trending(..) => {
            (Filter::default(), MOST_POPULAR)
        }
    }
}
