//! Where bodies lie: in the row, or in an object store that the row names.

use std::sync::Arc;

use bytes::Bytes;
use domain::{Key, Record, StoreError, Timestamp};
use futures_util::stream::{self, StreamExt};

use super::{Place, Stored, VersionRow};
use crate::OpenError;
use crate::objects::{ObjectHeader, Objects};

/// Objects that one verb reads or writes at a time.
const AT_A_TIME: usize = 16;

/// Where bodies lie.
#[derive(Clone)]
pub(crate) enum Bodies {
    Rows,
    Objects(Arc<Objects>),
    /// In the row, but for those that lie in an object store still.
    RowsFrom(Arc<Objects>),
}

impl Bodies {
    /// As is configured.
    pub(crate) fn open(configured: &crate::Bodies) -> Result<Self, OpenError> {
        let open = |url: &str| match url {
            crate::Bodies::IN_DATABASE => Ok(None),
            url => Objects::open(url, &configured.aws).map(Some),
        };
        let earlier = configured.earlier_url.as_deref().map(open).transpose()?.flatten();
        Ok(match (open(&configured.url)?, earlier) {
            (Some(objects), earlier) => Self::Objects(Arc::new(objects.after(earlier))),
            (None, Some(earlier)) => Self::RowsFrom(Arc::new(earlier)),
            (None, None) => Self::Rows,
        })
    }

    /// The object store that there is.
    pub(super) fn objects(&self) -> Option<&Arc<Objects>> {
        match self {
            Self::Rows => None,
            Self::Objects(objects) | Self::RowsFrom(objects) => Some(objects),
        }
    }

    /// Reads the stored bytes of each version. What is missing or damaged is an
    /// error of that version alone.
    pub(super) async fn read(
        &self,
        rows: impl IntoIterator<Item = &VersionRow>,
    ) -> Result<Vec<Result<Bytes, StoreError>>, StoreError> {
        if matches!(self, Self::Rows) {
            let in_row = |row: &VersionRow| match &row.stored.place {
                Place::Row(bytes) => Ok(Ok(bytes.clone())),
                Place::Object(_) => Err(unknown_store(&row.record.key, row.number)),
            };
            return rows.into_iter().map(in_row).collect();
        }
        let reads = rows.into_iter().map(|row| self.read_one(row));
        let reads: Vec<_> = reads.collect();
        let read: Vec<_> = stream::iter(reads).buffered(AT_A_TIME).collect().await;
        let only_damage = |read| match read {
            Err(error @ StoreError::Corrupt(_)) => Ok(Err(error)),
            Err(error) => Err(error),
            Ok(bytes) => Ok(Ok(bytes)),
        };
        read.into_iter().map(only_damage).collect()
    }

    fn read_one(
        &self,
        row: &VersionRow,
    ) -> impl Future<Output = Result<Bytes, StoreError>> + Send + use<> {
        let (key, version, place) = (row.record.key, row.number, row.stored.place.clone());
        let objects = self.objects().cloned();
        async move {
            match (place, objects) {
                (Place::Row(bytes), _) => Ok(bytes),
                (Place::Object(object), Some(objects)) => objects.get(&key, version, &object).await,
                (Place::Object(_), None) => Err(unknown_store(&key, version)),
            }
        }
    }

    /// Gives bodies that were just packed the place where bodies lie.
    pub(super) async fn settle(&self, bodies: Vec<Packed<'_>>) -> Result<(), StoreError> {
        let Self::Objects(objects) = self else { return Ok(()) };
        let writes = bodies.into_iter().map(|Packed { header, stored }| {
            let objects = Arc::clone(objects);
            async move {
                if let Place::Row(bytes) = &stored.place {
                    stored.place = Place::Object(objects.put(&header, bytes.clone()).await?);
                }
                Ok(())
            }
        });
        let writes: Vec<_> = writes.collect();
        let written: Vec<_> = stream::iter(writes).buffer_unordered(AT_A_TIME).collect().await;
        written.into_iter().collect()
    }
}

fn unknown_store(key: &Key, version: u32) -> StoreError {
    StoreError::Misconfigured(format!(
        "the body of version {version} of {key} lies in an object store, and none is configured: \
         set archive.url to where it was written, or archive.earlier_url"
    ))
}

/// A body that was just packed, and what an object would tell of it.
pub(super) struct Packed<'a> {
    header: ObjectHeader,
    stored: &'a mut Stored,
}

impl<'a> Packed<'a> {
    /// The body of a record, which becomes a version.
    pub(super) fn of_record(
        record: &Record,
        body_bytes: usize,
        version: u32,
        valid_from: Timestamp,
        stored: &'a mut Stored,
    ) -> Self {
        let header = ObjectHeader {
            key: record.key,
            version,
            valid_from,
            fetched_at: record.fetched_at,
            asked: record.asked.clone(),
            hash: record.hash,
            schema_version: record.schema_version,
            body_bytes,
            dictionary: stored.dictionary,
            is_patch: stored.is_patch,
        };
        Self { header, stored }
    }

    /// The body of a version, stored in another way.
    pub(super) fn of_row(row: &VersionRow, stored: &'a mut Stored) -> Self {
        Self::of_record(&row.record, row.body_bytes, row.number, row.valid_from, stored)
    }
}
