//! Between the domain's values and SQLite's columns.

use domain::{Key, Kind, Timestamp};
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;

pub(super) use crate::stored::{limit, signed, unsigned};

/// Kind, id, season and episode, -1 where there is none.
pub(super) fn key_columns(key: &Key) -> [i64; 4] {
    let number = |number: Option<u32>| number.map_or(-1, i64::from);
    [
        i64::from(key.kind().number()),
        signed(key.id()),
        number(key.season_number()),
        number(key.episode_number()),
    ]
}

/// Reads what [`key_columns`] wrote, from the column `first` on.
pub(super) fn key_at(row: &Row<'_>, first: usize) -> Result<Key, Fault> {
    let kind = kind_at(row, first)?;
    let id = unsigned(row.get(first + 1)?);
    let season = u32::try_from(row.get::<_, i64>(first + 2)?).ok();
    let episode = u32::try_from(row.get::<_, i64>(first + 3)?).ok();
    Key::new(kind, id, season, episode).map_err(|error| Fault::corrupt(error.to_string()))
}

pub(super) fn kind_at(row: &Row<'_>, column: usize) -> Result<Kind, Fault> {
    let number: u8 = row.get(column)?;
    Kind::from_number(number).ok_or_else(|| Fault::corrupt(format!("there is no kind {number}")))
}

pub(super) fn time_at(row: &Row<'_>, column: usize) -> Result<Timestamp, Fault> {
    Ok(Timestamp::from_millis(row.get(column)?))
}

pub(super) fn maybe_time_at(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>, Fault> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis))
}

pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::corrupt(error.to_string()))
}

pub(super) fn json_at<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Fault> {
    let text = row.get_ref(column)?.as_bytes_or_null().map_err(rusqlite::Error::from);
    let text = text?.unwrap_or(b"null");
    serde_json::from_slice(text).map_err(|error| {
        Fault::corrupt(format!("column {column} holds no JSON of the right kind: {error}"))
    })
}
