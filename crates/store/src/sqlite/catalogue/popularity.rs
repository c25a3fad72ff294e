//! Popularity moves without a new record.

use domain::Kind;
use rusqlite::{Connection, params};

use super::Fault;
use crate::sqlite::columns::signed;

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
