//! Calls the methods of tmdb-api against one base URL and prints what each gave, as JSON.
//!
//! Arguments: the base URL (that of TMDB is `https://api.themoviedb.org/3`), the key, and the
//! ids to ask for.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde_json::{Map, Value, json};
use tmdb_api::Client;
use tmdb_api::client::reqwest;
use tmdb_api::error::Error;

type Failed = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [base, key, ids] = &arguments[..] else {
        return Err("give the base URL, the key and the ids".into());
    };
    let client = Client::<reqwest::Client>::builder()
        .with_base_url(base.clone())
        .with_api_key(key.clone())
        .build()?;
    let ids: Value = serde_json::from_str(ids)?;
    let mut answers = Map::new();
    movies(&client, &ids, &mut answers).await?;
    shows(&client, &ids, &mut answers).await?;
    others(&client, &ids, &mut answers).await?;
    wrong(&client, &mut answers).await?;
    println!("{}", Value::Object(answers));
    Ok(())
}

type Ours = Client<reqwest::Client>;
type Answers = Map<String, Value>;

/// What the client has read into a type of its own, as JSON, or why it could not.
macro_rules! ask {
    ($answers:ident, $name:literal, $call:expr) => {
        let answer = match $call.await {
            Ok(answer) => serde_json::to_value(answer)?,
            Err(error) => unreadable(&error),
        };
        $answers.insert($name.to_owned(), answer)
    };
}

/// The same of types that the client cannot write.
macro_rules! ask_debug {
    ($answers:ident, $name:literal, $call:expr) => {
        let answer = match $call.await {
            Ok(answer) => shown(&answer),
            Err(error) => unreadable(&error),
        };
        $answers.insert($name.to_owned(), answer)
    };
}

async fn movies(client: &Ours, ids: &Value, answers: &mut Answers) -> Result<(), Failed> {
    let id = number(ids, "movie");
    let text = |name: &str| ids[name].as_str().unwrap_or_default().to_owned();
    // First, as a mirror has words in a language once somebody has asked for them.
    let french = tmdb_api::genre::Params::default().with_language("fr-FR");
    ask_debug!(answers, "genre/movie/list?language", client.list_movie_genres(&french));
    ask!(answers, "movie", client.get_movie_details(id, &Default::default()));
    let french = tmdb_api::movie::details::Params::default().with_language("fr-FR");
    ask!(answers, "movie?language", client.get_movie_details(id, &french));
    ask_debug!(
        answers,
        "movie/alternative_titles",
        client.get_movie_alternative_titles(id, &Default::default())
    );
    ask_debug!(answers, "movie/credits", client.get_movie_credits(id, &Default::default()));
    ask_debug!(answers, "movie/external_ids", client.get_movie_external_ids(id));
    ask!(answers, "movie/images", client.get_movie_images(id, &Default::default()));
    ask_debug!(answers, "movie/keywords", client.get_movie_keywords(id));
    ask!(
        answers,
        "movie/recommendations",
        client.get_movie_recommendations(id, &Default::default())
    );
    ask!(answers, "movie/release_dates", client.get_movie_release_dates(id));
    ask!(answers, "movie/reviews", client.get_movie_reviews(id, &Default::default()));
    ask!(answers, "movie/similar", client.get_similar_movies(id, &Default::default()));
    ask_debug!(answers, "movie/translations", client.get_movie_translations(id));
    ask!(answers, "movie/videos", client.get_movie_videos(id, &Default::default()));
    ask!(answers, "movie/watch/providers", client.get_movie_watch_providers(id));
    ask!(answers, "movie/popular", client.list_popular_movies(&Default::default()));
    ask!(answers, "movie/top_rated", client.list_movies_top_rated(&Default::default()));
    ask!(answers, "movie/now_playing", client.list_movies_now_playing(&Default::default()));
    ask!(answers, "movie/upcoming", client.list_movies_upcoming(&Default::default()));
    ask!(answers, "movie/latest", client.get_latest_movie(&Default::default()));
    ask!(answers, "search/movie", client.search_movies(text("title"), &Default::default()));
    Ok(())
}

