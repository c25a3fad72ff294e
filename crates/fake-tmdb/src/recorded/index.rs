//! Reads a folder of recordings: `INDEX.tsv` and the bodies it names.
//!
//! Folders are other people's, so a row that makes no sense is skipped and
//! counted rather than refused.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use serde::de::IgnoredAny;
use thiserror::Error;

use super::members::Members;
use super::request::Request;
use crate::dataset::files::open as open_file;
use crate::universe::Query;

/// Longer bodies are no answers of TMDB's, and are cut to be no JSON.
const MAX_BODY_BYTES: u64 = 64 << 20;

const NOT_FOUND_CODES: [u64; 3] = [6, 34, 37];

#[derive(Debug, Error)]
pub enum RecordedError {
    #[error("could not read {}", path.display())]
    NoIndex { path: PathBuf, source: std::io::Error },
    #[error("none of the {rows} rows of {} names a readable answer", path.display())]
    Empty { path: PathBuf, rows: usize },
}

/// One recorded answer.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) query: Query,
    /// The date in the name of its source; empty sorts first, as the oldest.
    pub(super) era: String,
    /// The answer was 404.
    pub(super) gone: bool,
    pub(super) body: Bytes,
}

impl Recording {
    /// The parts that its request appended.
    pub(super) fn appended(&self) -> Vec<&str> {
        let names = self.query.get("append_to_response").map_or("", String::as_str);
        names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect()
    }

    pub(super) fn page(&self) -> u32 {
        self.query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1)
    }
}

/// All recorded answers, by path.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// For each path the oldest recording first.
    pub(super) by_path: BTreeMap<String, Vec<Recording>>,
    /// Movies by their `IMDb` ids.
    imdb: HashMap<String, u64>,
    pub(super) skipped: usize,
}

impl Index {
    pub(super) fn read(dir: &Path) -> Result<Self, RecordedError> {
        let (dir, table) = read_table(dir)?;
        let table = String::from_utf8_lossy(&table);
        let mut lines = table.trim_start_matches('\u{feff}').lines();
        let columns = Columns::read(lines.next().unwrap_or_default());
        let mut index = Self::default();
        let mut rows = 0;
        for line in lines.filter(|line| !line.trim().is_empty()) {
            rows += 1;
            if !columns.row(line).is_some_and(|row| index.add(&row, &dir)) {
                index.skipped += 1;
            }
        }
        if index.by_path.is_empty() {
            return Err(RecordedError::Empty { path: dir.join("INDEX.tsv"), rows });
        }
        index.note_imdb_ids();
        for recordings in index.by_path.values_mut() {
            recordings.sort_by(|a, b| a.era.cmp(&b.era));
        }
        Ok(index)
    }

    /// The path with TMDB's id in place of an `IMDb` id, where it is known.
    pub(super) fn resolve(&self, path: &str) -> String {
        let id = imdb_id(path).and_then(|imdb| Some((imdb, self.imdb.get(imdb)?)));
        match id {
            Some((imdb, id)) => path.replacen(imdb, &id.to_string(), 1),
            None => path.to_owned(),
        }
    }

    pub(super) fn at(&self, path: &str) -> &[Recording] {
        self.by_path.get(path).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, row: &Row<'_>, dir: &Path) -> bool {
        let Some(request) = Request::parse(row.endpoint) else { return false };
        let Some(body) = read_body(dir, row.path) else { return false };
        let members = Members::read(&body);
        let Some(gone) = is_gone(row.status, members.as_ref()) else { return false };
        let mut path = request.path;
        if let Some(imdb) = imdb_id(&path).map(str::to_owned) {
            let id = members.and_then(|members| members.value::<u64>("id"));
            if let Some(id) = id.filter(|_| !gone) {
                path = path.replacen(&imdb, &id.to_string(), 1);
                self.imdb.insert(imdb, id);
            }
        }
        let era = row.repo.rsplit_once('@').map_or("", |(_, date)| date);
        let era = if era.starts_with(|c: char| c.is_ascii_digit()) { era } else { "" };
        let recording = Recording { query: request.query, era: era.to_owned(), gone, body };
        self.by_path.entry(path).or_default().push(recording);
        true
    }

