//! Detail bodies, in the shape TMDB gives them today.

use bytes::Bytes;
use domain::{Key, Kind};
use serde::Serialize;
use serde_json::{Value, json};

use super::drift::Day;
use super::reference::{country_name, language_name};
use super::rows::{json, poster_path, rounded};
use super::titles::{Movie, Season, Show, Titles};

/// The bare detail body of a key.
pub(super) fn detail(titles: &Titles, key: Key, day: Day) -> Option<Bytes> {
    let id = key.id();
    match key.kind() {
        Kind::Movie => Some(json(&movie(titles, titles.movies.get(&id)?, day))),
        Kind::Tv => Some(json(&show(titles, titles.shows.get(&id)?, day))),
        Kind::Season => Some(season(titles, key)?.body.clone()),
        Kind::Episode => Some(json(&episode(titles, key)?)),
        Kind::Person => person(titles, id, day),
        Kind::Company => {
            let name = titles.companies.get(&id)?;
            Some(json(&json!({
                "description": "", "headquarters": "", "homepage": "", "id": id,
                "logo_path": null, "name": name, "origin_country": "", "parent_company": null,
            })))
        }
        Kind::Network => {
            let network = titles.networks.get(&id)?;
            Some(json(&json!({
                "headquarters": "", "homepage": "", "id": id, "logo_path": network.logo,
                "name": network.name, "origin_country": network.country,
            })))
        }
        Kind::Keyword => Some(json(&json!({"id": id, "name": titles.keywords.get(&id)?}))),
        Kind::Collection | Kind::Reference => None,
    }
}

pub(super) fn season(titles: &Titles, key: Key) -> Option<&Season> {
    titles.shows.get(&key.id())?.seasons.get(&key.season_number()?)
}

/// An episode as it stands in its season's body.
pub(super) fn episode(titles: &Titles, key: Key) -> Option<Value> {
    let mut season: Value = serde_json::from_slice(&season(titles, key)?.body).ok()?;
    let number = u64::from(key.episode_number()?);
    let episodes = season["episodes"].as_array_mut()?;
    let found = episodes.iter_mut().find(|one| one["episode_number"].as_u64() == Some(number))?;
    let mut episode = found.take();
    episode.as_object_mut()?.remove("show_id");
    Some(episode)
}

#[derive(Serialize)]
struct Named<'t> {
    id: u64,
    name: &'t str,
}

#[derive(Serialize)]
struct Maker<'t> {
    id: u64,
    logo_path: Option<&'t str>,
    name: &'t str,
    origin_country: &'t str,
}

#[derive(Serialize)]
struct MovieDetail<'t> {
    adult: bool,
    backdrop_path: Option<&'t str>,
    belongs_to_collection: Option<()>,
    budget: u64,
    genres: Vec<Named<'t>>,
    homepage: &'t str,
    id: u64,
    imdb_id: Option<&'t str>,
    origin_country: &'t [Box<str>],
    original_language: &'t str,
    original_title: &'t str,
    overview: String,
    popularity: f64,
    poster_path: String,
    production_companies: Vec<Maker<'t>>,
    production_countries: Vec<Value>,
    release_date: &'t str,
    revenue: u64,
    runtime: Option<u64>,
    softcore: bool,
    spoken_languages: Vec<Value>,
    status: &'t str,
    tagline: &'t str,
    title: &'t str,
    video: bool,
    vote_average: f64,
    vote_count: u64,
}

fn movie<'t>(titles: &'t Titles, movie: &'t Movie, day: Day) -> MovieDetail<'t> {
    let title = &movie.title;
    let spoken = movie.spoken.iter().map(|(code, name)| {
        json!({"english_name": language_name(code), "iso_639_1": code, "name": name})
    });
    MovieDetail {
        adult: false,
        backdrop_path: title.backdrop.as_deref(),
        belongs_to_collection: None,
        budget: movie.budget,
        genres: genres(titles, &title.genres),
        homepage: &movie.homepage,
        id: title.id,
        imdb_id: None,
        origin_country: &title.countries[..title.countries.len().min(1)],
        original_language: &title.language,
        original_title: &title.original_name,
        overview: day.edited(title.id, &title.overview),
        popularity: day.popularity(title.id, title.popularity),
        poster_path: poster_path(Kind::Movie, title),
        production_companies: makers(titles, &title.companies),
        production_countries: countries(&title.countries),
        release_date: &title.date,
        revenue: title.revenue,
        runtime: movie.runtime,
        softcore: false,
        spoken_languages: spoken.collect(),
        status: &movie.status,
        tagline: &movie.tagline,
        title: &title.name,
        video: false,
        vote_average: title.vote_average,
        vote_count: day.votes(title.id, title.vote_count),
    }
}

