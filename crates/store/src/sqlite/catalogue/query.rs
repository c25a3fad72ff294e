//! Titles by what they are like.

use domain::catalogue::{WorkPage, WorkQuery, WorkSort};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::Fault;
use super::read::{ROW_COLUMNS, work_row};
use crate::projection;
use crate::projection::words::{self, Word};
use crate::sqlite::columns::{limit, signed, unsigned};

pub(super) fn page(db: &Connection, query: &WorkQuery) -> Result<WorkPage, Fault> {
    let Conditions { sql, mut values } = conditions(query);
    let total = db
        .prepare_cached(&format!("SELECT count(*) FROM works WHERE {sql}"))?
        .query_row(params_from_iter(&values), |row| row.get(0))?;
    let order = order(query.sort);
    let mut select = db.prepare_cached(&format!(
        "SELECT {ROW_COLUMNS} FROM works WHERE {sql} ORDER BY {order} LIMIT ? OFFSET ?"
    ))?;
    values.push(limit(query.limit).into());
    values.push(limit(query.offset).into());
    let mut rows = select.query(params_from_iter(&values))?;
    let mut works = vec![];
    while let Some(row) = rows.next()? {
        works.push(work_row(row)?);
    }
    Ok(WorkPage { works, total: unsigned(total) })
}

/// Ends with a unique column each, and in one direction each, so that an index serves it.
fn order(sort: WorkSort) -> &'static str {
    match sort {
        WorkSort::Popularity => "popularity DESC, work_id DESC",
        WorkSort::Rating => "vote_average DESC, vote_count DESC, work_id DESC",
        WorkSort::Score => "score DESC, work_id DESC",
        WorkSort::Votes => "vote_count DESC, work_id DESC",
        WorkSort::Released => "release_date DESC, work_id DESC",
        WorkSort::Title => "title COLLATE NOCASE, work_id",
    }
}

struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.push(value.into());
    }
}

fn conditions(query: &WorkQuery) -> Conditions {
    let mut all = Conditions { sql: "1 = 1".to_owned(), values: vec![] };
    if !query.adult {
        all.and("adult = ?", false);
    }
    if let Some(kind) = query.kind {
        all.and("kind = ?", kind.as_str().to_owned());
    }
    if let Some(genre) = &query.genre {
        all.and("instr(genre_words, ?) > 0", projection::genre_words(std::slice::from_ref(genre)));
    }
    if let Some(year) = query.year_from {
        all.and("year >= ?", i64::from(year));
    }
    if let Some(year) = query.year_to {
        all.and("year <= ?", i64::from(year));
    }
    if let Some(votes) = query.min_votes {
        all.and("vote_count >= ?", signed(votes));
    }
    if let Some(rating) = query.min_rating {
        all.and("vote_average >= ?", rating);
    }
    if let Some(language) = &query.language {
        all.and("original_language = ?", language.clone());
    }
    if let Some(words) = query.text.as_deref().and_then(words) {
        all.and("work_id IN (SELECT rowid FROM work_texts WHERE work_texts MATCH ?)", words);
    }
    all
}

/// What people type, as the text index takes it: every word, quoted.
fn words(text: &str) -> Option<String> {
    let quoted = words::sought(text).into_iter().map(|Word { text, is_start }| {
        let any_end = if is_start { "*" } else { "" };
        format!("\"{text}\"{any_end}")
    });
    let quoted: Vec<String> = quoted.collect();
    (!quoted.is_empty()).then(|| quoted.join(" AND "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, wanted: Option<&str>) {
        assert_eq!(words(text).as_deref(), wanted);
    }

    #[test]
    fn no_word_can_be_taken_for_syntax() {
        check("fight club", Some("\"fight\" AND \"club\""));
        check(
            "NEAR(a \"b\" OR title:c*",
            Some("\"near\" AND \"a\" AND \"b\" AND \"or\" AND \"title\" AND \"c\""),
        );
        check("千と千尋", Some("\"千と千尋\"*"));
        check(" -- ", None);
    }
}
