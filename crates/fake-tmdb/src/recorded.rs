//! The recorded universe: real answers of TMDB's, served again.
//!
//! Day 0 answers from the oldest recording of each endpoint, every later day
//! from the newest, so that going on by a day is a real change of real data.

mod choice;
mod index;
mod members;
mod request;
mod shown;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use domain::sighting::Export;
use domain::{Key, Kind, Reference};
use serde_json::{Value, json};

pub use self::index::RecordedError;
use self::index::{Index, Recording};
use self::members::Members;
use self::request::{Distance, subject};
use self::shown::{export_line, movie_row};
use crate::universe::{Change, Query, Rows, Universe};

/// A universe of recorded answers.
#[derive(Debug)]
pub struct Recorded {
    index: Index,
    /// What differs between the oldest and the newest recording.
    changed: BTreeMap<Kind, BTreeSet<u64>>,
}

impl Recorded {
    /// Reads a folder that holds `INDEX.tsv` and the bodies it names.
    pub fn open(dir: &Path) -> Result<Self, RecordedError> {
        let index = Index::read(dir)?;
        if index.skipped > 0 {
            tracing::warn!(
                skipped = index.skipped,
                "left out {} recordings: no file, no JSON, or no answer to repeat",
                index.skipped
            );
        }
        let changed = changes(&index);
        Ok(Self { index, changed })
    }

    /// How many rows of the index were left out.
    pub fn skipped(&self) -> usize {
        self.index.skipped
    }

    /// Every key with a recorded detail body, sorted.
    pub fn keys(&self) -> Vec<Key> {
        let answered = self.index.by_path.iter().filter(|(_, all)| all.iter().any(|r| !r.gone));
        let details = answered.filter_map(|(path, _)| match subject(path) {
            Some((key, "")) => Some(key),
            _ => None,
        });
        details.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// A part that only rode on another answer, as its own endpoint would serve it.
    fn appended(&self, key: Key, part: &str, query: &Query, day: u32) -> Option<Bytes> {
        let recordings = self.index.at(&key.to_string());
        let recording = choice::appending(recordings, part, query, day)?;
        let members = Members::read(&recording.body)?;
        let body = members.get(part)?.get();
        let Some(own) = Members::read(body.as_bytes()) else {
            return Some(Bytes::copy_from_slice(body.as_bytes()));
        };
        match part.strip_prefix("season/") {
            // An appended season has lost its id; the show's list of seasons has it.
            Some(number) => Some(own.with_id(season_id(&members, number)?)),
            None => Some(own.with_id(members.value("id").unwrap_or(key.id()))),
        }
    }

    /// Answers a `find` that was not recorded, from the movies' own `IMDb` ids.
    fn find(&self, id: &str, query: &Query, day: u32) -> Bytes {
        let is_imdb = query.get("external_source").is_none_or(|source| source == "imdb_id");
        let path = self.index.resolve(&format!("movie/{id}"));
        let key = subject(&path).map(|(key, _)| key).filter(|_| is_imdb);
        let body = key.and_then(|key| self.detail(key, query, day));
        let movie: Option<Value> = body.and_then(|body| serde_json::from_slice(&body).ok());
        let movies: Vec<Value> = movie.iter().map(movie_row).collect();
        let found = json!({
            "movie_results": movies, "person_results": [], "tv_episode_results": [],
            "tv_results": [], "tv_season_results": [],
        });
        found.to_string().into()
    }

    /// An empty page that says how far the recorded ones go, so that a walk ends.
    fn beyond(&self, path: &str, query: &Query) -> Rows {
        let same = |recording: &&Recording| {
            !recording.gone && Distance::between(&recording.query, query).others == 0
        };
        let pages: BTreeSet<u32> =
            self.index.at(path).iter().filter(same).map(Recording::page).collect();
        let total = u64::try_from(pages.len()).unwrap_or(u64::MAX);
        Rows { total_results: total * 20, total_pages: total, ..Rows::default() }
    }
}

impl Universe for Recorded {
    fn detail(&self, key: Key, query: &Query, day: u32) -> Option<Bytes> {
        let recordings = self.index.at(&key.to_string());
        if let Some(recording) = choice::detail(recordings, query, day) {
            return match Members::read(&recording.body) {
                Some(members) => Some(members.without(&recording.appended())),
                None => Some(recording.body.clone()),
            };
        }
        let season = key.season_number().filter(|_| key.kind() == Kind::Season)?;
        if !recordings.is_empty() {
            return None;
        }
        self.appended(Key::tv(key.id()), &format!("season/{season}"), query, day)
    }

    fn part(&self, key: Key, part: &str, query: &Query, day: u32) -> Option<Bytes> {
        let asked = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let recordings = self.index.at(&format!("{key}/{part}"));
        let bare = |recording: &Recording| match Members::read(&recording.body) {
            Some(members) => members.without(&recording.appended()),
            None => recording.body.clone(),
        };
        let own = choice::page(recordings, (asked, true), query, day).map(bare);
        let own = own.or_else(|| self.appended(key, part, query, day).filter(|_| asked == 1));
        own.or_else(|| choice::page(recordings, (asked, false), query, day).map(bare))
    }

