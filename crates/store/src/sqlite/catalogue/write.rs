//! Rows made from records are written.

use domain::catalogue::{Card, Person, Work};
use domain::score::{self, Score};
use domain::{Key, Kind, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Fault, external, facets, names, ratings, work_id};
use crate::projection::{self, Found, Rows};
use crate::sqlite::columns::{key_columns, signed, to_json};

/// A record that was fetched before the one whose rows there are is late, as in the archive.
pub(super) fn put(db: &Connection, rows: &Rows) -> Result<(), Fault> {
    if is_late(db, rows)? {
        return Ok(());
    }
    match rows {
        Rows::Work { key, work, card, schema_version, found } => {
            let Some(id) = work_id(key) else { return Ok(()) };
            put_work(db, id, work, card, *schema_version)?;
            put_found(db, id, found, work.row.last_refreshed_at)?;
            external::put(db, key, &found.external)
        }
        Rows::Person { person, external } => {
            put_person(db, person)?;
            let key = Key::new(Kind::Person, person.tmdb_id, None, None);
            key.map_or(Ok(()), |key| external::put(db, &key, external))
        }
        Rows::Thing { key, name, external, fetched_at } => {
            put_thing(db, key, name.as_deref(), *fetched_at)?;
            if external.is_empty() && !matches!(key.kind(), Kind::Season | Kind::Episode) {
                return Ok(());
            }
            external::put(db, key, external)
        }
    }
}

fn is_late(db: &Connection, rows: &Rows) -> Result<bool, Fault> {
    let known = |sql: &str, terms: &[i64]| {
        let mut select = db.prepare_cached(sql)?;
        let terms = rusqlite::params_from_iter(terms);
        select.query_row(terms, |row| row.get::<_, i64>(0)).optional()
    };
    let (known, fetched_at) = match rows {
        Rows::Work { key, work, .. } => {
            let sql = "SELECT last_refreshed_at FROM works WHERE work_id = ?1";
            let id = work_id(key).unwrap_or_default();
            (known(sql, &[id])?, work.row.last_refreshed_at)
        }
        Rows::Person { person, .. } => {
            let sql = "SELECT last_refreshed_at FROM people WHERE person_id = ?1";
            (known(sql, &[signed(person.tmdb_id)])?, person.last_refreshed_at)
        }
        Rows::Thing { key, fetched_at, .. } => {
            let sql = "SELECT last_refreshed_at FROM things
                       WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4";
            (known(sql, &key_columns(key))?, *fetched_at)
        }
    };
    Ok(known.is_some_and(|known| fetched_at.as_millis() < known))
}

fn put_work(
    db: &Connection,
    id: i64,
    work: &Work,
    card: &Card,
    schema_version: u32,
) -> Result<(), Fault> {
    let ratings = ratings::with_imported(db, id, work)?;
    let score = score::score(&ratings);
    put_text(db, id, work)?;
    put_row(db, id, work, score.as_ref())?;
    put_meta(db, id, work, schema_version)?;
    ratings::put(db, id, &ratings, score.as_ref())?;
    put_similar(db, id, work)?;
    db.prepare_cached("REPLACE INTO work_cards (work_id, payload, etag) VALUES (?1, ?2, ?3)")?
        .execute(params![id, card.json, card.etag])?;
    Ok(())
}

fn put_found(db: &Connection, id: i64, found: &Found, at: Timestamp) -> Result<(), Fault> {
    names::put_work(db, id, &found.names)?;
    facets::put(db, id, found, at)
}

/// Indexes the text of a work, unless it is indexed already. Runs before its row is written.
fn put_text(db: &Connection, id: i64, work: &Work) -> Result<(), Fault> {
    let indexed: Option<i64> = db
        .prepare_cached("SELECT text_hash FROM works WHERE work_id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if indexed == Some(projection::text_hash(work)) {
        return Ok(());
    }
    if indexed.is_some() {
        db.prepare_cached("DELETE FROM work_texts WHERE rowid = ?1")?.execute([id])?;
    }
    db.prepare_cached(
        "INSERT INTO work_texts (rowid, title, original_title, overview, tagline)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        id,
        work.row.title,
        work.row.original_title,
        work.overview,
        work.tagline
    ])?;
    Ok(())
}

