//! Takes from recorded list pages what the other data sets lack: pictures, genres, languages.

use std::io::{self, BufRead, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::files;
use super::titles::{Title, Titles};

/// Reads list rows, wherever in the file's JSON they stand; adds no titles.
pub(super) fn read(path: &Path, titles: &mut Titles) -> io::Result<()> {
    let mut file = files::open(path)?;
    if path.to_string_lossy().contains(".jsonl") {
        let mut line = Vec::new();
        while file.read_until(b'\n', &mut line)? > 0 {
            add_all(serde_json::from_slice(&line).unwrap_or_default(), titles);
            line.clear();
        }
        return Ok(());
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    add_all(serde_json::from_slice(&text).unwrap_or_default(), titles);
    Ok(())
}

/// The parser bounds how deep a value is.
fn add_all(value: Value, titles: &mut Titles) {
    match value {
        Value::Array(values) => {
            for value in values {
                add_all(value, titles);
            }
        }
        Value::Object(object) if object.contains_key("genre_ids") => {
            if let Ok(row) = serde_json::from_value(Value::Object(object)) {
                add(row, titles);
            }
        }
        Value::Object(object) => {
            for (_, value) in object {
                add_all(value, titles);
            }
        }
        _ => {}
    }
}

fn add(row: Row, titles: &mut Titles) {
    let title = if row.title.is_some() {
        titles.movies.get_mut(&row.id).map(|movie| &mut movie.title)
    } else {
        titles.shows.get_mut(&row.id).map(|show| &mut show.title)
    };
    let Some(title) = title else { return };
    let fill = |own: &mut Box<str>, text: Option<String>| {
        if own.is_empty() {
            *own = text.unwrap_or_default().into();
        }
    };
    let Title { language, overview, poster, backdrop, genres, countries, .. } = title;
    fill(language, row.original_language);
    fill(overview, row.overview);
    *poster = poster.take().or(row.poster_path.map(Into::into));
    *backdrop = backdrop.take().or(row.backdrop_path.map(Into::into));
    if genres.is_empty() {
        *genres = row.genre_ids;
    }
    if countries.is_empty() {
        *countries = row.origin_country.unwrap_or_default().into_iter().map(Into::into).collect();
    }
}

#[derive(Deserialize)]
struct Row {
    id: u64,
    title: Option<String>,
    original_language: Option<String>,
    overview: Option<String>,
    poster_path: Option<String>,
    backdrop_path: Option<String>,
    genre_ids: Vec<u64>,
    origin_country: Option<Vec<String>>,
}
