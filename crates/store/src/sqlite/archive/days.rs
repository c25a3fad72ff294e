//! Calendar days as columns: a number from 1970 on, or a text where people read it.

use jiff::civil::Date;
use rusqlite::Row;

use super::Fault;
use crate::archive::days;

pub(super) fn date_at(row: &Row<'_>, column: usize) -> Result<Option<Date>, Fault> {
    Ok(row.get::<_, Option<i64>>(column)?.map(days::from_number).transpose()?)
}

/// Reads `YYYY-MM-DD`.
pub(super) fn text_at(row: &Row<'_>, column: usize) -> Result<Option<Date>, Fault> {
    let text: Option<String> = row.get(column)?;
    let date = text.map(|text| text.parse());
    date.transpose().map_err(|error| Fault::corrupt(format!("column {column}: {error}")))
}