    fn composed(&self, key: Key, parts: &[&str], query: &Query, day: u32) -> Option<Bytes> {
        let recordings = self.index.at(&key.to_string());
        match choice::composed(recordings, parts, query, day) {
            Some(recording) => Some(recording.body.clone()),
            None => crate::compose::splice(self, key, parts, query, day),
        }
    }

    fn list(&self, path: &str, page: u32, query: &Query, day: u32) -> Option<Rows> {
        let path = self.index.resolve(path.trim_matches('/'));
        let recordings = self.index.at(&path);
        let is_asked_for = path.starts_with("search/") || path.starts_with("discover/");
        let recording = choice::page(recordings, (page, true), query, day)
            .or_else(|| choice::page(recordings, (page, is_asked_for), query, day));
        if let Some(recording) = recording {
            return Some(Rows { whole: Some(recording.body.clone()), ..Rows::default() });
        }
        if recordings.iter().any(|recording| !recording.gone) || is_asked_for {
            return Some(self.beyond(&path, query));
        }
        let (key, part) = subject(&path).filter(|(_, part)| !part.is_empty())?;
        let whole = self.appended(key, part, query, day)?;
        if page > 1 {
            return Some(Rows { total_results: 20, total_pages: 1, ..Rows::default() });
        }
        Some(Rows { whole: Some(whole), ..Rows::default() })
    }

    fn other(&self, path: &str, query: &Query, day: u32) -> Option<Bytes> {
        let path = self.index.resolve(path.trim_matches('/'));
        if let Some((key, part)) = subject(&path) {
            if !part.is_empty() {
                return self.part(key, part, query, day);
            }
            let parts = query.get("append_to_response").map_or("", String::as_str);
            let parts: Vec<&str> =
                parts.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
            return self.composed(key, &parts, query, day);
        }
        let recordings = self.index.at(&path);
        let page = query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
        let exact = choice::page(recordings, (page, true), query, day);
        if let Some(id) = path.strip_prefix("find/") {
            let body = exact.map(|recording| recording.body.clone());
            return Some(body.unwrap_or_else(|| self.find(id, query, day)));
        }
        let recording = exact.or_else(|| choice::page(recordings, (page, false), query, day))?;
        Some(recording.body.clone())
    }

    fn reference(&self, reference: Reference) -> Option<Bytes> {
        let recordings = self.index.at(reference.path());
        let recording = choice::page(recordings, (1, false), &Query::new(), 1)?;
        Some(recording.body.clone())
    }

    fn reference_in(&self, reference: Reference, language: &str) -> Option<Bytes> {
        let recordings = self.index.at(reference.path());
        let query = Query::from([("language".to_owned(), language.to_owned())]);
        let recording = choice::page(recordings, (1, false), &query, 1)?;
        Some(recording.body.clone())
    }

    fn changed(&self, kind: Kind, from: u32, to: u32) -> Vec<Change> {
        let ids = self.changed.get(&kind).filter(|_| (from..=to).contains(&1));
        let ids = ids.into_iter().flatten();
        ids.map(|&id| Change { id, adult: self.is_adult(kind, id) }).collect()
    }

    fn export(&self, export: Export, day: u32) -> Box<dyn Iterator<Item = String> + Send + '_> {
        let keys = self.keys().into_iter().filter(move |key| key.kind() == export.kind());
        Box::new(keys.filter_map(move |key| {
            export_line(export, key, &self.detail(key, &Query::new(), day)?)
        }))
    }
}

impl Recorded {
    fn is_adult(&self, kind: Kind, id: u64) -> Option<bool> {
        let key = Key::new(kind, id, None, None).ok()?;
        Members::read(&self.detail(key, &Query::new(), 1)?)?.value("adult")
    }
}

/// The ids whose oldest and newest recordings of one request differ.
fn changes(index: &Index) -> BTreeMap<Kind, BTreeSet<u64>> {
    let mut changed: BTreeMap<Kind, BTreeSet<u64>> = BTreeMap::new();
    for (path, recordings) in &index.by_path {
        let Some((key, _)) = subject(path) else { continue };
        let mut ends: BTreeMap<&Query, (&Recording, &Recording)> = BTreeMap::new();
        for recording in recordings {
            let (_, newest) = ends.entry(&recording.query).or_insert((recording, recording));
            *newest = recording;
        }
        let differs = ends.values().any(|(oldest, newest)| oldest.body != newest.body);
        if differs {
            let is_of_show = matches!(key.kind(), Kind::Season | Kind::Episode);
            let kind = if is_of_show { Kind::Tv } else { key.kind() };
            changed.entry(kind).or_default().insert(key.id());
        }
    }
    changed
}

/// The id of a season in a show's list of seasons.
fn season_id(show: &Members<'_>, number: &str) -> Option<u64> {
    let seasons: Vec<Value> = show.value("seasons")?;
    let number = number.parse::<u64>().ok()?;
    let season = seasons.iter().find(|season| season["season_number"].as_u64() == Some(number))?;
    season["id"].as_u64()
}
