//! Between the domain's values and PostgreSQL's columns.

use domain::{Key, Kind, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::connection::Value;
use super::fault::Fault;

pub(super) use crate::stored::{limit, signed, unsigned};

/// An instant as a `timestamptz` takes it; what lies out of its range becomes the
/// nearest that lies within.
pub(super) fn instant(at: Timestamp) -> jiff::Timestamp {
    let nearest = if at.as_millis() < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or(nearest)
}

pub(super) fn time_at(row: &Row, column: usize) -> Result<Timestamp, Fault> {
    Ok(row.try_get::<_, jiff::Timestamp>(column)?.into())
}

pub(super) fn maybe_time_at(row: &Row, column: usize) -> Result<Option<Timestamp>, Fault> {
    Ok(row.try_get::<_, Option<jiff::Timestamp>>(column)?.map(Into::into))
}

/// The columns of a batch of keys, for
/// `UNNEST($1::int2[], $2::int8[], $3::int4[], $4::int4[]) AS k (kind, id, season, episode)`.
/// Season and episode are -1 where a key has none.
#[derive(Default)]
pub(super) struct Keys {
    pub(super) kinds: Vec<i16>,
    pub(super) ids: Vec<i64>,
    pub(super) seasons: Vec<i32>,
    pub(super) episodes: Vec<i32>,
}

impl Keys {
    pub(super) fn of<'a>(keys: impl IntoIterator<Item = &'a Key>) -> Self {
        let mut columns = Self::default();
        keys.into_iter().for_each(|key| columns.push(key));
        columns
    }

    pub(super) fn push(&mut self, key: &Key) {
        let (kind, id, season, episode) = key_columns(key);
        self.kinds.push(kind);
        self.ids.push(id);
        self.seasons.push(season);
        self.episodes.push(episode);
    }

    pub(super) fn values(&self) -> [Value<'_>; 4] {
        [
            (&self.kinds, Type::INT2_ARRAY),
            (&self.ids, Type::INT8_ARRAY),
            (&self.seasons, Type::INT4_ARRAY),
            (&self.episodes, Type::INT4_ARRAY),
        ]
    }
}

/// Kind, id, season and episode, -1 where there is none.
pub(super) fn key_columns(key: &Key) -> (i16, i64, i32, i32) {
    let number =
        |number: Option<u32>| number.map_or(-1, |number| i32::try_from(number).unwrap_or(i32::MAX));
    let kind = i16::from(key.kind().number());
    (kind, signed(key.id()), number(key.season_number()), number(key.episode_number()))
}

/// Reads what [`key_columns`] wrote, from the column `first` on.
pub(super) fn key_at(row: &Row, first: usize) -> Result<Key, Fault> {
    let kind = kind_at(row, first)?;
    let id = unsigned(row.try_get(first + 1)?);
    let season = u32::try_from(row.try_get::<_, i32>(first + 2)?).ok();
    let episode = u32::try_from(row.try_get::<_, i32>(first + 3)?).ok();
    Key::new(kind, id, season, episode).map_err(|error| Fault::corrupt(error.to_string()))
}

pub(super) fn kind_at(row: &Row, column: usize) -> Result<Kind, Fault> {
    let number: i16 = row.try_get(column)?;
    let kind = u8::try_from(number).ok().and_then(Kind::from_number);
    kind.ok_or_else(|| Fault::corrupt(format!("there is no kind {number}")))
}

/// For a `jsonb` column.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<serde_json::Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::corrupt(error.to_string()))
}

pub(super) fn json_at<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, Fault> {
    serde_json::from_value(row.try_get(column)?).map_err(|error| {
        Fault::corrupt(format!("column {column} holds no JSON of the right kind: {error}"))
    })
}
