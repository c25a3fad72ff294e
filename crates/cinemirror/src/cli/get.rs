//! `get`: one record, as TMDB served it, as protobuf, or as people want it.

use std::collections::HashSet;
use std::io::{IsTerminal, Write};

use domain::catalogue::{Person, Work};
use domain::{JUSTWATCH_NOTICE, Key, Kind, TMDB_NOTICE};

use super::args::GetArgs;
use super::{Context, Exit, gone};
use crate::app;
use crate::output::{Output, count, cut};

pub(super) async fn get(context: &Context, args: GetArgs) -> anyhow::Result<Exit> {
    let key = args.key.key()?;
    let store = context.store().await?;
    if let Some(at) = args.as_of {
        return as_of(context, &store, key, at, args.proto).await;
    }
    if args.proto {
        let Some(record) = store.archive.get(key).await? else {
            return not_found(context, &store, key).await;
        };
        std::io::stdout().lock().write_all(&records::envelope(&record))?;
        return Ok(Exit::Done);
    }
    let summary = args.summary || (!context.output.json && std::io::stdout().is_terminal());
    if summary && !context.output.json {
        return show(context, &store, key).await;
    }
    if args.summary {
        return summary_json(context, &store, key).await;
    }
    match pipeline::read::json(&app::stores(&store), key).await? {
        Some(body) => context.output.json(&body)?,
        None => return not_found(context, &store, key).await,
    }
    Ok(Exit::Done)
}

/// Prints a record as it was.
async fn as_of(
    context: &Context,
    store: &store::Store,
    key: Key,
    at: domain::Timestamp,
    proto: bool,
) -> anyhow::Result<Exit> {
    let Some(record) = store.archive.as_of(key, at).await? else {
        if let Some(first) = store.archive.versions(key).await?.first() {
            anyhow::bail!(
                "{key} was not known on {at}; its first version is of {}",
                first.valid_from
            );
        }
        return not_found(context, store, key).await;
    };
    if proto {
        std::io::stdout().lock().write_all(&records::envelope(&record))?;
    } else {
        context.output.json(&pipeline::read::value(&record)?)?;
    }
    Ok(Exit::Done)
}

pub(super) async fn not_found(
    context: &Context,
    store: &store::Store,
    key: Key,
) -> anyhow::Result<Exit> {
    let tombstone = store.archive.tombstone(key).await?;
    if context.output.json {
        let gone = serde_json::json!({"error": "not found", "key": key, "tombstone": tombstone});
        context.output.json(&gone)?;
    } else if tombstone.is_some() {
        gone::lines(context.output, store, key).await?;
    } else {
        context
            .output
            .line(format!("{key} is not in the mirror; `cinemirror collect {key}` fetches it."))?;
    }
    Ok(Exit::NotFound)
}

async fn summary_json(context: &Context, store: &store::Store, key: Key) -> anyhow::Result<Exit> {
    match key.kind() {
        Kind::Person => match store.catalog.person(key.id()).await? {
            Some(person) => context.output.json(&person)?,
            None => return not_found(context, store, key).await,
        },
        _ => match store.catalog.work(key).await? {
            Some(work) => context.output.json(&work)?,
            None => return not_found(context, store, key).await,
        },
    }
    Ok(Exit::Done)
}

pub(super) async fn show(
    context: &Context,
    store: &store::Store,
    key: Key,
) -> anyhow::Result<Exit> {
    let output = context.output;
    gone::lines(output, store, key).await?;
    match key.kind() {
        Kind::Movie | Kind::Tv => match store.catalog.work(key).await? {
            Some(work) => work_text(output, &work)?,
            None => return not_found(context, store, key).await,
        },
        Kind::Person => match store.catalog.person(key.id()).await? {
            Some(person) => person_text(output, &person)?,
            None => return not_found(context, store, key).await,
        },
        _ => match pipeline::read::json(&app::stores(store), key).await? {
            Some(body) => {
                for name in ["name", "overview", "description", "headquarters", "homepage"] {
                    if let Some(text) = body[name].as_str().filter(|text| !text.is_empty()) {
                        output.line(text)?;
                    }
                }
                for episode in body["episodes"].as_array().into_iter().flatten() {
                    output.line(format!(
                        "{:>4}  {}  {}",
                        episode["episode_number"],
                        episode["air_date"].as_str().unwrap_or("          "),
                        episode["name"].as_str().unwrap_or_default()
                    ))?;
                }
            }
            None => return not_found(context, store, key).await,
        },
    }
    if let Some(version) = store.archive.versions(key).await?.last() {
        output.line("")?;
        output.line(format!(
            "Version {} of {key}, fetched {}.",
            version.number, version.fetched_at
        ))?;
    }
    output.line(TMDB_NOTICE)?;
    Ok(Exit::Done)
}

