//! The paths of TMDB's API, from the one table of its endpoints.

use serde_json::{Map, Value, json};

use super::bodies;
use super::parameters;
use crate::tmdb::endpoints::{self, Answers, Endpoint};

/// What a path that is answered is listed under.
const TAGS: [(&str, &str); 9] = [
    ("Movies", "Details of movies and their parts."),
    ("Shows", "Details of shows, seasons and episodes, and their parts."),
    ("People", "Details of people and their parts."),
    ("Collections and companies", "Collections, companies, networks and keywords."),
    ("Search", "What has a name, and what has an id elsewhere."),
    ("Discover", "Movies and shows by what they are."),
    ("Lists", "Popular, top rated, in cinemas, on the air, trending."),
    ("Changes", "What the mirror saw change."),
    ("Reference", "Genres, countries, languages, providers, certifications."),
];

pub(super) fn tags() -> impl Iterator<Item = Value> {
    TAGS.into_iter().map(|(name, description)| json!({"name": name, "description": description}))
}

pub(super) fn paths() -> impl Iterator<Item = (String, Value)> {
    let answered = endpoints::all().filter(|one| !matches!(one.answers, Answers::Beyond(_)));
    answered.map(|endpoint| (endpoint.path.to_owned(), json!({"get": operation(endpoint)})))
}

fn operation(endpoint: &Endpoint) -> Value {
    let in_path = endpoint.path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?.strip_suffix('}')?;
        Some(parameters::in_path(name))
    });
    let in_query = endpoint.takes.iter().map(|name| parameters::in_query(name, endpoint));
    let mut responses = Map::new();
    responses.insert("200".to_owned(), bodies::ok(&bodies::of(endpoint)));
    let not_modified = json!({"description": "The client has it already."});
    responses.insert("304".to_owned(), not_modified);
    for status in ["400", "401", "404", "405", "422", "429", "503"] {
        let refers = json!({"$ref": format!("#/components/responses/{}", bodies::name(status))});
        responses.insert(status.to_owned(), refers);
    }
    json!({
        "operationId": operation_id(endpoint.path),
        "summary": summary(endpoint),
        "tags": [tag(endpoint)],
        "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
        "responses": responses,
    })
}

/// `/3/movie/{movie_id}/credits` is `movie-id-credits`.
fn operation_id(path: &str) -> String {
    let segments = path.trim_start_matches("/3/").split('/');
    let words = segments.map(|segment| {
        let inner = segment.trim_matches(['{', '}']);
        if segment.len() == inner.len() { inner } else { inner.rsplit('_').next().unwrap_or(inner) }
    });
    words.collect::<Vec<_>>().join("-")
}

fn summary(endpoint: &Endpoint) -> String {
    let last = endpoint.path.trim_start_matches("/3/").replace(['_', '/'], " ");
    match endpoint.answers {
        Answers::Details(kind) => format!("Details of a {kind}, with what is appended"),
        Answers::Part(kind, part) => {
            format!("The {} of a {kind}", part.replace(['_', '/'], " "))
        }
        Answers::List(_) => format!("The list {last}"),
        Answers::Trending(_) => "What trends in a day or a week".to_owned(),
        Answers::Reference(_) => format!("Reference data: {last}"),
        Answers::Search(_) => format!("What has a name: {last}"),
        Answers::Discover(kind) => format!("Finds each {kind} that is as asked"),
        Answers::Find => "What has an id of another service".to_owned(),
        Answers::KeywordMovies => "Movies with a keyword".to_owned(),
        Answers::CompanyMovies => "Movies of a company".to_owned(),
        Answers::GenreMovies => "Movies of a genre".to_owned(),
        Answers::Changes(_) => "The ids of what changed".to_owned(),
        Answers::Latest(kind) => format!("The {kind} with the highest id"),
        Answers::Validation => "Whether the key is good".to_owned(),
        Answers::Beyond(why) => why.to_owned(),
    }
}

fn tag(endpoint: &Endpoint) -> &'static str {
    let by_path = || match endpoint.path.split('/').nth(2) {
        Some("movie") => "Movies",
        Some("tv") => "Shows",
        Some("person") => "People",
        Some("collection" | "company" | "network" | "keyword") => "Collections and companies",
        _ => "Reference",
    };
    match endpoint.answers {
        Answers::Search(_) | Answers::Find => "Search",
        Answers::Discover(_)
        | Answers::KeywordMovies
        | Answers::CompanyMovies
        | Answers::GenreMovies => "Discover",
        Answers::List(_) | Answers::Trending(_) => "Lists",
        Answers::Changes(_) | Answers::Latest(_) => "Changes",
        _ => by_path(),
    }
}