    fn note_imdb_ids(&mut self) {
        for (path, recordings) in &self.by_path {
            let id = path.strip_prefix("movie/").and_then(|id| id.parse().ok());
            let Some(id) = id else { continue };
            for members in recordings.iter().filter_map(|r| Members::read(&r.body)) {
                if let Some(imdb) = members.value::<String>("imdb_id").filter(|id| !id.is_empty()) {
                    self.imdb.insert(imdb, id);
                }
            }
        }
    }
}

/// The `IMDb` id in a path such as `movie/tt1345836/credits`.
fn imdb_id(path: &str) -> Option<&str> {
    let id = path.strip_prefix("movie/")?.split('/').next()?;
    let digits = id.strip_prefix("tt")?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then_some(id)
}

/// Whether an answer says that there is no such thing; `None` for other failures.
fn is_gone(status: Option<u16>, members: Option<&Members<'_>>) -> Option<bool> {
    match status {
        Some(200..300) => Some(false),
        Some(404) => Some(true),
        Some(_) => None,
        None => {
            let says = |name| members.and_then(|members| members.value::<u64>(name));
            match says("status_code") {
                Some(code) if NOT_FOUND_CODES.contains(&code) => Some(true),
                Some(_) => None,
                None => Some(false),
            }
        }
    }
}

fn read_table(dir: &Path) -> Result<(PathBuf, Vec<u8>), RecordedError> {
    let inner = dir.join("recorded");
    let dir = if inner.join("INDEX.tsv").is_file() { inner } else { dir.to_owned() };
    let dir = fs::canonicalize(&dir).unwrap_or(dir);
    let path = dir.join("INDEX.tsv");
    match fs::read(&path) {
        Ok(table) => Ok((dir, table)),
        Err(source) => Err(RecordedError::NoIndex { path, source }),
    }
}

/// Paths start at the folder's parent, at the folder itself, or at a folder of another name.
fn read_body(dir: &Path, path: &str) -> Option<Bytes> {
    let path = Path::new(path);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let stripped: PathBuf = path.components().skip(1).collect();
    let mut places = [dir.with_file_name("").join(path), dir.join(path), dir.join(stripped)];
    let is_own_name = path.iter().next() == dir.file_name();
    if !is_own_name {
        // A neighbour of that name holds other recordings.
        places.reverse();
    }
    let place = places.iter().find(|place| place.is_file())?;
    let mut body = Vec::new();
    open_file(place).ok()?.take(MAX_BODY_BYTES).read_to_end(&mut body).ok()?;
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&body);
    serde_json::from_slice::<IgnoredAny>(body).ok()?;
    Some(Bytes::copy_from_slice(body))
}

struct Row<'l> {
    path: &'l str,
    endpoint: &'l str,
    repo: &'l str,
    status: Option<u16>,
}

/// Where the columns that matter stand; others may come and go.
struct Columns {
    path: usize,
    endpoint: usize,
    repo: Option<usize>,
    notes: Option<usize>,
    status: Option<usize>,
}

impl Columns {
    fn read(header: &str) -> Self {
        let names: Vec<String> =
            header.split('\t').map(|name| name.trim().to_lowercase()).collect();
        let find = |wanted: &str| names.iter().position(|name| name == wanted);
        Self {
            path: find("path").unwrap_or(0),
            endpoint: find("endpoint").unwrap_or(1),
            repo: find("repo"),
            notes: find("notes"),
            status: find("status"),
        }
    }

    fn row<'l>(&self, line: &'l str) -> Option<Row<'l>> {
        let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
        let field =
            |at: Option<usize>| at.and_then(|at| fields.get(at).copied()).unwrap_or_default();
        Some(Row {
            path: fields.get(self.path).filter(|path| !path.is_empty())?,
            endpoint: fields.get(self.endpoint)?,
            repo: field(self.repo),
            status: field(self.status).parse().ok().or_else(|| http_status(field(self.notes))),
        })
    }
}

/// The status in notes such as `page-short; HTTP 404; recorded in June`.
fn http_status(notes: &str) -> Option<u16> {
    let mut after = notes.split("HTTP ").skip(1);
    after.find_map(|text| text.get(..3)?.parse().ok())
}
