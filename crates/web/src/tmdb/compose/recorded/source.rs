//! The recordings of one source and date, crawled as if it were TMDB.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use domain::{Key, Kind, Timestamp};
use fake_tmdb::Universe;
use fake_tmdb::recorded::Recorded;
use serde_json::Value;

use super::reasons::Reason;
use crate::tmdb::InPath;
use crate::tmdb::compose::{self, Asked, Held};
use crate::tmdb::endpoints::{self, Answers, Endpoint};
use crate::tmdb::query::Query;

/// A request and the answer that was recorded.
pub(super) struct Exchange {
    /// `movie/550/images?language=en`.
    pub(super) asked: String,
    pub(super) kind: Kind,
    pub(super) part: Option<&'static str>,
    pub(super) body: Value,
    query: Query,
    key: Option<Key>,
}

impl Exchange {
    pub(super) fn page(&self) -> u32 {
        self.query.page().unwrap_or(1)
    }

    pub(super) fn is_foreign(&self) -> bool {
        Asked::of(&self.query).is_ok_and(|asked| asked.foreign().is_some())
    }

    /// What shapes the values of a body, not which there are.
    fn shape(&self) -> [Option<&str>; 5] {
        ["country", "include_image_language", "include_video_language", "language", "page"]
            .map(|name| self.query.get(name))
    }

    /// A member of the body, by names with slashes between.
    fn member(&self, place: &str) -> Option<&Value> {
        member(&self.body, place)
    }
}

/// A member of a body down to the first list.
fn member<'b>(body: &'b Value, place: &str) -> Option<&'b Value> {
    let first = place.split('/').next()?;
    match body.get(first)? {
        inner @ Value::Object(_) => match place.split_once('/') {
            Some((_, rest)) => member(inner, rest),
            None => Some(inner),
        },
        value => Some(value),
    }
}

/// What one project recorded at one date.
pub(super) struct Source {
    pub(super) name: String,
    exchanges: Vec<(String, PathBuf)>,
    held: Held,
    crawled: BTreeSet<Key>,
    movies_by_imdb: BTreeMap<String, Key>,
}

/// The folder of recordings; says so where there is none.
pub(super) fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/tmdb");
    let folder = std::env::var_os("CINEMIRROR_CORPUS").map_or(beside, PathBuf::from);
    let recorded = folder.join("recorded");
    if recorded.join("INDEX.tsv").is_file() {
        return Some(recorded);
    }
    println!("skipped: no recorded bodies at {} (set CINEMIRROR_CORPUS)", recorded.display());
    None
}

/// Whether these are the recordings whose differences were counted.
pub(super) fn is_known(corpus: &Path) -> bool {
    const BYTES_OF_INDEX: u64 = 160_982;
    fs::metadata(corpus.join("INDEX.tsv")).unwrap().len() == BYTES_OF_INDEX
}

impl Source {
    pub(super) fn all(corpus: &Path) -> Vec<Self> {
        let index = fs::read_to_string(corpus.join("INDEX.tsv")).unwrap();
        let (header, rows) = index.split_once('\n').unwrap();
        let mut by_repo: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in rows.lines() {
            let Some(repo) = row.split('\t').nth(3) else { continue };
            by_repo.entry(repo).or_default().push(row);
        }
        by_repo.into_iter().map(|(name, rows)| Self::of(corpus, name, header, &rows)).collect()
    }

    fn of(corpus: &Path, name: &str, header: &str, rows: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("recorded");
        fs::create_dir(&own).unwrap();
        for entry in fs::read_dir(corpus).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_dir() {
                let target = fs::canonicalize(entry.path()).unwrap();
                std::os::unix::fs::symlink(target, own.join(entry.file_name())).unwrap();
            }
        }
        fs::write(own.join("INDEX.tsv"), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
        let recorded = Recorded::open(&own).unwrap();
        let exchanges = rows.iter().filter_map(|row| {
            let fields: Vec<&str> = row.split('\t').collect();
            let (path, asked, verdict) = (fields.first()?, fields.get(1)?, fields.get(6)?);
            let is_answer = *verdict == "real" && !fields.get(2)?.starts_with("status");
            let file = corpus.parent()?.join(path);
            is_answer.then(|| Some(((*asked).strip_prefix("GET /3/")?.to_owned(), file)))?
        });
        let mut source = Self {
            name: name.to_owned(),
            exchanges: exchanges.collect(),
            held: Held::default(),
            crawled: BTreeSet::new(),
            movies_by_imdb: BTreeMap::new(),
        };
        source.crawl(&recorded);
        source
    }

    /// Asks for every key as the mirror does, titles with their seasons first.
    fn crawl(&mut self, recorded: &Recorded) {
        for key in recorded.keys() {
            let question = tmdb::Question::Detail(key);
            let parts = question.parts();
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let query = fake_tmdb::Query::new();
            let Some(body) = recorded.composed(key, &parts, &query, 0) else { continue };
            if key.kind() == Kind::Tv {
                self.keep_show(key, &body);
            } else {
                self.keep(key, &body);
            }
            self.crawled.insert(key);
            let body: Value = serde_json::from_slice(&body).unwrap();
            if let Some(imdb) = body["imdb_id"].as_str().filter(|_| key.kind() == Kind::Movie) {
                self.movies_by_imdb.insert(imdb.to_owned(), key);
            }
        }
    }

