//! What is found by its name.

use domain::facets::{NamePage, NameQuery};
use domain::{Key, Kind, StoreError};
use tokio_postgres::types::Type;

use super::tables::lexeme;
use crate::postgres::batch::plain;
use crate::postgres::connection::{Transaction, Value};
use crate::postgres::fault::Fault;
use crate::postgres::values::{kind_at, limit, unsigned};
use crate::projection::words;

pub(super) async fn search(tx: &Transaction<'_>, query: &NameQuery) -> Result<NamePage, Fault> {
    let text = plain(query.text.trim()).into_owned();
    let Some(words) = matching(&text) else { return Ok(NamePage::default()) };
    let mask = mask(&query.kinds);
    let arms = [(WORKS, 2 | 4), (PEOPLE, 32), (THINGS, 64 | 128 | 256 | 512)];
    let arms = arms.into_iter().filter(|(_, mask_of)| mask & mask_of != 0);
    let arms: Vec<&str> = arms.map(|(arm, _)| arm).collect();
    if arms.is_empty() {
        return Ok(NamePage::default());
    }
    let arms = arms.join(" UNION ALL ");
    let (rows, offset) = (limit(query.limit), limit(query.offset));
    let values: [Value<'_>; 7] = [
        (&words, Type::TEXT),
        (&text, Type::TEXT),
        (&query.adult, Type::BOOL),
        (&query.year, Type::INT4),
        (&mask, Type::INT4),
        (&rows, Type::INT8),
        (&offset, Type::INT8),
    ];
    let found = tx
        .rows(
            &format!(
                "WITH found AS MATERIALIZED ({arms}), page AS (
                     SELECT * FROM found ORDER BY nearness, popularity DESC, kind, id
                     LIMIT $6 OFFSET $7
                 )
                 SELECT total::int8, kind, id
                 FROM (SELECT count(*) AS total FROM found) AS counted LEFT JOIN page ON true
                 ORDER BY nearness, popularity DESC, kind, id"
            ),
            &values,
        )
        .await?;
    let total = found.first().map_or(Ok(0), |row| row.try_get(0))?;
    let mut keys = vec![];
    for row in found.iter().filter(|row| matches!(row.try_get::<_, Option<i64>>(2), Ok(Some(_)))) {
        let key = Key::new(kind_at(row, 1)?, unsigned(row.try_get(2)?), None, None);
        keys.push(key.map_err(|error| StoreError::Corrupt(error.to_string()))?);
    }
    Ok(NamePage { keys, total: unsigned(total) })
}

/// How near a name is to the text `$2`, by its bytes but for ASCII's case, as in SQLite.
macro_rules! nearness {
    ($names:literal, $first:literal) => {
        concat!(
            "CASE WHEN lower($2 COLLATE \"C\") IN (",
            $names,
            ") THEN 0 WHEN starts_with(",
            $first,
            ", lower($2 COLLATE \"C\")) THEN 1 ELSE 2 END AS nearness"
        )
    };
}

/// `$1` are the words, `$3` whether adult ones count, `$4` the year, `$5` the kinds as bits.
/// Each names every value it may, so that every statement takes all of them.
const WORKS: &str = concat!(
    "SELECT (CASE WHEN w.work_id > 0 THEN 1 ELSE 2 END)::int2 AS kind, abs(w.work_id) AS id,
        w.popularity, ",
    nearness!("lower(w.title), lower(w.original_title COLLATE \"C\")", "lower(w.title)"),
    " FROM work_names n JOIN works w USING (work_id)
      WHERE n.words @@ $1::text::tsquery AND ($3 OR NOT w.adult)
        AND ($4::int4 IS NULL OR w.year = $4)
        AND $5::int4 & (CASE WHEN n.work_id > 0 THEN 2 ELSE 4 END) <> 0"
);

const PEOPLE: &str = concat!(
    "SELECT 5::int2 AS kind, p.person_id AS id, p.popularity, ",
    nearness!("lower(p.name COLLATE \"C\")", "lower(p.name COLLATE \"C\")"),
    " FROM person_names n JOIN people p USING (person_id)
      WHERE n.words @@ $1::text::tsquery AND ($3 OR NOT p.adult)
        AND ($4::int4 IS NULL OR true) AND $5::int4 & 32 <> 0"
);

const THINGS: &str = concat!(
    "SELECT t.kind, t.id, 0::float8 AS popularity, ",
    nearness!("lower(t.name COLLATE \"C\")", "lower(t.name COLLATE \"C\")"),
    " FROM thing_names n
      JOIN things t ON t.kind = n.thing_id % 16 AND t.id = n.thing_id / 16
                   AND t.season = -1 AND t.episode = -1
      WHERE n.words @@ $1::text::tsquery AND ($3::bool OR true)
        AND ($4::int4 IS NULL OR true) AND $5::int4 & (1 << (n.thing_id % 16)::int4) <> 0"
);

/// Kinds as bits of their numbers.
fn mask(kinds: &[Kind]) -> i32 {
    kinds.iter().fold(0, |mask, kind| mask | 1 << kind.number())
}

/// What people type, as a `tsquery`: every word, and the start of the last one.
/// What starts with less than [`words::SHORTEST_START`] letters is half of all there is.
fn matching(text: &str) -> Option<String> {
    let words = words::sought(text);
    let last = words.len().checked_sub(1)?;
    let words = words.into_iter().enumerate().map(|(place, word)| {
        let is_last = place == last && word.text.chars().count() >= words::SHORTEST_START;
        let any_end = if word.is_start || is_last { ":*" } else { "" };
        format!("{}{any_end}", lexeme(&word.folded()))
    });
    Some(words.collect::<Vec<_>>().join(" & "))
}
