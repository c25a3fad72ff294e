//! Rows made from records go.

use domain::Key;
use rusqlite::{Connection, params};

use super::{Fault, external, names, work_id};
use crate::sqlite::columns::{key_columns, signed};

/// Lists stay, and so do imported ratings: they are not made from records.
pub(super) fn clear(db: &Connection) -> Result<(), Fault> {
    db.execute_batch(
        "DELETE FROM works;
         DELETE FROM works_meta;
         DELETE FROM rating_sources;
         DELETE FROM aggregates;
         DELETE FROM similar_works;
         DELETE FROM work_cards;
         DELETE FROM people;
         DELETE FROM things;
         DELETE FROM facets;
         DELETE FROM external_ids;
         INSERT INTO work_texts (work_texts) VALUES ('delete-all');
         INSERT INTO work_names (work_names) VALUES ('delete-all');
         INSERT INTO person_names (person_names) VALUES ('delete-all');
         INSERT INTO thing_names (thing_names) VALUES ('delete-all');",
    )?;
    Ok(())
}

pub(super) fn remove(db: &Connection, keys: &[Key]) -> Result<(), Fault> {
    for key in keys {
        names::remove(db, key)?;
        external::remove(db, key)?;
        if let Some(id) = work_id(key) {
            work(db, id)?;
        } else if key.kind() == domain::Kind::Person {
            db.prepare_cached("DELETE FROM people WHERE person_id = ?1")?
                .execute([signed(key.id())])?;
        } else {
            let [kind, id, season, episode] = key_columns(key);
            db.prepare_cached(
                "DELETE FROM things
                 WHERE kind = ?1 AND id = ?2 AND season = ?3 AND episode = ?4",
            )?
            .execute(params![kind, id, season, episode])?;
        }
    }
    Ok(())
}

/// What other titles say of it in `similar_works` is of their records.
fn work(db: &Connection, id: i64) -> Result<(), Fault> {
    for sql in [
        "DELETE FROM work_texts WHERE rowid = ?1",
        "DELETE FROM works WHERE work_id = ?1",
        "DELETE FROM works_meta WHERE work_id = ?1",
        "DELETE FROM rating_sources WHERE work_id = ?1",
        "DELETE FROM aggregates WHERE work_id = ?1",
        "DELETE FROM similar_works WHERE work_id = ?1",
        "DELETE FROM work_cards WHERE work_id = ?1",
        "DELETE FROM facets WHERE work_id = ?1",
    ] {
        db.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}
