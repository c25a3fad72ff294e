//! Calendar days as columns: a number from 1970 on, or a text where people read it.

use jiff::civil::Date;
use jiff::{Span, Unit};
use rusqlite::Row;

use super::Fault;

const EPOCH: Date = Date::constant(1970, 1, 1);

pub(super) fn number(day: Date) -> i64 {
    EPOCH.until((Unit::Day, day)).map_or(0, |span| span.get_days().into())
}

/// The inverse of [`number`].
pub(super) fn from_number(number: i64) -> Result<Date, Fault> {
    let span = Span::new().try_days(number);
    span.and_then(|span| EPOCH.checked_add(span))
        .map_err(|error| Fault::corrupt(format!("day {number} is no date: {error}")))
}

pub(super) fn date_at(row: &Row<'_>, column: usize) -> Result<Option<Date>, Fault> {
    row.get::<_, Option<i64>>(column)?.map(from_number).transpose()
}

/// Reads `YYYY-MM-DD`.
pub(super) fn text_at(row: &Row<'_>, column: usize) -> Result<Option<Date>, Fault> {
    let text: Option<String> = row.get(column)?;
    let date = text.map(|text| text.parse());
    date.transpose().map_err(|error| Fault::corrupt(format!("column {column}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_comes_back_from_its_number() {
        for (text, wanted) in [("1970-01-01", 0), ("1969-12-31", -1), ("2026-06-01", 20_605)] {
            let day: Date = text.parse().unwrap();
            assert_eq!((number(day), from_number(wanted).unwrap()), (wanted, day));
        }
    }
}
