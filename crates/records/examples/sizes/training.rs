//! Bodies of other titles, made from the data sets, to train dictionaries on.
//!
//! What has an id that occurs anywhere in a recorded body is left out: a title
//! that is measured has taught the dictionary nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::io::Read;
use std::path::Path;

use domain::{Key, Kind};
use records::Packer;
use serde_json::{Value, json};

/// As many bodies a kind as zstd learns from in a few seconds.
const MAX_BODIES: usize = 3_000;
/// As large as those the archive trains.
const DICTIONARY_BYTES: usize = 112 << 10;

type Bodies = BTreeMap<Kind, Vec<Vec<u8>>>;

/// Trains a dictionary for every kind that the data sets have bodies of.
pub(crate) fn packer(corpus: &Path, measured: &[Vec<u8>]) -> Result<Packer, Box<dyn Error>> {
    let mut known = HashSet::new();
    for json in measured {
        note_ids(&serde_json::from_slice(json)?, &mut known);
    }
    let sets = corpus.join("datasets");
    let mut bodies = Bodies::new();
    movies(&sets.join("tmdb5000"), &known, &mut bodies)?;
    shows(&sets.join("seasons/tv_seasons_raw_2026-08.jsonl.gz"), &known, &mut bodies)?;
    collections(
        &sets.join("lists/royrusso_movie_list_objects_2025-10.jsonl"),
        &known,
        &mut bodies,
    )?;
    let dictionaries = bodies.into_iter().filter_map(|(kind, mut bodies)| {
        let step = bodies.len().div_ceil(MAX_BODIES);
        bodies = bodies.into_iter().step_by(step).collect();
        Some((kind, records::train(kind, &bodies, DICTIONARY_BYTES).ok()?))
    });
    Ok(Packer::new(dictionaries.collect()))
}

fn note_ids(value: &Value, known: &mut HashSet<u64>) {
    match value {
        Value::Object(fields) => {
            known.extend(fields.get("id").and_then(Value::as_u64));
            fields.values().for_each(|field| note_ids(field, known));
        }
        Value::Array(items) => items.iter().for_each(|item| note_ids(item, known)),
        _ => {}
    }
}

fn add(bodies: &mut Bodies, key: Key, body: &Value) -> Result<(), Box<dyn Error>> {
    let encoded = records::encode(key, body.to_string().as_bytes())?;
    bodies.entry(key.kind()).or_default().push(encoded.body.to_vec());
    Ok(())
}

/// Movies with their credits, and their people and companies with their movies.
fn movies(folder: &Path, known: &HashSet<u64>, bodies: &mut Bodies) -> Result<(), Box<dyn Error>> {
    let mut credits: HashMap<_, _> = rows(&folder.join("tmdb_5000_credits.csv.gz"))?
        .into_iter()
        .filter_map(|row| Some((row.get("movie_id")?.clone(), row)))
        .collect();
    let mut people: BTreeMap<u64, (Value, Vec<Value>, Vec<Value>)> = BTreeMap::new();
    let mut companies: BTreeMap<u64, (Value, Vec<Value>)> = BTreeMap::new();
    for row in rows(&folder.join("tmdb_5000_movies.csv.gz"))? {
        let number = |name: &str| serde_json::from_str::<Value>(&row[name]).unwrap_or(Value::Null);
        let Some(id) = number("id").as_u64().filter(|id| !known.contains(id)) else { continue };
        let Some(credit) = credits.remove(&row["id"]) else { continue };
        let list = |text: &str| serde_json::from_str::<Vec<Value>>(text).unwrap_or_default();
        let (cast, crew) = (list(&credit["cast"]), list(&credit["crew"]));
        let genres = list(&row["genres"]);
        let item = item(id, &row, &genres);
        for (credit, in_cast) in
            cast.iter().map(|c| (c, true)).chain(crew.iter().map(|c| (c, false)))
        {
            let Some(id) = credit["id"].as_u64().filter(|id| !known.contains(id)) else { continue };
            let person =
                people.entry(id).or_insert_with(|| (credit["name"].clone(), vec![], vec![]));
            let mut item = item.clone();
            for field in ["character", "credit_id", "order", "job", "department"] {
                if let Some(value) = credit.get(field) {
                    item[field] = value.clone();
                }
            }
            if in_cast { person.1.push(item) } else { person.2.push(item) }
        }
        let producers = list(&row["production_companies"]);
        for company in &producers {
            let Some(id) = company["id"].as_u64().filter(|id| !known.contains(id)) else {
                continue;
            };
            let entry = companies.entry(id).or_insert_with(|| (company["name"].clone(), vec![]));
            entry.1.push(item.clone());
        }
        let mut movie = item;
        movie["genre_ids"].take();
        for field in ["budget", "revenue", "runtime"] {
            movie[field] = number(field);
        }
        for field in ["homepage", "status", "tagline"] {
            movie[field] = row[field].clone().into();
        }
        for field in ["production_countries", "spoken_languages"] {
            movie[field] = list(&row[field]).into();
        }
        movie["genres"] = genres.into();
        movie["production_companies"] = producers.into();
        movie["keywords"] = json!({ "keywords": list(&row["keywords"]) });
        movie["credits"] = json!({ "cast": cast, "crew": crew });
        add(bodies, Key::movie(id), &movie)?;
    }
    for (id, (name, cast, crew)) in people {
        if cast.len() + crew.len() > 3 {
            let credits = json!({ "cast": cast, "crew": crew });
            let body = json!({ "id": id, "name": name, "adult": false, "movie_credits": credits });
            add(bodies, Key::new(Kind::Person, id, None, None)?, &body)?;
        }
    }
    for (id, (name, movies)) in companies {
        let movies = json!({ "page": 1, "results": movies, "total_pages": 1 });
        let body = json!({ "id": id, "name": name, "movies": movies });
        add(bodies, Key::new(Kind::Company, id, None, None)?, &body)?;
    }
    Ok(())
}

