//! The columns of every table: name, value, and what it says.

pub(crate) mod credits;
pub(crate) mod lists;
pub(crate) mod parts;
pub(crate) mod people;
pub(crate) mod removed;
pub(crate) mod series;
pub(crate) mod works;

use jiff::civil::Date;

/// A date as the catalogue has it, `YYYY-MM-DD`. One that is no date is left out.
fn day(text: Option<&String>) -> Option<Date> {
    text?.parse().ok()
}

/// A count that SQL's integers hold.
fn long(count: u64) -> Option<i64> {
    i64::try_from(count).ok()
}

fn int(count: u32) -> Option<i32> {
    i32::try_from(count).ok()
}
