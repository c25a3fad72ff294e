//! Cached items by category, as apps of a scheduled fetcher know them.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use domain::catalogue::{ListEntry, ListName};
use domain::sighting::{Discover, List, Recipe, Trending, Window};
use domain::{Kind, Source, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::asked::Params;
use super::problem::Problem;
use super::runs::limited;
use crate::site::Site;

/// An item is good for so long after its list was read.
const GOOD_FOR: Duration = Duration::from_hours(7 * 24);

/// Which items are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CacheQuery {
    /// `movie` or `tv`; both where it is not said.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["movie", "tv"]))]
    kind: Option<String>,
    /// So many of each type at most, 500 in all.
    #[serde(default = "forty")]
    #[schemars(range(min = 1, max = 500))]
    limit: usize,
}

fn forty() -> usize {
    40
}

/// The items of a category, in the order of the lists.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Cached {
    category: String,
    items: Vec<Item>,
}

/// A cached item.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    /// `popular#movie#550`.
    cache_key: String,
    content_id: String,
    /// `movie` or `tv`.
    content_type: String,
    category: String,
    title: String,
    overview: String,
    poster_path: Option<String>,
    backdrop_path: Option<String>,
    vote_average: f64,
    vote_count: u64,
    popularity: f64,
    /// A show's first air date.
    release_date: String,
    genre_ids: Vec<u64>,
    original_language: String,
    adult: bool,
    /// When the list was read that names it: milliseconds since 1970.
    fetched_at: i64,
    /// Until when it is good: seconds since 1970.
    expires_at: i64,
    source: &'static str,
}

pub(super) async fn category(
    State(site): State<Site>,
    Path(category): Path<String>,
    Params(query): Params<CacheQuery>,
) -> Result<Json<Cached>, Problem> {
    let kinds = match query.kind.as_deref() {
        None => vec![Kind::Movie, Kind::Tv],
        Some("movie") => vec![Kind::Movie],
        Some("tv") => vec![Kind::Tv],
        Some(other) => {
            let why = format!("`type` must be movie or tv, not `{other}`.");
            return Err(Problem::Invalid(why));
        }
    };
    let limit = limited(query.limit)?;
    let mut items = vec![];
    let mut is_known = false;
    for kind in kinds {
        let sources = sources(&site, &category, kind);
        is_known |= !sources.is_empty();
        for entry in first_read(&site, sources, limit).await? {
            if let Some(item) = item(&site, &category, &entry).await? {
                items.push(item);
            }
        }
    }
    if !is_known {
        let why = "Categories are popular, trending, genre_28 and the like, hidden_gems, \
                   award_winning, top_rated, upcoming, now_playing, airing_today, on_the_air.";
        return Err(Problem::NotFound(format!("There is no category `{category}`. {why}")));
    }
    Ok(Json(Cached { category, items }))
}

/// The lists that a category may be read from, the best first.
fn sources(site: &Site, category: &str, kind: Kind) -> Vec<Source> {
    if category == "trending" {
        let of = if kind == Kind::Movie { Trending::Movie } else { Trending::Tv };
        return [Window::Week, Window::Day]
            .map(|window| Source::List(List::Trending(of, window)))
            .into();
    }
    match format!("{kind}.{category}").parse() {
        Ok(Source::Discover(discover)) if !is_configured(site, &discover) => vec![],
        Ok(source @ (Source::List(_) | Source::Discover(_))) => vec![source],
        _ => vec![],
    }
}

fn is_configured(site: &Site, discover: &Discover) -> bool {
    match &discover.recipe {
        Recipe::Named(name) => site.options().harvest.recipes.contains_key(name),
        _ => true,
    }
}

/// The entries of the first list that was read, in the regions and languages that are.
async fn first_read(
    site: &Site,
    sources: Vec<Source>,
    limit: usize,
) -> Result<Vec<ListEntry>, Problem> {
    let harvest = &site.options().harvest;
    let or_none =
        |given: &[String]| given.iter().cloned().chain([String::new()]).collect::<Vec<String>>();
    let (regions, languages) = (or_none(&harvest.regions), or_none(&harvest.languages));
    let mut names = vec![];
    for (source, region) in sources.iter().flat_map(|one| regions.iter().map(move |r| (one, r))) {
        names.extend(languages.iter().map(|language| ListName {
            list: source.to_string(),
            region: region.clone(),
            language: language.clone(),
        }));
    }
    for name in names {
        let entries = site.stores().catalog.list(&name, limit).await?;
        if !entries.is_empty() {
            return Ok(entries);
        }
    }
    Ok(vec![])
}

/// An item of a list, where there is a record of it.
async fn item(site: &Site, category: &str, entry: &ListEntry) -> Result<Option<Item>, Problem> {
    let key = entry.key;
    let Some(record) = site.stores().archive.get(key).await? else { return Ok(None) };
    let json = records::to_json(&record).ok();
    let body = json.and_then(|json| serde_json::from_str::<Value>(&json).ok());
    let Some(body) = body else {
        tracing::error!(%key, "a record could not be read");
        return Err(Problem::Internal);
    };
    Ok(Some(shaped(category, entry, &body)))
}

fn shaped(category: &str, entry: &ListEntry, body: &Value) -> Item {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let maybe = |name: &str| body[name].as_str().map(str::to_owned);
    let either = |one: &str, other: &str| maybe(one).unwrap_or_else(|| text(other));
    let kind = entry.key.kind();
    let genres = body["genres"].as_array().into_iter().flatten();
    let read_at: Timestamp = entry.seen_at;
    Item {
        cache_key: format!("{category}#{kind}#{}", entry.key.id()),
        content_id: entry.key.id().to_string(),
        content_type: kind.to_string(),
        category: category.to_owned(),
        title: either("title", "name"),
        overview: text("overview"),
        poster_path: maybe("poster_path"),
        backdrop_path: maybe("backdrop_path"),
        vote_average: body["vote_average"].as_f64().unwrap_or_default(),
        vote_count: body["vote_count"].as_u64().unwrap_or_default(),
        popularity: body["popularity"].as_f64().unwrap_or_default(),
        release_date: either("release_date", "first_air_date"),
        genre_ids: genres.filter_map(|genre| genre["id"].as_u64()).collect(),
        original_language: text("original_language"),
        adult: body["adult"].as_bool().unwrap_or_default(),
        fetched_at: read_at.as_millis(),
        expires_at: (read_at + GOOD_FOR).as_millis().div_euclid(1_000),
        source: "tmdb_scheduled_fetch",
    }
}
