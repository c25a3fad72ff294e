//! Titles, cards and people, as they were written.

use std::collections::HashMap;

use domain::Kind;
use domain::catalogue::{Card, Person, SimilarWork, Work, WorkImages, WorkRow};
use tokio_postgres::types::{FromSql, Json, Type};
use tokio_postgres::{Error, Row};

use super::ratings;
use crate::postgres::connection::Transaction;
use crate::postgres::fault::Fault;
use crate::postgres::values::{kind_at, signed, time_at, unsigned};
use crate::projection::work_name;

/// The columns that [`work_row`] reads.
pub(super) const ROW_COLUMNS: &str = "works.work_id, kind, tmdb_id, imdb_id, title, \
     original_title, original_language, year, release_date, runtime_minutes, genres, \
     vote_average, vote_count, popularity, adult, last_refreshed_at, score";

/// The columns that [`work_from`] reads after those.
const META_COLUMNS: &str = "tagline, overview, overview_short, status, runtime_display, \
     certification, poster_url_small, poster_url_medium, poster_url_large, poster_url_original, \
     backdrop_url, backdrop_url_mobile, still_images, trailer_key, trailers, keywords, \
     production_companies, production_countries, budget, revenue, seasons, episodes, \
     last_air_date, next_air_date, networks, created_by, collection, streaming, cast_members, \
     crew_members";

pub(super) fn work_row(row: &Row) -> Result<WorkRow, Fault> {
    let mut columns = Columns { row, next: 1 };
    let columns = &mut columns;
    Ok(WorkRow {
        kind: columns.value()?,
        tmdb_id: unsigned(columns.value()?),
        imdb_id: columns.value()?,
        title: columns.value()?,
        original_title: columns.value()?,
        original_language: columns.value()?,
        year: columns.value()?,
        release_date: columns.value()?,
        runtime_minutes: columns.number()?,
        genres: columns.value()?,
        vote_average: columns.value()?,
        vote_count: unsigned(columns.value()?),
        popularity: columns.value()?,
        adult: columns.value()?,
        last_refreshed_at: columns.value::<jiff::Timestamp>()?.into(),
        score_0_100: columns.value()?,
    })
}

/// Reads columns one after the other.
struct Columns<'a> {
    row: &'a Row,
    next: usize,
}

impl<'a> Columns<'a> {
    fn value<T: FromSql<'a>>(&mut self) -> Result<T, Error> {
        self.next += 1;
        self.row.try_get(self.next - 1)
    }

    /// A number that Rust has without a sign.
    fn number(&mut self) -> Result<Option<u32>, Error> {
        Ok(self.value::<Option<i64>>()?.and_then(|number| u32::try_from(number).ok()))
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, Error> {
        Ok(self.value::<Json<T>>()?.0)
    }
}

/// In the order of these numbers, those that there are.
pub(super) async fn works(tx: &Transaction<'_>, ids: &[i64]) -> Result<Vec<Work>, Fault> {
    let sql = format!(
        "SELECT {ROW_COLUMNS}, {META_COLUMNS}
         FROM works JOIN works_meta USING (work_id) WHERE works.work_id = ANY($1)"
    );
    let values = [(&ids as _, Type::INT8_ARRAY)];
    let (rows, mut ratings, mut scores, mut similar) = tokio::try_join!(
        tx.rows(&sql, &values),
        ratings::of(tx, ids),
        ratings::scores(tx, ids),
        similar(tx, ids),
    )?;
    let mut works = HashMap::with_capacity(rows.len());
    for row in &rows {
        let id: i64 = row.try_get(0)?;
        let mut work = work_from(row)?;
        work.ratings = ratings.remove(&id).unwrap_or_default();
        work.score = scores.remove(&id);
        work.similar = similar.remove(&id).unwrap_or_default();
        works.insert(id, work);
    }
    Ok(ids.iter().filter_map(|id| works.remove(id)).collect())
}