async fn shows(client: &Ours, ids: &Value, answers: &mut Answers) -> Result<(), Failed> {
    let (id, season, episode) = (number(ids, "tv"), number(ids, "season"), number(ids, "episode"));
    let show = ids["show"].as_str().unwrap_or_default().to_owned();
    ask!(answers, "tv", client.get_tvshow_details(id, &Default::default()));
    ask_debug!(
        answers,
        "tv/aggregate_credits",
        client.get_tvshow_aggregate_credits(id, &Default::default())
    );
    ask_debug!(answers, "tv/content_ratings", client.get_tvshow_content_ratings(id));
    ask!(answers, "tv/images", client.get_tvshow_images(id, &Default::default()));
    ask!(answers, "tv/keywords", client.get_tvshow_keywords(id));
    ask!(answers, "tv/similar", client.get_similar_tvshows(id, &Default::default()));
    ask!(answers, "tv/watch/providers", client.get_tvshow_watch_providers(id));
    ask!(answers, "tv/popular", client.list_popular_tvshows(&Default::default()));
    ask!(answers, "season", client.get_tvshow_season_details(id, season, &Default::default()));
    ask!(
        answers,
        "episode",
        client.get_tvshow_episode_details(id, season, episode, &Default::default())
    );
    ask!(answers, "search/tv", client.search_tvshows(show, &Default::default()));
    Ok(())
}

async fn others(client: &Ours, ids: &Value, answers: &mut Answers) -> Result<(), Failed> {
    let (person, company) = (number(ids, "person"), number(ids, "company"));
    let collection = number(ids, "collection");
    ask!(answers, "person", client.get_person_details(person, &Default::default()));
    ask!(answers, "collection", client.get_collection_details(collection, &Default::default()));
    ask!(answers, "company", client.get_company_details(company));
    ask!(answers, "company/alternative_names", client.get_company_alternative_names(company));
    ask_debug!(answers, "genre/movie/list", client.list_movie_genres(&Default::default()));
    ask_debug!(answers, "genre/tv/list", client.list_tvshow_genres(&Default::default()));
    ask_debug!(answers, "configuration/countries", client.list_countries(&Default::default()));
    ask_debug!(answers, "configuration/jobs", client.list_jobs());
    ask_debug!(answers, "configuration/languages", client.list_languages());
    ask!(answers, "watch/providers/movie", client.list_movie_watch_providers(&Default::default()));
    ask!(answers, "watch/providers/tv", client.list_tvshow_watch_providers(&Default::default()));
    let certifications = client.list_movie_certifications().await?.certifications;
    let by_country: BTreeMap<_, _> =
        certifications.iter().map(|(country, all)| (country, shown(all))).collect();
    answers.insert("certification/movie/list".to_owned(), serde_json::to_value(by_country)?);
    Ok(())
}

/// What goes wrong, as TMDB says it.
async fn wrong(client: &Ours, answers: &mut Answers) -> Result<(), Failed> {
    let missing = client.get_movie_details(999_999_999, &Default::default()).await.map(drop);
    answers.insert("error: no such movie".to_owned(), failure(missing)?);
    let late = tmdb_api::movie::popular::Params::default().with_page(501);
    let late = client.list_popular_movies(&late).await.map(drop);
    answers.insert("error: page 501".to_owned(), failure(late)?);
    let nothing = client.search_movies("", &Default::default()).await.map(drop);
    answers.insert("error: nothing sought".to_owned(), failure(nothing)?);
    Ok(())
}

fn failure(answer: Result<(), Error>) -> Result<Value, Failed> {
    match answer {
        Err(Error::Server { code, content }) => {
            let (number, message) = (content.status_code, content.status_message);
            Ok(json!({"status": code, "status_code": number, "status_message": message}))
        }
        Err(Error::Validation(body)) => Ok(json!({"errors": body.errors})),
        Err(error) => Err(error.into()),
        Ok(()) => Err("what had to fail was answered".into()),
    }
}

fn unreadable(error: &Error) -> Value {
    json!({"unreadable": format!("{error:?}")})
}

fn shown(answer: &impl Debug) -> Value {
    format!("{answer:?}").into()
}

fn number(ids: &Value, name: &str) -> u64 {
    ids[name].as_u64().unwrap_or_default()
}
