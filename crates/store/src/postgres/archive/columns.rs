//! Versions, bodies and heads as columns, for a batch in one statement.

use std::fmt::Display;

use bytes::Bytes;
use domain::record::ContentHash;
use domain::{Key, Record};
use jiff::civil::Date;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::archive::{Place, Stored};
use crate::postgres::connection::Value;
use crate::postgres::fault::Fault;
use crate::postgres::queries::Queries;
use crate::postgres::values::{Keys, instant, limit};

/// Versions of keys.
#[derive(Default)]
pub(super) struct Numbered {
    pub(super) keys: Keys,
    pub(super) numbers: Vec<i32>,
}

impl Numbered {
    pub(super) fn push(&mut self, key: &Key, version: u32) {
        self.keys.push(key);
        self.numbers.push(small(version));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Five columns: kind, id, season, episode, version.
    pub(super) fn values(&self) -> Vec<Value<'_>> {
        with(&self.keys, [(&self.numbers as _, Type::INT4_ARRAY)])
    }
}

/// Where bodies lie.
#[derive(Default)]
pub(super) struct Places<'a> {
    stored: Vec<Option<&'a [u8]>>,
    objects: Vec<Option<&'a str>>,
}

impl<'a> Places<'a> {
    /// Adds a place, or a gap.
    pub(super) fn push(&mut self, place: Option<&'a Place>) {
        let (stored, object) = match place {
            Some(Place::Row(bytes)) => (Some(&bytes[..]), None),
            Some(Place::Object(object)) => (None, Some(object.as_str())),
            None => (None, None),
        };
        self.stored.push(stored);
        self.objects.push(object);
    }

    /// Two columns: stored, object.
    pub(super) fn values(&self) -> [Value<'_>; 2] {
        [(&self.stored, Type::BYTEA_ARRAY), (&self.objects, Type::TEXT_ARRAY)]
    }
}

/// Bodies, packed.
#[derive(Default)]
pub(super) struct Bodies<'a> {
    places: Places<'a>,
    bytes: Vec<i64>,
    dictionaries: Vec<Option<i64>>,
    are_patches: Vec<bool>,
}

impl<'a> Bodies<'a> {
    /// Adds a body, or a gap where the one that is there stays.
    pub(super) fn push(&mut self, body: Option<&'a Stored>) {
        self.places.push(body.map(|body| &body.place));
        self.bytes.push(body.map_or(0, |body| limit(body.bytes)));
        self.dictionaries.push(body.and_then(|body| body.dictionary));
        self.are_patches.push(body.is_some_and(|body| body.is_patch));
    }

    /// Five columns: stored, object, `stored_bytes`, `dictionary_id`, patched.
    pub(super) fn values(&self) -> Vec<Value<'_>> {
        let more: [Value<'_>; 3] = [
            (&self.bytes, Type::INT8_ARRAY),
            (&self.dictionaries, Type::INT8_ARRAY),
            (&self.are_patches, Type::BOOL_ARRAY),
        ];
        self.places.values().into_iter().chain(more).collect()
    }
}

/// Versions as records make them.
#[derive(Default)]
pub(super) struct Versions<'a> {
    numbered: Numbered,
    bodies: Bodies<'a>,
    fetched_at: Vec<jiff::Timestamp>,
    hashes: Vec<&'a [u8]>,
    schemas: Vec<i32>,
    body_bytes: Vec<i64>,
    query_ids: Vec<Option<i64>>,
    paths: Vec<Option<&'a str>>,
}

