//! Hashes of tables, to compare two states.

use blake3::Hasher;
use domain::StoreError;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::Database;
use super::columns::limit;
use super::fault::Fault;
use crate::stored::Fingerprint;

/// Each table with its rows in the order of their keys, without what depends on
/// when and by whom they were written.
const TABLES: [(&str, &str); 20] = [
    (
        "tasks",
        "SELECT kind, id, season, episode, priority, attempts, source, last_error FROM tasks
         ORDER BY kind, id, season, episode",
    ),
    (
        "dead_letters",
        "SELECT kind, id, season, episode, priority, class, error, attempts, source, body
         FROM dead_letters ORDER BY kind, id, season, episode",
    ),
    (
        "versions",
        "SELECT kind, id, season, episode, version, hash, schema_version, body_bytes, asked_path,
                query
         FROM versions LEFT JOIN queries USING (query_id)
         ORDER BY kind, id, season, episode, version",
    ),
    (
        "bodies",
        "SELECT kind, id, season, episode, version, length(stored) = stored_bytes
         FROM bodies LEFT JOIN versions USING (body_id)
         ORDER BY kind, id, season, episode, version",
    ),
    // Without figures: an export and a record know them with different exactness.
    (
        "heads",
        "SELECT kind, id, season, episode, version, hash, schema_version, released, airs, is_open
         FROM heads ORDER BY kind, id, season, episode",
    ),
    ("series", "SELECT kind, block, points FROM series ORDER BY day, kind, block"),
    (
        "evidence",
        "SELECT kind, id, season, episode, not_found_at IS NULL, unlisted_by, unlisted_on
         FROM evidence ORDER BY kind, id, season, episode",
    ),
    (
        "tombstones",
        "SELECT kind, id, season, episode, not_found_at IS NULL, unlisted_by, unlisted_on,
                successor, confidence, likeness, has_records
         FROM tombstones ORDER BY kind, id, season, episode",
    ),
    ("dictionaries", "SELECT kind, retired, dictionary FROM dictionaries ORDER BY dictionary_id"),
    (
        "works",
        "SELECT work_id, kind, tmdb_id, imdb_id, title, original_title, original_language, year,
                release_date, runtime_minutes, genres, genre_words, vote_average, vote_count,
                popularity, adult, text_hash, score
         FROM works ORDER BY work_id",
    ),
    ("work_texts", "SELECT rowid FROM work_texts ORDER BY rowid"),
    ("works_meta", "SELECT * FROM works_meta ORDER BY work_id"),
    (
        "rating_sources",
        "SELECT work_id, source_name, value_raw, scale, value_0_100, votes_count
         FROM rating_sources ORDER BY work_id, source_name",
    ),
    (
        "aggregates",
        "SELECT work_id, method_version, score, score_low, score_high, source_scores
         FROM aggregates ORDER BY work_id",
    ),
    (
        "imported_ratings",
        "SELECT title_ref, source, value_raw, scale, votes FROM imported_ratings
         ORDER BY title_ref, source",
    ),
    ("similar_works", "SELECT * FROM similar_works ORDER BY work_id, source, rank"),
    ("work_cards", "SELECT * FROM work_cards ORDER BY work_id"),
    (
        "people",
        "SELECT person_id, imdb_id, name, also_known_as, biography, birthday, deathday,
                place_of_birth, known_for_department, gender, popularity, profile_path, adult,
                credits
         FROM people ORDER BY person_id",
    ),
    (
        "things",
        "SELECT kind, id, season, episode, name FROM things ORDER BY kind, id, season, episode",
    ),
    (
        "list_entries",
        "SELECT list, region, language, rank, page, kind, id, season, episode
         FROM list_entries ORDER BY list, region, language, rank",
    ),
];

pub(crate) async fn fingerprint(database: &Database) -> Result<Vec<Fingerprint>, StoreError> {
    database.read(|db| TABLES.iter().map(|(table, sql)| of(db, table, sql)).collect()).await
}

fn of(db: &Connection, table: &str, sql: &str) -> Result<Fingerprint, Fault> {
    let mut select = db.prepare(sql)?;
    let columns = select.column_count();
    let mut found = select.query([])?;
    let mut hasher = Hasher::new();
    let mut rows = 0;
    while let Some(row) = found.next()? {
        rows += 1;
        for column in 0..columns {
            add(&mut hasher, row.get_ref(column)?);
        }
    }
    let hash = hasher.finalize().to_hex().to_string();
    Ok(Fingerprint { table: table.to_owned(), rows, hash })
}

/// Types and lengths too, so that no two rows read alike.
fn add(hasher: &mut Hasher, value: ValueRef<'_>) {
    let mut bytes = |tag: u8, bytes: &[u8]| {
        hasher.update(&[tag]);
        hasher.update(&limit(bytes.len()).to_le_bytes());
        hasher.update(bytes);
    };
    match value {
        ValueRef::Null => bytes(0, &[]),
        ValueRef::Integer(number) => bytes(1, &number.to_le_bytes()),
        ValueRef::Real(number) => bytes(2, &number.to_bits().to_le_bytes()),
        ValueRef::Text(text) => bytes(3, text),
        ValueRef::Blob(blob) => bytes(4, blob),
    }
}