fn genres<'t>(titles: &'t Titles, ids: &[u64]) -> Vec<Named<'t>> {
    let named = ids.iter().filter_map(|id| Some(Named { id: *id, name: titles.genres.get(id)? }));
    named.collect()
}

fn makers<'t>(titles: &'t Titles, ids: &[u64]) -> Vec<Maker<'t>> {
    let named = ids.iter().filter_map(|id| Some((*id, titles.companies.get(id)?)));
    named.map(|(id, name)| Maker { id, logo_path: None, name, origin_country: "" }).collect()
}

fn countries(codes: &[Box<str>]) -> Vec<Value> {
    let named = codes.iter().map(|code| json!({"iso_3166_1": code, "name": country_name(code)}));
    named.collect()
}

#[derive(Serialize)]
struct ShowDetail<'t> {
    adult: bool,
    backdrop_path: Option<&'t str>,
    created_by: [(); 0],
    episode_run_time: [(); 0],
    first_air_date: &'t str,
    genres: Vec<Named<'t>>,
    homepage: &'t str,
    id: u64,
    in_production: bool,
    languages: Vec<&'t str>,
    last_air_date: &'t str,
    last_episode_to_air: Option<Value>,
    name: &'t str,
    next_episode_to_air: Option<()>,
    networks: Vec<Maker<'t>>,
    number_of_episodes: usize,
    number_of_seasons: usize,
    origin_country: &'t [Box<str>],
    original_language: &'t str,
    original_name: &'t str,
    overview: String,
    popularity: f64,
    poster_path: String,
    production_companies: [(); 0],
    production_countries: Vec<Value>,
    seasons: Vec<Value>,
    softcore: bool,
    spoken_languages: Vec<Value>,
    status: &'t str,
    tagline: &'t str,
    r#type: &'t str,
    vote_average: f64,
    vote_count: u64,
}

fn show<'t>(titles: &'t Titles, show: &'t Show, day: Day) -> ShowDetail<'t> {
    let title = &show.title;
    let languages: Vec<&str> = [&*title.language].into_iter().filter(|l| !l.is_empty()).collect();
    let regular = show.seasons.iter().filter(|(number, _)| **number > 0);
    let networks = show.networks.iter().filter_map(|id| {
        let network = titles.networks.get(id)?;
        let (name, origin_country) = (&network.name, &network.country);
        Some(Maker { id: *id, logo_path: network.logo.as_deref(), name, origin_country })
    });
    let spoken = languages.iter().map(|code| {
        json!({"english_name": language_name(code), "iso_639_1": code, "name": language_name(code)})
    });
    let last = show.last_episode.as_deref().and_then(|episode| serde_json::from_str(episode).ok());
    ShowDetail {
        adult: false,
        backdrop_path: title.backdrop.as_deref(),
        created_by: [],
        episode_run_time: [],
        first_air_date: &title.date,
        genres: genres(titles, &title.genres),
        homepage: "",
        id: title.id,
        in_production: &*show.status == "Returning Series",
        last_air_date: &show.last_air_date,
        last_episode_to_air: last,
        name: &title.name,
        next_episode_to_air: None,
        networks: networks.collect(),
        number_of_episodes: regular.clone().map(|(_, season)| season.episode_count).sum(),
        number_of_seasons: regular.count(),
        origin_country: &title.countries,
        original_language: &title.language,
        original_name: &title.original_name,
        overview: day.edited(title.id, &title.overview),
        popularity: day.popularity(title.id, title.popularity),
        poster_path: poster_path(Kind::Tv, title),
        production_companies: [],
        production_countries: countries(&title.countries),
        seasons: show.seasons.iter().map(season_row).collect(),
        softcore: false,
        spoken_languages: spoken.collect(),
        status: &show.status,
        tagline: "",
        r#type: &show.form,
        vote_average: title.vote_average,
        vote_count: day.votes(title.id, title.vote_count),
        languages,
    }
}

fn season_row((number, season): (&u32, &Season)) -> Value {
    json!({
        "air_date": season.air_date, "episode_count": season.episode_count, "id": season.id,
        "name": season.name, "overview": season.overview, "poster_path": season.poster,
        "season_number": number, "vote_average": season.vote_average,
    })
}

fn person(titles: &Titles, id: u64, day: Day) -> Option<Bytes> {
    let person = titles.people.get(&id)?;
    Some(json(&json!({
        "adult": person.adult, "also_known_as": [], "biography": day.edited(id, ""),
        "birthday": null, "deathday": null, "gender": person.gender, "homepage": null, "id": id,
        "imdb_id": null, "known_for_department": person.department.as_deref(),
        "name": person.name, "place_of_birth": null,
        "popularity": day.popularity(id, rounded(person.popularity)),
        "profile_path": person.profile,
    })))
}