impl<'a> Versions<'a> {
    /// Adds a version; one without a body keeps that which it has.
    pub(super) fn push(
        &mut self,
        (record, body_bytes): (&'a Record, usize),
        version: u32,
        body: Option<&'a Stored>,
        queries: &Queries,
    ) {
        let (path, query_id) = queries.split(&record.asked);
        self.numbered.push(&record.key, version);
        self.bodies.push(body);
        self.fetched_at.push(instant(record.fetched_at));
        self.hashes.push(&record.hash.0);
        self.schemas.push(small(record.schema_version));
        self.body_bytes.push(limit(body_bytes));
        self.query_ids.push(query_id);
        self.paths.push(Some(path).filter(|path| !is_path_of(&record.key, path)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbered.is_empty()
    }

    /// The columns that [`new_versions`] names.
    pub(super) fn values(&self) -> Vec<Value<'_>> {
        let mut values = self.numbered.values();
        values.extend(self.bodies.values());
        values.extend([
            (&self.fetched_at as _, Type::TIMESTAMPTZ_ARRAY),
            (&self.hashes as _, Type::BYTEA_ARRAY),
            (&self.schemas as _, Type::INT4_ARRAY),
            (&self.body_bytes as _, Type::INT8_ARRAY),
            (&self.query_ids as _, Type::INT8_ARRAY),
            (&self.paths as _, Type::TEXT_ARRAY),
        ]);
        values
    }
}

/// [`Versions`] as a table `n`.
macro_rules! new_versions {
    () => {
        "UNNEST($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             AS n (kind, id, season, episode, version, stored, object, stored_bytes,
                   dictionary_id, patched, fetched_at, hash, schema_version, body_bytes,
                   query_id, asked_path)"
    };
}
pub(super) use new_versions;

fn is_path_of(key: &Key, path: &str) -> bool {
    *path == key.to_string()
}

/// The columns of keys, and more.
pub(super) fn with<'a>(
    keys: &'a Keys,
    more: impl IntoIterator<Item = Value<'a>>,
) -> Vec<Value<'a>> {
    keys.values().into_iter().chain(more).collect()
}

/// What belongs to a row that says its place, counted from 1.
pub(super) fn slot<'a, T>(
    slots: &'a mut [T],
    row: &Row,
    column: usize,
) -> Result<&'a mut T, Fault> {
    let place: i64 = row.try_get(column)?;
    let place = usize::try_from(place - 1).ok();
    let slot = place.and_then(|place| slots.get_mut(place));
    slot.ok_or_else(|| Fault::corrupt("an answer to what was not asked"))
}

/// Numbers that count from 0 and never get large.
pub(super) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(super) fn small_at(row: &Row, column: usize) -> Result<u32, Fault> {
    let number: i32 = row.try_get(column)?;
    u32::try_from(number).map_err(|error| Fault::corrupt(format!("{number}: {error}")))
}

pub(super) fn size_at(row: &Row, column: usize) -> Result<usize, Fault> {
    Ok(usize::try_from(row.try_get::<_, i64>(column)?).unwrap_or_default())
}

pub(super) fn bytes_at(row: &Row, column: usize) -> Result<Option<Bytes>, Fault> {
    Ok(row.try_get::<_, Option<&[u8]>>(column)?.map(Bytes::copy_from_slice))
}

pub(super) fn hash_at(row: &Row, column: usize) -> Result<ContentHash, Fault> {
    let bytes: &[u8] = row.try_get(column)?;
    let hash: Result<[u8; 32], _> = bytes.try_into();
    hash.map(ContentHash).map_err(|error| Fault::corrupt(format!("a hash: {error}")))
}

/// A day as a `date` takes it: PostgreSQL's calendar begins in 4713 before Christ.
pub(super) fn day(day: Option<Date>) -> Option<Date> {
    day.filter(|day| day.year() >= 0)
}

/// Reads five columns: stored, object, `stored_bytes`, `dictionary_id`, patched.
pub(super) fn stored_at(row: &Row, first: usize, of: &impl Display) -> Result<Stored, Fault> {
    let object: Option<String> = row.try_get(first + 1)?;
    let place = match (bytes_at(row, first)?, object) {
        (_, Some(object)) => Place::Object(object),
        (Some(bytes), None) => Place::Row(bytes),
        (None, None) => return Err(Fault::corrupt(format!("a version of {of} has no body"))),
    };
    Ok(Stored {
        place,
        bytes: size_at(row, first + 2)?,
        dictionary: row.try_get(first + 3)?,
        is_patch: row.try_get(first + 4)?,
    })
}
