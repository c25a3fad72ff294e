//! Sub-resources: those the data sets know, and well-formed empty ones.

use bytes::Bytes;
use domain::{Key, Kind};
use serde::Serialize;
use serde_json::{Value, json};

use super::drift::Day;
use super::reference::language_name;
use super::rows::{TitleRow, json, poster_path, title_row};
use super::titles::{Title, Titles};
use super::{alike, credits, details};

/// A sub-resource as its own endpoint serves it.
pub(super) fn part(titles: &Titles, key: Key, part: &str, day: Day) -> Option<Bytes> {
    let id = key.id();
    match key.kind() {
        kind @ (Kind::Movie | Kind::Tv) => {
            let title = titles.title(kind, id)?;
            of_title(titles, kind, title, part, day)
        }
        Kind::Season => Some(json(&of_season(titles, key, part)?)),
        Kind::Episode => Some(json(&of_episode(titles, key, part)?)),
        Kind::Person => of_person(titles, id, part, day),
        Kind::Company => titles.companies.get(&id).and_then(|_| empty_of_maker(id, part)),
        Kind::Network => titles.networks.get(&id).and_then(|_| empty_of_maker(id, part)),
        Kind::Collection | Kind::Keyword | Kind::Reference => None,
    }
}

fn of_title(titles: &Titles, kind: Kind, title: &Title, part: &str, day: Day) -> Option<Bytes> {
    let id = title.id;
    let is_movie = kind == Kind::Movie;
    let body = match part {
        "credits" => return Some(json(&credits::of_title(titles, kind, title, day))),
        "aggregate_credits" if !is_movie => {
            return Some(json(&credits::aggregate(titles, title, day)));
        }
        "keywords" if is_movie => json!({"id": id, "keywords": keywords(titles, title)}),
        "keywords" => json!({"id": id, "results": keywords(titles, title)}),
        "external_ids" => external_ids(titles, kind, id),
        "images" => json!({
            "backdrops": [], "id": id, "logos": [],
            "posters": [picture(&poster_path(kind, title), &title.language)],
        }),
        "translations" => translations(titles, kind, title, day),
        "release_dates" if is_movie => release_dates(title),
        "alternative_titles" if is_movie => json!({"id": id, "titles": []}),
        "releases" if is_movie => json!({"countries": [], "id": id}),
        "similar" | "recommendations" => {
            let alike = alike::find(titles, kind, title, part == "recommendations");
            let results: Vec<_> = alike.into_iter().map(|one| title_row(kind, one, day)).collect();
            let total_results = results.len();
            return Some(json(&OnlyPage { id, page: 1, results, total_pages: 1, total_results }));
        }
        "alternative_titles" | "content_ratings" | "episode_groups" | "screened_theatrically"
            if !is_movie =>
        {
            json!({"id": id, "results": []})
        }
        season if !is_movie && season.starts_with("season/") => {
            let number = season.strip_prefix("season/")?.parse().ok()?;
            return details::detail(titles, Key::season(id, number), day);
        }
        _ => empty(id, part)?,
    };
    Some(json(&body))
}

/// A list that fits on one page.
#[derive(Serialize)]
struct OnlyPage<'t> {
    id: u64,
    page: u32,
    results: Vec<TitleRow<'t>>,
    total_pages: u32,
    total_results: usize,
}

/// The parts that have the same shape for every kind that has them.
fn empty(id: u64, part: &str) -> Option<Value> {
    match part {
        "changes" => Some(json!({"changes": []})),
        "lists" | "reviews" | "tagged_images" => Some(json!({
            "id": id, "page": 1, "results": [], "total_pages": 0, "total_results": 0,
        })),
        "videos" => Some(json!({"id": id, "results": []})),
        "watch/providers" => Some(json!({"id": id, "results": {}})),
        _ => None,
    }
}

fn empty_of_maker(id: u64, part: &str) -> Option<Bytes> {
    match part {
        "alternative_names" => Some(json(&json!({"id": id, "results": []}))),
        "images" => Some(json(&json!({"id": id, "logos": []}))),
        _ => None,
    }
}

fn keywords(titles: &Titles, title: &Title) -> Vec<Value> {
    let named = title.keywords.iter().filter_map(|id| Some((id, titles.keywords.get(id)?)));
    named.map(|(id, name)| json!({"id": id, "name": name})).collect()
}

