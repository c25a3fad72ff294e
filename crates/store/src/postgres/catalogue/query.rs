//! Titles by what they are like.

use domain::catalogue::{WorkPage, WorkQuery, WorkSort};
use tokio_postgres::types::{ToSql, Type};

use super::read::{ROW_COLUMNS, work_row};
use super::tables::{genre_word, lexeme};
use crate::postgres::batch::plain;
use crate::postgres::connection::{Transaction, Value};
use crate::postgres::fault::Fault;
use crate::postgres::values::{limit, signed, unsigned};
use crate::projection::words;

pub(super) async fn page(tx: &Transaction<'_>, query: &WorkQuery) -> Result<WorkPage, Fault> {
    let mut conditions = conditions(query);
    let from = conditions.from();
    let total = format!("SELECT count(*) {from}");
    let total = tx.one(&total, &conditions.values()).await?.try_get(0)?;
    let order = order(query.sort);
    let (rows, offset) = (
        conditions.add(limit(query.limit), Type::INT8),
        conditions.add(limit(query.offset), Type::INT8),
    );
    let page = format!("SELECT {ROW_COLUMNS} {from} ORDER BY {order} LIMIT {rows} OFFSET {offset}");
    let rows = tx.rows(&page, &conditions.values()).await?;
    let works = rows.iter().map(work_row).collect::<Result<_, _>>()?;
    Ok(WorkPage { works, total: unsigned(total) })
}

/// As an index has it: what is not known comes last, and equals by their numbers.
fn order(sort: WorkSort) -> &'static str {
    match sort {
        WorkSort::Popularity => "popularity DESC, works.work_id DESC",
        WorkSort::Rating => "vote_average DESC NULLS LAST, vote_count DESC, works.work_id DESC",
        WorkSort::Score => "score DESC NULLS LAST, works.work_id DESC",
        WorkSort::Votes => "vote_count DESC, works.work_id DESC",
        WorkSort::Released => "release_date DESC NULLS LAST, works.work_id DESC",
        // The first is what the index has; it never tells another order than the second.
        WorkSort::Title => "\"left\"(lower(title), 500), lower(title), works.work_id",
    }
}

#[derive(Default)]
struct Conditions {
    /// Each a condition on a row of `works`.
    all: Vec<String>,
    values: Vec<(Box<dyn ToSql + Sync + Send>, Type)>,
}

impl Conditions {
    /// Returns the name of the value in SQL.
    fn add(&mut self, value: impl ToSql + Sync + Send + 'static, of: Type) -> String {
        self.values.push((Box::new(value), of));
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str, value: impl ToSql + Sync + Send + 'static, of: Type) {
        let name = self.add(value, of);
        self.all.push(condition.replace('?', &name));
    }

    fn from(&self) -> String {
        let all = if self.all.is_empty() { "true".to_owned() } else { self.all.join(" AND ") };
        format!("FROM works WHERE {all}")
    }

    fn values(&self) -> Vec<Value<'_>> {
        self.values.iter().map(|(value, of)| (&**value as _, of.clone())).collect()
    }
}

fn conditions(query: &WorkQuery) -> Conditions {
    let mut all = Conditions::default();
    if !query.adult {
        all.all.push("NOT adult".to_owned());
    }
    if let Some(kind) = query.kind {
        all.and("kind = ?", kind.as_str(), Type::TEXT);
    }
    if let Some(genre) = &query.genre {
        all.and("genre_words @> ARRAY[?]", genre_word(&plain(genre)), Type::TEXT);
    }
    if let Some(year) = query.year_from {
        all.and("year >= ?", year, Type::INT4);
    }
    if let Some(year) = query.year_to {
        all.and("year <= ?", year, Type::INT4);
    }
    if let Some(votes) = query.min_votes {
        all.and("vote_count >= ?", signed(votes), Type::INT8);
    }
    if let Some(rating) = query.min_rating {
        all.and("vote_average >= ?", rating, Type::FLOAT8);
    }
    if let Some(language) = &query.language {
        all.and("original_language = ?", plain(language).into_owned(), Type::TEXT);
    }
    if let Some(words) = query.text.as_deref().and_then(words) {
        // `OFFSET` keeps it from looking for the words title by title, in the order of the page.
        let found = "works.work_id IN (SELECT work_id FROM work_texts
                                       WHERE words @@ ?::text::tsquery OFFSET 0)";
        all.and(found, words, Type::TEXT);
    }
    all
}

/// What people type, as a `tsquery`.
fn words(text: &str) -> Option<String> {
    let words = words::sought(text).into_iter().map(|word| {
        let any_end = if word.is_start { ":*" } else { "" };
        format!("{}{any_end}", lexeme(&word.folded()))
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(" & "))
}
