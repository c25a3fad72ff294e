//! The data-set universe: thousands of real titles and people from public data sets.
//!
//! They lack what TMDB's own answers have (pictures, videos, watch providers);
//! such parts are there and well formed, but empty.

mod alike;
mod credits;
mod details;
mod discover;
mod drift;
mod enrich;
pub(crate) mod files;
mod lists;
mod movies;
mod page;
mod parts;
mod reference;
mod rows;
mod search;
mod shows;
#[cfg(test)]
mod tests;
mod titles;

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::sighting::Export;
use domain::{Key, Kind, Reference};
use serde_json::{Value, json};
use thiserror::Error;

use self::drift::{Day, is_edited};
use self::files::Files;
use self::rows::{json, rounded, title_row};
use self::titles::Titles;
use crate::universe::{Change, Query, Rows, Universe};

/// A universe of public data sets.
#[derive(Debug)]
pub struct Dataset {
    titles: Titles,
}

/// Reads one file into the titles.
type Read = fn(&Path, &mut Titles) -> io::Result<()>;

#[derive(Debug, Error)]
pub enum DatasetError {
    #[error(
        "found no titles in {}: expected tables named *movies*.csv and *credits*.csv, or *seasons*.jsonl (packed with gzip or not)",
        dir.display()
    )]
    Empty { dir: PathBuf },
    #[error("could not read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
}

impl Dataset {
    /// Reads the data sets in a folder and the folders below it.
    pub fn open(dir: &Path) -> Result<Self, DatasetError> {
        let files = Files::find(dir)
            .map_err(|source| DatasetError::Unreadable { path: dir.to_owned(), source })?;
        let mut titles = Titles::default();
        let readers: [(&[PathBuf], Read); 4] = [
            (&files.movies, movies::read),
            (&files.credits, movies::read_credits),
            (&files.shows, shows::read),
            (&files.lists, enrich::read),
        ];
        for (paths, read) in readers {
            for path in paths {
                read(path, &mut titles)
                    .map_err(|source| DatasetError::Unreadable { path: path.clone(), source })?;
            }
        }
        if titles.movies.is_empty() && titles.shows.is_empty() {
            return Err(DatasetError::Empty { dir: dir.to_owned() });
        }
        titles.link();
        Ok(Self { titles })
    }

    /// How many movies there are.
    pub fn movies(&self) -> usize {
        self.titles.movies.len()
    }

    /// How many shows there are.
    pub fn shows(&self) -> usize {
        self.titles.shows.len()
    }

    /// How many people there are.
    pub fn people(&self) -> usize {
        self.titles.people.len()
    }

    /// Every key with a detail body, sorted by kind.
    pub fn keys(&self) -> Vec<Key> {
        let titles = &self.titles;
        let flat = |kind: Kind| {
            let ids = self.ids(kind).into_iter();
            ids.filter_map(move |id| Key::new(kind, id, None, None).ok())
        };
        let mut keys: Vec<Key> = flat(Kind::Movie).chain(flat(Kind::Tv)).collect();
        for (id, show) in &titles.shows {
            keys.extend(show.seasons.keys().map(|number| Key::season(*id, *number)));
        }
        keys.extend(
            [Kind::Person, Kind::Company, Kind::Network, Kind::Keyword].into_iter().flat_map(flat),
        );
        keys
    }

    fn ids(&self, kind: Kind) -> Vec<u64> {
        let titles = &self.titles;
        match kind {
            Kind::Movie => titles.movies.keys().copied().collect(),
            Kind::Tv => titles.shows.keys().copied().collect(),
            Kind::Person => titles.people.keys().copied().collect(),
            Kind::Company => titles.companies.keys().copied().collect(),
            Kind::Network => titles.networks.keys().copied().collect(),
            Kind::Keyword => titles.keywords.keys().copied().collect(),
            Kind::Season | Kind::Episode | Kind::Collection | Kind::Reference => vec![],
        }
    }

    /// The data sets hold no adult titles, but people known for such.
    fn is_adult(&self, kind: Kind, id: u64) -> bool {
        kind == Kind::Person && self.titles.people.get(&id).is_some_and(|person| person.adult)
    }

