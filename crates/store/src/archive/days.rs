//! Calendar days as numbers from 1970 on.

use domain::StoreError;
use jiff::civil::Date;
use jiff::{Span, Unit};

const EPOCH: Date = Date::constant(1970, 1, 1);

pub(crate) fn number(day: Date) -> i64 {
    EPOCH.until((Unit::Day, day)).map_or(0, |span| span.get_days().into())
}

/// The inverse of [`number`].
pub(crate) fn from_number(number: i64) -> Result<Date, StoreError> {
    let span = Span::new().try_days(number);
    span.and_then(|span| EPOCH.checked_add(span))
        .map_err(|error| StoreError::Corrupt(format!("day {number} is no date: {error}")))
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