    /// A show, and the seasons that rode along.
    fn keep_show(&mut self, key: Key, body: &Bytes) {
        let split = tmdb::seasons::split(body).unwrap();
        self.keep(key, &split.title);
        for (number, season) in split.seasons {
            let season_key = Key::season(key.id(), number);
            if self.crawled.insert(season_key) {
                self.keep(season_key, &season);
            }
        }
    }

    fn keep(&mut self, key: Key, body: &Bytes) {
        let at = Timestamp::from_millis(0);
        let (record, _) = records::record(key, body, "", at).unwrap();
        self.held.add(record);
    }

    /// The recorded requests for details and their parts.
    pub(super) fn exchanges(&self) -> impl Iterator<Item = Exchange> {
        self.exchanges.iter().filter_map(|(asked, file)| {
            let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
            let (endpoint, path) = route(path)?;
            let (kind, part) = match endpoint.answers {
                Answers::Details(kind) => (kind, None),
                Answers::Part(kind, part) => (kind, Some(part)),
                _ => return None,
            };
            let imdb = path.first().and_then(|(_, id)| self.movies_by_imdb.get(id)).copied();
            let key = imdb.or_else(|| key(kind, &path));
            let query = Query::parse(query, endpoint).ok()?;
            let body = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
            Some(Exchange { asked: asked.clone(), kind, part, query, body, key })
        })
    }

    /// Why this source cannot tell.
    pub(super) fn cannot(&self, exchange: &Exchange) -> Option<Reason> {
        let is_crawled = exchange
            .key
            .is_some_and(|key| self.crawled.contains(&key) || compose::tells(&self.held, key));
        (!is_crawled).then_some(Reason::NotCrawled)
    }

    fn record(&self, exchange: &Exchange) -> Option<records::View<'_>> {
        records::View::of(self.held.get(exchange.key?)?).ok()
    }

    /// Whether the crawled record came with a part.
    pub(super) fn holds(&self, exchange: &Exchange, part: &str) -> bool {
        self.record(exchange).is_some_and(|view| view.has(part))
    }

    pub(super) fn holds_collection(&self, exchange: &Exchange) -> bool {
        let reference = self.record(exchange).and_then(|view| view.inner("belongs_to_collection"));
        let id = reference.and_then(|reference| reference.number("id"));
        let key = id.and_then(|id| Key::new(Kind::Collection, id, None, None).ok());
        key.is_some_and(|key| self.held.get(key).is_some())
    }

    /// Whether a part was recorded as it is without parameters.
    pub(super) fn has_plain(&self, exchange: &Exchange, part: &str) -> bool {
        self.exchanges().any(|other| {
            other.key == exchange.key
                && (other.part == Some(part) || other.body.get(part).is_some())
                && other.shape() == [None; 5]
        })
    }

    /// Whether another recording with the same parameters says what the mirror says.
    pub(super) fn said(&self, exchange: &Exchange, place: &str) -> bool {
        let Some(answer) = self.answer(exchange) else { return false };
        self.exchanges().any(|other| {
            let is_alike = other.key == exchange.key
                && other.part == exchange.part
                && other.shape() == exchange.shape();
            is_alike
                && other.member(place).is_some()
                && other.member(place) == member(&answer, place)
        })
    }

    /// What the mirror answers.
    pub(super) fn answer(&self, exchange: &Exchange) -> Option<Value> {
        let key = exchange.key?;
        let asked = Asked::of(&exchange.query).ok()?;
        let body = match exchange.part {
            Some(part) => compose::part(key, part, &self.held, &asked),
            None => compose::details(key, &self.held, &asked, &|_| None),
        };
        let body = body.unwrap()?;
        Some(serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
    }
}

fn key(kind: Kind, path: &InPath) -> Option<Key> {
    let number = |place: usize| path.get(place).and_then(|(_, text)| text.parse().ok());
    let id = path.first()?.1.parse().ok()?;
    let (season, episode) = match kind {
        Kind::Season => (number(1), None),
        Kind::Episode => (number(1), number(2)),
        _ => (None, None),
    };
    Key::new(kind, id, season, episode).ok()
}

/// The endpoint of a path below `/3/`, and what the path gives it; fixed words go first.
fn route(path: &str) -> Option<(&'static Endpoint, InPath)> {
    let path = format!("/3/{path}");
    let given: Vec<&str> = path.split('/').collect();
    let mut fitting: Vec<(usize, &Endpoint, InPath)> = endpoints::all()
        .filter_map(|endpoint| {
            let words: Vec<&str> = endpoint.path.split('/').collect();
            let fits = words.len() == given.len()
                && words.iter().zip(&given).all(|(word, own)| word.starts_with('{') || word == own);
            let pairs = words.iter().zip(&given).filter(|(word, _)| word.starts_with('{'));
            let in_path: InPath =
                pairs.map(|(word, own)| ((*word).to_owned(), (*own).to_owned())).collect();
            fits.then_some((in_path.len(), endpoint, in_path))
        })
        .collect();
    fitting.sort_by_key(|(variables, ..)| *variables);
    fitting.into_iter().next().map(|(_, endpoint, path)| (endpoint, path))
}