fn work_text(output: Output, work: &Work) -> std::io::Result<()> {
    let row = &work.row;
    let year = row.year.map(|year| format!(" ({year})")).unwrap_or_default();
    output.line(format!("{}{year}", row.title))?;
    if let Some(original) = row.original_title.as_ref().filter(|title| **title != row.title) {
        output.line(original)?;
    }
    let mut facts = vec![row.kind.clone()];
    facts.extend(work.runtime_display.clone());
    facts.extend(work.certification.clone());
    if !row.genres.is_empty() {
        facts.push(row.genres.join(", "));
    }
    if let (Some(seasons), Some(episodes)) = (work.seasons, work.episodes) {
        let plural =
            |number, word| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
        facts.push(format!("{}, {}", plural(seasons, "season"), plural(episodes, "episode")));
    }
    output.line(facts.join(" · "))?;
    if let Some(tagline) = &work.tagline {
        output.line(format!("“{tagline}”"))?;
    }
    if let Some(overview) = &work.overview {
        output.line("")?;
        output.line(overview)?;
    }
    output.line("")?;
    let fact = |name: &str, text: String| {
        if text.is_empty() { Ok(()) } else { output.line(format!("{name:<12} {text}")) }
    };
    if let Some(average) = row.vote_average {
        fact("Rating", format!("{average:.1} of 10, {} votes", count(row.vote_count)))?;
    }
    fact("Score", score_text(work))?;
    fact("Released", row.release_date.clone().unwrap_or_default())?;
    fact("Created by", work.created_by.join(", "))?;
    let directors: Vec<&str> =
        work.crew.iter().filter(|crew| crew.job == "Director").map(|crew| &*crew.name).collect();
    fact("Director", directors.join(", "))?;
    let money = |dollars: Option<i64>| {
        dollars
            .and_then(|dollars| u64::try_from(dollars).ok())
            .filter(|dollars| *dollars > 0)
            .map(|dollars| format!("${}", count(dollars)))
            .unwrap_or_default()
    };
    fact("Budget", money(work.budget))?;
    fact("Revenue", money(work.revenue))?;
    fact("Keywords", cut(&work.keywords.join(", "), 100))?;
    fact("Companies", cut(&work.companies.join(", "), 100))?;
    fact("Networks", work.networks.join(", "))?;
    fact("IMDb", row.imdb_id.clone().unwrap_or_default())?;
    fact("TMDB", format!("https://www.themoviedb.org/{}/{}", row.kind, row.tmdb_id))?;
    for (place, cast) in work.cast.iter().take(10).enumerate() {
        let name = if place == 0 { "Cast" } else { "" };
        let character = cast.character.as_deref().filter(|text| !text.is_empty());
        let role = character.map(|text| format!(" as {text}")).unwrap_or_default();
        output.line(format!("{name:<12} {}{role}", cast.name))?;
    }
    fact("Similar", similar(work).join(", "))?;
    if !work.providers.is_empty() {
        let countries: Vec<&str> = work.providers.iter().map(|one| &*one.country).collect();
        output.line(format!("{:<12} {}", "Watch in", cut(&countries.join(" "), 100)))?;
        output.line(JUSTWATCH_NOTICE)?;
    }
    Ok(())
}

/// The first titles; TMDB may name one as similar and as recommended.
fn similar(work: &Work) -> Vec<&str> {
    let mut seen = HashSet::new();
    let similar = work.similar.iter().filter(|similar| seen.insert(similar.tmdb_id));
    similar.filter_map(|similar| similar.title.as_deref()).take(5).collect()
}

fn score_text(work: &Work) -> String {
    let Some(score) = &work.score else { return String::new() };
    let sources: Vec<&str> = score.sources.iter().map(|one| &*one.source).collect();
    format!(
        "{:.1} of 100 ({:.1} to {:.1}) by {}",
        score.value,
        score.low,
        score.high,
        sources.join(", ")
    )
}

fn person_text(output: Output, person: &Person) -> std::io::Result<()> {
    output.line(&person.name)?;
    let mut facts: Vec<String> = vec![];
    facts.extend(person.known_for_department.clone());
    facts.extend(person.birthday.as_ref().map(|day| format!("born {day}")));
    facts.extend(person.place_of_birth.clone());
    facts.extend(person.deathday.as_ref().map(|day| format!("died {day}")));
    output.line(facts.join(" · "))?;
    if let Some(biography) = person.biography.as_ref().filter(|text| !text.is_empty()) {
        output.line("")?;
        output.line(cut(biography, 600))?;
    }
    output.line("")?;
    for credit in person.credits.iter().take(15) {
        let year = credit.year.map_or_else(|| "    ".to_owned(), |year| year.to_string());
        let role = credit.role.as_deref().filter(|role| !role.is_empty());
        let role = role.map(|role| format!(" ({role})")).unwrap_or_default();
        output.line(format!("{year}  {}{role}", credit.title))?;
    }
    Ok(())
}
