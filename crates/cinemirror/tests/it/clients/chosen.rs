//! What clients ask for: the titles of a universe of which there is most to tell.

use serde_json::{Value, json};

use crate::mirror::{KEY, Mirror};

/// Ids and names, by the names that the clients' programs know them by.
pub(super) fn ids(mirror: &Mirror) -> Value {
    let movie_parts =
        "keywords,reviews,recommendations,similar,videos,translations,watch/providers";
    let movie = richest(mirror, "movie", movie_parts, |movie| {
        let needed = ["/belongs_to_collection/id", "/production_companies/0/id", "/genres/0/id"];
        needed.into_iter().all(|path| movie.pointer(path).is_some()) && movie["imdb_id"].is_string()
    });
    let show_parts = "keywords,content_ratings,similar,videos,aggregate_credits,season/1";
    let show = richest(mirror, "tv", show_parts, |show| {
        show.pointer("/networks/0/id").is_some()
            && show.pointer("/season~11/episodes/0/crew/0").is_some()
            && show["season/1"]["episodes"][0]["runtime"].is_number()
    });
    let person = richest(mirror, "person", "combined_credits,images", |_| true);
    json!({
        "movie": movie["id"], "title": movie["title"], "imdb": movie["imdb_id"],
        "year": movie["release_date"].as_str().unwrap()[..4].parse::<u16>().unwrap(),
        "genre": movie["genres"][0]["id"],
        "collection": movie["belongs_to_collection"]["id"],
        "series": movie["belongs_to_collection"]["name"],
        "company": movie["production_companies"][0]["id"],
        "studio": movie["production_companies"][0]["name"],
        "keyword": movie["keywords"]["keywords"][0]["id"],
        "word": movie["keywords"]["keywords"][0]["name"],
        "tv": show["id"], "show": show["name"], "network": show["networks"][0]["id"],
        "season": 1, "episode": show["season/1"]["episodes"][0]["episode_number"],
        "person": person["id"], "name": person["name"],
    })
}

/// Of the most popular of a kind that will do, the one whose parts hold most.
fn richest(mirror: &Mirror, kind: &str, parts: &str, will_do: impl Fn(&Value) -> bool) -> Value {
    let mut found = vec![];
    for page in 1..=3 {
        let rows = get(mirror, &format!("{kind}/popular?page={page}"));
        found.extend(rows["results"].as_array().unwrap().clone());
    }
    let bodies = found.iter().map(|row| {
        let id = &row["id"];
        get(mirror, &format!("{kind}/{id}?append_to_response={parts}"))
    });
    let bodies = bodies.filter(|body| body["id"].is_u64() && will_do(body));
    bodies.max_by_key(filled).unwrap()
}

/// How many members of the body, and of what is appended to it, hold something.
fn filled(body: &Value) -> usize {
    let members = |value: &Value| -> usize {
        let holding = |member: &Value| match member {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Array(all) => !all.is_empty(),
            _ => true,
        };
        value.as_object().map_or(0, |all| all.values().filter(|member| holding(member)).count())
    };
    let appended = body.as_object().unwrap().values().map(members);
    members(body) + appended.sum::<usize>()
}

/// What the fake answers.
pub(super) fn get(mirror: &Mirror, asked: &str) -> Value {
    let url = format!("{}/{asked}&api_key={KEY}", mirror.fake.api_url());
    let body = mirror.runtime.block_on(async {
        rustls::crypto::ring::default_provider().install_default().ok();
        reqwest::get(url).await.unwrap().bytes().await.unwrap()
    });
    serde_json::from_slice(&body).unwrap()
}