/// A movie as a row of lists.
fn item(id: u64, row: &HashMap<String, String>, genres: &[Value]) -> Value {
    let number = |name: &str| serde_json::from_str::<Value>(&row[name]).unwrap_or(Value::Null);
    json!({
        "id": id, "title": row["title"], "original_title": row["original_title"],
        "original_language": row["original_language"], "overview": row["overview"],
        "release_date": row["release_date"], "popularity": number("popularity"),
        "vote_average": number("vote_average"), "vote_count": number("vote_count"),
        "adult": false, "video": false,
        "genre_ids": genres.iter().map(|genre| &genre["id"]).collect::<Vec<_>>(),
    })
}

/// Shows, their seasons, and those seasons' episodes.
fn shows(file: &Path, known: &HashSet<u64>, bodies: &mut Bodies) -> Result<(), Box<dyn Error>> {
    for line in unzipped(file)?.lines() {
        let mut show: Value = serde_json::from_str(line)?;
        let Some(id) = show["series_id"].take().as_u64().filter(|id| !known.contains(id)) else {
            continue;
        };
        let Value::Array(mut seasons) = show["seasons"].take() else { continue };
        for season in &mut seasons {
            let Some(number) = season["season_number"].as_u64() else { continue };
            let number = u32::try_from(number)?;
            add(bodies, Key::new(Kind::Season, id, Some(number), None)?, season)?;
            let Value::Array(episodes) = season["episodes"].take() else { continue };
            for episode in &episodes {
                let Some(at) = episode["episode_number"].as_u64() else { continue };
                let at = Some(u32::try_from(at)?);
                add(bodies, Key::new(Kind::Episode, id, Some(number), at)?, episode)?;
            }
            season["episode_count"] = episodes.len().into();
            show["last_episode_to_air"] = episodes.last().cloned().unwrap_or_default();
            season.as_object_mut().map(|fields| fields.remove("episodes"));
        }
        show["id"] = id.into();
        show["seasons"] = seasons.into();
        show.as_object_mut().map(|fields| fields.remove("series_id"));
        add(bodies, Key::new(Kind::Tv, id, None, None)?, &show)?;
    }
    Ok(())
}

/// Rows of lists, a few at a time, as if they were collections.
fn collections(
    file: &Path,
    known: &HashSet<u64>,
    bodies: &mut Bodies,
) -> Result<(), Box<dyn Error>> {
    let mut parts = Vec::new();
    for line in std::fs::read_to_string(file)?.lines() {
        let row: Value = serde_json::from_str(line)?;
        let Some(id) = row["id"].as_u64().filter(|id| !known.contains(id)) else { continue };
        parts.push(row);
        if parts.len() == 4 {
            let body =
                json!({ "id": id, "name": parts[0]["title"], "overview": "", "parts": parts });
            add(bodies, Key::new(Kind::Collection, id, None, None)?, &body)?;
            parts.clear();
        }
    }
    Ok(())
}

fn unzipped(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(file)?).read_to_string(&mut text)?;
    Ok(text)
}

/// Reads a CSV file's rows by the names of their columns.
fn rows(file: &Path) -> std::io::Result<Vec<HashMap<String, String>>> {
    let text = unzipped(file)?;
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => field.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            letter => field.push(letter),
        }
    }
    let mut rows = rows.into_iter();
    let names = rows.next().unwrap_or_default();
    Ok(rows.map(|row: Vec<String>| names.iter().cloned().zip(row).collect()).collect())
}
