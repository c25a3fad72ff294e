//! Popularity moves without a new record.

use domain::Kind;
use rusqlite::{Connection, params};

use super::Fault;
use crate::sqlite::columns::signed;

/// Sorted, and without what is no number, before the one thread that writes has it.
pub(super) fn sorted(moved: &[(u64, f32)]) -> Vec<(u64, f64)> {
    let exact = |popularity: f32| {
        // As it was written: 0.1 stays 0.1 and equals that of the record.
        popularity.to_string().parse::<f64>().unwrap_or_else(|_never| popularity.into())
    };
    let numbers = moved.iter().filter(|(_, popularity)| popularity.is_finite());
    let mut moved: Vec<_> = numbers.map(|(id, popularity)| (*id, exact(*popularity))).collect();
    moved.sort_unstable_by_key(|(id, _)| *id);
    moved
}

/// Neither the card nor the text index has it: one column moves.
pub(super) fn shift(db: &Connection, kind: Kind, moved: &[(u64, f64)]) -> Result<(), Fault> {
    let sql = match kind {
        Kind::Movie | Kind::Tv => {
            "UPDATE works SET popularity = ?2 WHERE work_id = ?1 AND popularity <> ?2"
        }
        Kind::Person => {
            "UPDATE people SET popularity = ?2 WHERE person_id = ?1 AND popularity <> ?2"
        }
        _ => return Ok(()),
    };
    let mut update = db.prepare_cached(sql)?;
    for (id, popularity) in moved {
        let id = if kind == Kind::Tv { -signed(*id) } else { signed(*id) };
        update.execute(params![id, popularity])?;
    }
    Ok(())
}