fn external_ids(titles: &Titles, kind: Kind, id: u64) -> Value {
    let mut ids = json!({
        "facebook_id": null, "id": id, "imdb_id": null, "instagram_id": null,
        "twitter_id": null, "wikidata_id": null,
    });
    if kind == Kind::Tv {
        ids["imdb_id"] = json!(titles.shows.get(&id).and_then(|show| show.imdb_id.as_deref()));
        for name in ["freebase_id", "freebase_mid", "tvdb_id", "tvrage_id"] {
            ids[name] = Value::Null;
        }
    }
    ids
}

fn picture(path: &str, language: &str) -> Value {
    json!({
        "aspect_ratio": 0.667, "file_path": path, "height": 1500, "iso_3166_1": null,
        "iso_639_1": language, "vote_average": 0.0, "vote_count": 0, "width": 1000,
    })
}

fn translations(titles: &Titles, kind: Kind, title: &Title, day: Day) -> Value {
    let overview = day.edited(title.id, &title.overview);
    let data = match titles.movies.get(&title.id).filter(|_| kind == Kind::Movie) {
        Some(movie) => json!({
            "homepage": movie.homepage, "overview": overview, "runtime": movie.runtime,
            "tagline": movie.tagline, "title": title.name,
        }),
        None => json!({"homepage": "", "name": title.name, "overview": overview, "tagline": ""}),
    };
    let english = json!({
        "data": data, "english_name": language_name("en"), "iso_3166_1": "US", "iso_639_1": "en",
        "name": "English",
    });
    json!({"id": title.id, "translations": [english]})
}

fn release_dates(title: &Title) -> Value {
    let Some(country) = title.countries.first().filter(|_| !title.date.is_empty()) else {
        return json!({"id": title.id, "results": []});
    };
    let released = json!({
        "certification": "", "descriptors": [], "iso_639_1": "", "note": "",
        "release_date": format!("{}T00:00:00.000Z", title.date), "type": 3,
    });
    let results = json!([{"iso_3166_1": country, "release_dates": [released]}]);
    json!({"id": title.id, "results": results})
}

fn of_season(titles: &Titles, key: Key, part: &str) -> Option<Value> {
    let season = details::season(titles, key)?;
    let id = season.id;
    match part {
        "credits" | "aggregate_credits" => Some(json!({"cast": [], "crew": [], "id": id})),
        "external_ids" => Some(json!({
            "freebase_id": null, "freebase_mid": null, "id": id, "tvdb_id": null,
            "tvrage_id": null, "wikidata_id": null,
        })),
        "images" => {
            let poster = season.poster.as_deref().map(|path| picture(path, "en"));
            Some(json!({"id": id, "posters": poster.into_iter().collect::<Vec<_>>()}))
        }
        "translations" => Some(json!({"id": id, "translations": []})),
        "changes" | "videos" | "watch/providers" => empty(id, part),
        _ => None,
    }
}

fn of_episode(titles: &Titles, key: Key, part: &str) -> Option<Value> {
    let episode = details::episode(titles, key)?;
    let id = episode["id"].as_u64().unwrap_or(0);
    match part {
        "credits" => Some(json!({
            "cast": [], "crew": episode["crew"], "guest_stars": episode["guest_stars"], "id": id,
        })),
        "external_ids" => Some(json!({
            "freebase_id": null, "freebase_mid": null, "id": id, "imdb_id": null,
            "tvdb_id": null, "tvrage_id": null, "wikidata_id": null,
        })),
        "images" => Some(json!({"id": id, "stills": []})),
        "translations" => Some(json!({"id": id, "translations": []})),
        "changes" | "videos" => empty(id, part),
        _ => None,
    }
}

fn of_person(titles: &Titles, id: u64, part: &str, day: Day) -> Option<Bytes> {
    let person = titles.people.get(&id)?;
    let kinds: &[Kind] = match part {
        "combined_credits" => &[Kind::Movie, Kind::Tv],
        "movie_credits" => &[Kind::Movie],
        "tv_credits" => &[Kind::Tv],
        _ => &[],
    };
    if !kinds.is_empty() {
        return credits::of_person(titles, id, kinds, day).map(|credits| json(&credits));
    }
    let body = match part {
        "external_ids" => json!({
            "facebook_id": null, "freebase_id": null, "freebase_mid": null, "id": id,
            "imdb_id": null, "instagram_id": null, "tiktok_id": null, "tvrage_id": null,
            "twitter_id": null, "wikidata_id": null, "youtube_id": null,
        }),
        "images" => {
            let profile = person.profile.as_deref().map(|path| picture(path, ""));
            json!({"id": id, "profiles": profile.into_iter().collect::<Vec<_>>()})
        }
        "translations" => json!({"id": id, "translations": []}),
        "changes" | "tagged_images" => empty(id, part)?,
        _ => return None,
    };
    Some(json(&body))
}