fn work_from(row: &Row) -> Result<Work, Fault> {
    let mut columns = Columns { row, next: 17 };
    let columns = &mut columns;
    Ok(Work {
        row: work_row(row)?,
        tagline: columns.value()?,
        overview: columns.value()?,
        overview_short: columns.value()?,
        status: columns.value()?,
        runtime_display: columns.value()?,
        certification: columns.value()?,
        images: WorkImages {
            poster_small: columns.value()?,
            poster_medium: columns.value()?,
            poster_large: columns.value()?,
            poster_original: columns.value()?,
            backdrop: columns.value()?,
            backdrop_mobile: columns.value()?,
            stills: columns.value()?,
        },
        trailer_key: columns.value()?,
        trailers: columns.json()?,
        keywords: columns.value()?,
        companies: columns.value()?,
        countries: columns.value()?,
        budget: columns.value()?,
        revenue: columns.value()?,
        seasons: columns.number()?,
        episodes: columns.number()?,
        last_air_date: columns.value()?,
        next_air_date: columns.value()?,
        networks: columns.value()?,
        created_by: columns.value()?,
        collection: columns.value()?,
        providers: columns.json()?,
        cast: columns.json()?,
        crew: columns.json()?,
        ratings: vec![],
        score: None,
        similar: vec![],
    })
}

async fn similar(
    tx: &Transaction<'_>,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<SimilarWork>>, Fault> {
    let rows = tx
        .rows(
            "SELECT work_id, source, rank, similar_work_id, title FROM similar_works
             WHERE work_id = ANY($1) ORDER BY work_id, source, rank",
            &[(&ids, Type::INT8_ARRAY)],
        )
        .await?;
    let mut similar: HashMap<i64, Vec<SimilarWork>> = HashMap::new();
    for row in &rows {
        let (kind, tmdb_id) = work_name(row.try_get(3)?);
        similar.entry(row.try_get(0)?).or_default().push(SimilarWork {
            kind: kind.to_owned(),
            tmdb_id,
            source: row.try_get(1)?,
            rank: u32::try_from(row.try_get::<_, i64>(2)?).unwrap_or(u32::MAX),
            title: row.try_get(4)?,
        });
    }
    Ok(similar)
}

pub(super) async fn card(tx: &Transaction<'_>, id: i64) -> Result<Option<Card>, Fault> {
    let sql = "SELECT payload, etag FROM work_cards WHERE work_id = $1";
    let row = tx.maybe(sql, &[(&id, Type::INT8)]).await?;
    row.map(|row| Ok(Card { json: row.try_get(0)?, etag: row.try_get(1)? })).transpose()
}

/// The columns that [`person_from`] reads.
pub(super) const PERSON_COLUMNS: &str = "person_id, imdb_id, name, also_known_as, biography, \
     birthday, deathday, place_of_birth, known_for_department, gender, popularity, profile_path, \
     adult, last_refreshed_at, credits";

pub(super) async fn person(tx: &Transaction<'_>, id: u64) -> Result<Option<Person>, Fault> {
    let sql = format!("SELECT {PERSON_COLUMNS} FROM people WHERE person_id = $1");
    let row = tx.maybe(&sql, &[(&signed(id), Type::INT8)]).await?;
    row.as_ref().map(person_from).transpose()
}

pub(super) fn person_from(row: &Row) -> Result<Person, Fault> {
    let mut columns = Columns { row, next: 0 };
    Ok(Person {
        tmdb_id: unsigned(columns.value()?),
        imdb_id: columns.value()?,
        name: columns.value()?,
        also_known_as: columns.value()?,
        biography: columns.value()?,
        birthday: columns.value()?,
        deathday: columns.value()?,
        place_of_birth: columns.value()?,
        known_for_department: columns.value()?,
        gender: columns.number()?,
        popularity: columns.value()?,
        profile_path: columns.value()?,
        adult: columns.value()?,
        last_refreshed_at: time_at(row, 13)?,
        credits: row.try_get::<_, Json<_>>(14)?.0,
    })
}

/// Kinds without rows are left out.
pub(super) async fn counts(tx: &Transaction<'_>) -> Result<Vec<(Kind, u64)>, Fault> {
    let rows = tx
        .rows(
            "SELECT 1::int2, count(*) FROM works WHERE kind = 'movie'
             UNION ALL SELECT 2::int2, count(*) FROM works WHERE kind = 'tv'
             UNION ALL SELECT 5::int2, count(*) FROM people
             UNION ALL SELECT kind, count(*) FROM things GROUP BY kind
             ORDER BY 1",
            &[],
        )
        .await?;
    let counts = rows.iter().map(|row| Ok((kind_at(row, 0)?, unsigned(row.try_get(1)?))));
    let mut counts: Vec<(Kind, u64)> = counts.collect::<Result<_, Fault>>()?;
    counts.retain(|(_, count)| *count > 0);
    Ok(counts)
}
