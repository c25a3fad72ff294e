//! What is found by its name.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use domain::facets::{NamePage, NameQuery};
use domain::{Key, Kind, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Fault;
use crate::projection::words::{self, Word};
use crate::sqlite::columns::{kind_at, unsigned};

pub(super) fn search(db: &Connection, query: &NameQuery) -> Result<NamePage, Fault> {
    let Some(words) = matching(&query.text) else { return Ok(NamePage::default()) };
    let arms = arms(query);
    if arms.is_empty() {
        return Ok(NamePage::default());
    }
    let values: [Value; 5] = [
        words.into(),
        query.text.trim().to_owned().into(),
        query.adult.into(),
        query.year.map(i64::from).into(),
        mask(&query.kinds).into(),
    ];
    let mut select = db.prepare_cached(&arms.join(" UNION ALL "))?;
    let mut rows = select.query(params_from_iter(&values))?;
    // A common word is in a third of all names: they are counted, and the best few are
    // kept, in one pass. SQLite would keep them all to do both.
    let mut total = 0;
    let mut best = Best::of(query.offset.saturating_add(query.limit));
    while let Some(row) = rows.next()? {
        total += 1;
        best.add(Hit {
            kind: kind_at(row, 0)?,
            id: row.get(1)?,
            popularity: row.get::<_, Option<f64>>(2)?.unwrap_or(f64::NEG_INFINITY),
            nearness: row.get(3)?,
        });
    }
    let keys =
        best.in_order().into_iter().skip(query.offset).map(Hit::key).collect::<Result<_, _>>();
    Ok(NamePage { keys: keys?, total })
}

/// What was found, the best first.
#[derive(Clone, Copy, Debug)]
struct Hit {
    nearness: i64,
    popularity: f64,
    kind: Kind,
    id: i64,
}

impl Hit {
    fn key(self) -> Result<Key, StoreError> {
        let key = Key::new(self.kind, unsigned(self.id), None, None);
        key.map_err(|error| StoreError::Corrupt(error.to_string()))
    }
}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        let nearness = self.nearness.cmp(&other.nearness);
        let popularity = || other.popularity.total_cmp(&self.popularity);
        let key = || (self.kind.number(), self.id).cmp(&(other.kind.number(), other.id));
        nearness.then_with(popularity).then_with(key)
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Hit {}

/// The best of any number of hits.
struct Best {
    wanted: usize,
    /// The worst of them on top.
    hits: BinaryHeap<Hit>,
}

impl Best {
    fn of(wanted: usize) -> Self {
        Self { wanted, hits: BinaryHeap::new() }
    }

    fn add(&mut self, hit: Hit) {
        if self.hits.len() < self.wanted {
            self.hits.push(hit);
        } else if let Some(mut worst) = self.hits.peek_mut()
            && hit < *worst
        {
            *worst = hit;
        }
    }

    fn in_order(self) -> Vec<Hit> {
        self.hits.into_sorted_vec()
    }
}

/// Where to look: ?1 are the words, ?2 the whole text, ?3 whether adult ones count,
/// ?4 the year and ?5 the kinds, as bits.
fn arms(query: &NameQuery) -> Vec<&'static str> {
    /// Every value is named, so that each statement takes all of them.
    const WORKS: &str = "SELECT iif(w.work_id > 0, 1, 2) AS kind, abs(w.work_id) AS id,
            w.popularity AS popularity,
            CASE WHEN w.title = ?2 COLLATE NOCASE OR w.original_title = ?2 COLLATE NOCASE THEN 0
                 WHEN substr(w.title, 1, length(?2)) = ?2 COLLATE NOCASE THEN 1
                 ELSE 2 END AS nearness
        FROM work_names n CROSS JOIN works w ON w.work_id = n.rowid
        WHERE work_names MATCH ?1 AND (?3 OR NOT w.adult) AND (?4 IS NULL OR w.year = ?4)
          AND ?5 & iif(n.rowid > 0, 2, 4)";
    const PEOPLE: &str = "SELECT 5 AS kind, p.person_id AS id, p.popularity AS popularity,
            CASE WHEN p.name = ?2 COLLATE NOCASE THEN 0
                 WHEN substr(p.name, 1, length(?2)) = ?2 COLLATE NOCASE THEN 1
                 ELSE 2 END AS nearness
        FROM person_names n CROSS JOIN people p ON p.person_id = n.rowid
        WHERE person_names MATCH ?1 AND (?3 OR NOT p.adult) AND (?4 IS NULL OR true)
          AND ?5 & 32";
    const THINGS: &str = "SELECT t.kind AS kind, t.id AS id, 0 AS popularity,
            CASE WHEN t.name = ?2 COLLATE NOCASE THEN 0
                 WHEN substr(t.name, 1, length(?2)) = ?2 COLLATE NOCASE THEN 1
                 ELSE 2 END AS nearness
        FROM thing_names n CROSS JOIN things t
          ON t.kind = n.rowid % 16 AND t.id = n.rowid / 16 AND t.season = -1 AND t.episode = -1
        WHERE thing_names MATCH ?1 AND (?3 OR true) AND (?4 IS NULL OR true)
          AND ?5 & (1 << (n.rowid % 16))";
    let asks = |mask_of: i64| mask(&query.kinds) & mask_of != 0;
    let all = [(WORKS, 2 | 4), (PEOPLE, 32), (THINGS, 64 | 128 | 256 | 512)];
    all.into_iter().filter(|(_, mask_of)| asks(*mask_of)).map(|(arm, _)| arm).collect()
}

/// Kinds as bits of their numbers.
fn mask(kinds: &[Kind]) -> i64 {
    kinds.iter().fold(0, |mask, kind| mask | 1 << kind.number())
}

/// What people type, as the index takes it: every word, and the start of the last one.
/// What starts with less than [`words::SHORTEST_START`] letters is half of all there is.
fn matching(text: &str) -> Option<String> {
    let words = words::sought(text);
    let last = words.len().checked_sub(1)?;
    let quoted = words.into_iter().enumerate().map(|(place, Word { text, is_start })| {
        let is_last = place == last && text.chars().count() >= words::SHORTEST_START;
        let any_end = if is_start || is_last { "*" } else { "" };
        format!("\"{text}\"{any_end}")
    });
    Some(quoted.collect::<Vec<_>>().join(" AND "))
}
