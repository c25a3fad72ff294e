//! Titles, cards and people, as they were written.

use domain::Kind;
use domain::catalogue::{Card, Person, SimilarWork, Work, WorkImages, WorkRow};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{Fault, ratings, work_name};
use crate::sqlite::columns::{json_at, kind_at, signed, time_at, unsigned};

/// The columns that [`work_row`] reads.
pub(super) const ROW_COLUMNS: &str = "kind, tmdb_id, imdb_id, title, original_title, \
     original_language, year, release_date, runtime_minutes, genres, vote_average, vote_count, \
     popularity, adult, last_refreshed_at, score";

pub(super) fn work_row(row: &Row<'_>) -> Result<WorkRow, Fault> {
    Ok(WorkRow {
        kind: row.get(0)?,
        tmdb_id: unsigned(row.get(1)?),
        imdb_id: row.get(2)?,
        title: row.get(3)?,
        original_title: row.get(4)?,
        original_language: row.get(5)?,
        year: row.get(6)?,
        release_date: row.get(7)?,
        runtime_minutes: row.get(8)?,
        genres: json_at(row, 9)?,
        vote_average: row.get(10)?,
        vote_count: unsigned(row.get(11)?),
        popularity: row.get(12)?,
        adult: row.get(13)?,
        last_refreshed_at: time_at(row, 14)?,
        score_0_100: row.get(15)?,
    })
}

pub(super) fn work(db: &Connection, id: i64) -> Result<Option<Work>, Fault> {
    let found = db
        .prepare_cached(&format!("SELECT {ROW_COLUMNS} FROM works WHERE work_id = ?1"))?
        .query_row([id], |row| Ok(work_row(row)))
        .optional()?;
    let Some(row) = found.transpose()? else { return Ok(None) };
    let mut meta = db.prepare_cached(
        "SELECT tagline, overview, overview_short, status, runtime_display, certification,
                poster_url_small, poster_url_medium, poster_url_large, poster_url_original,
                backdrop_url, backdrop_url_mobile, still_images, trailer_key, trailers, keywords,
                production_companies, production_countries, budget, revenue, seasons, episodes,
                last_air_date, next_air_date, networks, created_by, collection, streaming,
                cast_members, crew_members
         FROM works_meta WHERE work_id = ?1",
    )?;
    let found = meta.query_row([id], |columns| Ok(with_meta(row, columns))).optional()?;
    let missing = || Fault::corrupt(format!("work {id} lacks its other half"));
    let mut work = found.ok_or_else(missing)??;
    work.ratings = ratings::of(db, id)?;
    work.score = ratings::score(db, id)?;
    work.similar = similar(db, id)?;
    Ok(Some(work))
}

fn with_meta(row: WorkRow, columns: &Row<'_>) -> Result<Work, Fault> {
    Ok(Work {
        row,
        tagline: columns.get(0)?,
        overview: columns.get(1)?,
        overview_short: columns.get(2)?,
        status: columns.get(3)?,
        runtime_display: columns.get(4)?,
        certification: columns.get(5)?,
        images: WorkImages {
            poster_small: columns.get(6)?,
            poster_medium: columns.get(7)?,
            poster_large: columns.get(8)?,
            poster_original: columns.get(9)?,
            backdrop: columns.get(10)?,
            backdrop_mobile: columns.get(11)?,
            stills: json_at(columns, 12)?,
        },
        trailer_key: columns.get(13)?,
        trailers: json_at(columns, 14)?,
        keywords: json_at(columns, 15)?,
        companies: json_at(columns, 16)?,
        countries: json_at(columns, 17)?,
        budget: columns.get(18)?,
        revenue: columns.get(19)?,
        seasons: columns.get(20)?,
        episodes: columns.get(21)?,
        last_air_date: columns.get(22)?,
        next_air_date: columns.get(23)?,
        networks: json_at(columns, 24)?,
        created_by: json_at(columns, 25)?,
        collection: columns.get(26)?,
        providers: json_at(columns, 27)?,
        cast: json_at(columns, 28)?,
        crew: json_at(columns, 29)?,
        ratings: vec![],
        score: None,
        similar: vec![],
    })
}

fn similar(db: &Connection, id: i64) -> Result<Vec<SimilarWork>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT source, rank, similar_work_id, title
         FROM similar_works WHERE work_id = ?1 ORDER BY source, rank",
    )?;
    let similar = select.query_map([id], |row| {
        let (kind, tmdb_id) = work_name(row.get(2)?);
        Ok(SimilarWork {
            kind: kind.to_owned(),
            tmdb_id,
            source: row.get(0)?,
            rank: row.get(1)?,
            title: row.get(3)?,
        })
    })?;
    Ok(similar.collect::<Result<_, _>>()?)
}

pub(super) fn card(db: &Connection, id: i64) -> Result<Option<Card>, Fault> {
    let mut select =
        db.prepare_cached("SELECT payload, etag FROM work_cards WHERE work_id = ?1")?;
    let card = |row: &Row<'_>| Ok(Card { json: row.get(0)?, etag: row.get(1)? });
    Ok(select.query_row([id], card).optional()?)
}

pub(super) fn person(db: &Connection, id: u64) -> Result<Option<Person>, Fault> {
    db.prepare_cached(&format!("SELECT {PERSON_COLUMNS} FROM people WHERE person_id = ?1"))?
        .query_row([signed(id)], |row| Ok(person_from(row)))
        .optional()?
        .transpose()
}

/// The columns that [`person_from`] reads.
pub(super) const PERSON_COLUMNS: &str = "person_id, imdb_id, name, also_known_as, biography, \
     birthday, deathday, place_of_birth, known_for_department, gender, popularity, profile_path, \
     adult, last_refreshed_at, credits";

pub(super) fn person_from(row: &Row<'_>) -> Result<Person, Fault> {
    Ok(Person {
        tmdb_id: unsigned(row.get(0)?),
        imdb_id: row.get(1)?,
        name: row.get(2)?,
        also_known_as: json_at(row, 3)?,
        biography: row.get(4)?,
        birthday: row.get(5)?,
        deathday: row.get(6)?,
        place_of_birth: row.get(7)?,
        known_for_department: row.get(8)?,
        gender: row.get(9)?,
        popularity: row.get(10)?,
        profile_path: row.get(11)?,
        adult: row.get(12)?,
        last_refreshed_at: time_at(row, 13)?,
        credits: json_at(row, 14)?,
    })
}

/// Kinds without rows are left out.
pub(super) fn counts(db: &Connection) -> Result<Vec<(Kind, u64)>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT 1, count(*) FROM works WHERE kind = 'movie'
         UNION ALL SELECT 2, count(*) FROM works WHERE kind = 'tv'
         UNION ALL SELECT 5, count(*) FROM people
         UNION ALL SELECT kind, count(*) FROM things GROUP BY kind
         ORDER BY 1",
    )?;
    let mut rows = select.query([])?;
    let mut counts = vec![];
    while let Some(row) = rows.next()? {
        counts.push((kind_at(row, 0)?, unsigned(row.get(1)?)));
    }
    counts.retain(|(_, count)| *count > 0);
    Ok(counts)
}