    /// What an export says of an id.
    fn line(&self, kind: Kind, id: u64, day: Day) -> Option<Value> {
        let titles = &self.titles;
        match kind {
            Kind::Movie => {
                let title = titles.title(kind, id)?;
                Some(json!({
                    "adult": false, "id": id, "original_title": title.original_name,
                    "popularity": day.popularity(id, title.popularity), "video": false,
                }))
            }
            Kind::Tv => {
                let title = titles.title(kind, id)?;
                Some(json!({
                    "id": id, "original_name": title.original_name,
                    "popularity": day.popularity(id, title.popularity),
                }))
            }
            Kind::Person => {
                let person = titles.people.get(&id)?;
                Some(json!({
                    "adult": person.adult, "id": id, "name": person.name,
                    "popularity": day.popularity(id, rounded(person.popularity)),
                }))
            }
            Kind::Company => Some(json!({"id": id, "name": titles.companies.get(&id)?})),
            Kind::Network => Some(json!({"id": id, "name": titles.networks.get(&id)?.name})),
            Kind::Keyword => Some(json!({"id": id, "name": titles.keywords.get(&id)?})),
            Kind::Season | Kind::Episode | Kind::Collection | Kind::Reference => None,
        }
    }

    /// The shows, by the one foreign id that the data sets have.
    fn find(&self, id: &str, query: &Query, day: Day) -> Bytes {
        let source = query.get("external_source").map_or("imdb_id", String::as_str);
        let shows = self.titles.shows.values();
        let found = shows.filter(|show| source == "imdb_id" && show.imdb_id.as_deref() == Some(id));
        let rows = found.filter_map(|show| {
            let mut row = serde_json::to_value(title_row(Kind::Tv, &show.title, day)).ok()?;
            row["media_type"] = json!("tv");
            Some(row)
        });
        json(&json!({
            "movie_results": [], "person_results": [], "tv_episode_results": [],
            "tv_results": rows.collect::<Vec<_>>(), "tv_season_results": [],
        }))
    }
}

impl Universe for Dataset {
    fn detail(&self, key: Key, _query: &Query, day: u32) -> Option<Bytes> {
        details::detail(&self.titles, key, Day(day))
    }

    fn part(&self, key: Key, part: &str, _query: &Query, day: u32) -> Option<Bytes> {
        if part == "movies" && matches!(key.kind(), Kind::Company | Kind::Keyword) {
            let path = format!("{key}/movies");
            let rows = lists::list(&self.titles, &path, 1, &Query::new(), Day(day))?;
            let movies: Vec<Value> =
                rows.rows.iter().filter_map(|row| serde_json::from_slice(row).ok()).collect();
            return Some(json(&json!({
                "id": key.id(), "page": 1, "results": movies,
                "total_pages": rows.total_pages, "total_results": rows.total_results,
            })));
        }
        parts::part(&self.titles, key, part, Day(day))
    }

    fn list(&self, path: &str, page: u32, query: &Query, day: u32) -> Option<Rows> {
        lists::list(&self.titles, path.trim_matches('/'), page, query, Day(day))
    }

    fn other(&self, path: &str, query: &Query, day: u32) -> Option<Bytes> {
        let path = path.trim_matches('/');
        if let Some(id) = path.strip_prefix("find/") {
            return Some(self.find(id, query, Day(day)));
        }
        // `movie/latest` and its like.
        let kind: Kind = path.strip_suffix("/latest")?.parse().ok()?;
        let latest = Key::new(kind, self.ids(kind).last().copied()?, None, None).ok()?;
        self.detail(latest, query, day)
    }

    fn reference(&self, reference: Reference) -> Option<Bytes> {
        Some(reference::reference(&self.titles, reference))
    }

    fn changed(&self, kind: Kind, from: u32, to: u32) -> Vec<Change> {
        if !matches!(kind, Kind::Movie | Kind::Tv | Kind::Person) {
            return vec![];
        }
        let edited = self.ids(kind).into_iter().filter(|id| is_edited(*id, from, to));
        edited.map(|id| Change { id, adult: Some(self.is_adult(kind, id)) }).collect()
    }

    fn export(&self, export: Export, day: u32) -> Box<dyn Iterator<Item = String> + Send + '_> {
        let kind = export.kind();
        let mut ids = self.ids(kind);
        ids.retain(|id| self.is_adult(kind, *id) == export.is_adult());
        let lines = ids.into_iter().filter_map(move |id| self.line(kind, id, Day(day)));
        Box::new(lines.map(|line| line.to_string()))
    }
}