fn put_row(db: &Connection, id: i64, work: &Work, score: Option<&Score>) -> Result<(), Fault> {
    let row = &work.row;
    db.prepare_cached(
        "REPLACE INTO works
             (work_id, kind, tmdb_id, imdb_id, title, original_title, original_language, year,
              release_date, runtime_minutes, genres, genre_words, vote_average, vote_count,
              popularity, adult, text_hash, last_refreshed_at, score)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                 ?19)",
    )?
    .execute(params![
        id,
        row.kind,
        signed(row.tmdb_id),
        row.imdb_id,
        row.title,
        row.original_title,
        row.original_language,
        row.year,
        row.release_date,
        row.runtime_minutes,
        to_json(&row.genres)?,
        projection::genre_words(&row.genres),
        row.vote_average,
        signed(row.vote_count),
        row.popularity,
        row.adult,
        projection::text_hash(work),
        row.last_refreshed_at.as_millis(),
        score.map(|score| score.value),
    ])?;
    Ok(())
}

fn put_meta(db: &Connection, id: i64, work: &Work, schema_version: u32) -> Result<(), Fault> {
    db.prepare_cached(
        "REPLACE INTO works_meta
             (work_id, tagline, overview, overview_short, status, runtime_display, certification,
              poster_url_small, poster_url_medium, poster_url_large, poster_url_original,
              backdrop_url, backdrop_url_mobile, still_images, trailer_key, trailers, keywords,
              production_companies, production_countries, budget, revenue, seasons, episodes,
              last_air_date, next_air_date, networks, created_by, collection, streaming,
              cast_members, crew_members, schema_version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
                 ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32)",
    )?
    .execute(params![
        id,
        work.tagline,
        work.overview,
        work.overview_short,
        work.status,
        work.runtime_display,
        work.certification,
        work.images.poster_small,
        work.images.poster_medium,
        work.images.poster_large,
        work.images.poster_original,
        work.images.backdrop,
        work.images.backdrop_mobile,
        to_json(&work.images.stills)?,
        work.trailer_key,
        to_json(&work.trailers)?,
        to_json(&work.keywords)?,
        to_json(&work.companies)?,
        to_json(&work.countries)?,
        work.budget,
        work.revenue,
        work.seasons,
        work.episodes,
        work.last_air_date,
        work.next_air_date,
        to_json(&work.networks)?,
        to_json(&work.created_by)?,
        work.collection,
        to_json(&work.providers)?,
        to_json(&work.cast)?,
        to_json(&work.crew)?,
        schema_version,
    ])?;
    Ok(())
}

fn put_similar(db: &Connection, id: i64, work: &Work) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM similar_works WHERE work_id = ?1")?.execute([id])?;
    let mut insert = db.prepare_cached(
        "REPLACE INTO similar_works (work_id, source, rank, similar_work_id, title)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for similar in &work.similar {
        let other = signed(similar.tmdb_id);
        let other = if similar.kind == "tv" { -other } else { other };
        insert.execute(params![id, similar.source, similar.rank, other, similar.title])?;
    }
    Ok(())
}

fn put_person(db: &Connection, person: &Person) -> Result<(), Fault> {
    let also_known_as = to_json(&person.also_known_as)?;
    let names = format!("{} {also_known_as}", person.name);
    names::put_person(db, signed(person.tmdb_id), &names)?;
    db.prepare_cached(
        "REPLACE INTO people
             (person_id, imdb_id, name, also_known_as, biography, birthday, deathday,
              place_of_birth, known_for_department, gender, popularity, profile_path, adult,
              last_refreshed_at, credits)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params![
        signed(person.tmdb_id),
        person.imdb_id,
        person.name,
        also_known_as,
        person.biography,
        person.birthday,
        person.deathday,
        person.place_of_birth,
        person.known_for_department,
        person.gender,
        person.popularity,
        person.profile_path,
        person.adult,
        person.last_refreshed_at.as_millis(),
        to_json(&person.credits)?,
    ])?;
    Ok(())
}

fn put_thing(
    db: &Connection,
    key: &Key,
    name: Option<&str>,
    fetched_at: Timestamp,
) -> Result<(), Fault> {
    names::put_thing(db, key, name)?;
    let [kind, id, season, episode] = key_columns(key);
    db.prepare_cached(
        "REPLACE INTO things (kind, id, season, episode, name, last_refreshed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![kind, id, season, episode, name, fetched_at.as_millis()])?;
    Ok(())
}
