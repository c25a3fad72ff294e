//! Versions become records again; see [`super::plan`] for how they are stored.
//!
//! A body may be replaced, and its object deleted, between reading the row that
//! names it and reading the body itself. So what cannot be read is damaged only
//! where its row still says the same.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use domain::archive::Scan;
use domain::staleness::Freshness;
use domain::{Key, Record, StoreError};

use super::packing::Packing;
use super::{Archive, VersionRow, blocking};

/// Bodies of so many bytes take less to unpack than to hand to another thread and back.
const SHORT: usize = 32 << 10;

impl Archive {
    /// Reads a version, or the newest.
    pub(super) async fn read(
        &self,
        key: Key,
        version: Option<u32>,
    ) -> Result<Option<Record>, StoreError> {
        let rows = self.rows(key, version).await?;
        self.read_from(key, version, rows).await
    }

    /// Reads the newest version, and what the rules of staleness need of it.
    pub(super) async fn read_current(
        &self,
        key: Key,
    ) -> Result<Option<(Record, Freshness)>, StoreError> {
        let Some((row, freshness)) = self.index.current(key).await? else { return Ok(None) };
        let record = self.read_from(key, None, vec![row]).await?;
        Ok(record.map(|record| (record, freshness)))
    }

    /// Reads a version, or the newest, that rows told of a moment ago.
    pub(super) async fn read_from(
        &self,
        key: Key,
        version: Option<u32>,
        mut rows: Vec<VersionRow>,
    ) -> Result<Option<Record>, StoreError> {
        let mut packing = self.dictionaries.for_reading(&*self.index, &rows).await?;
        loop {
            let error = match self.unfold(&packing, &rows).await {
                Err(error @ (StoreError::Corrupt(_) | StoreError::Misconfigured(_))) => error,
                read => return read,
            };
            let rows_now = self.rows(key, version).await?;
            let packing_now = self.dictionaries.newest(&*self.index).await?;
            let is_same = packing_now.state() == packing.state() && same(&rows, &rows_now);
            if is_same {
                return Err(error);
            }
            (rows, packing) = (rows_now, packing_now);
        }
    }

    /// A version, and those that its patch is on.
    pub(super) async fn rows(
        &self,
        key: Key,
        version: Option<u32>,
    ) -> Result<Vec<VersionRow>, StoreError> {
        match version {
            Some(version) => self.index.chain(key, version).await,
            None => Ok(self.index.newest(key).await?.into_iter().collect()),
        }
    }

    pub(super) async fn unfold(
        &self,
        packing: &Arc<Packing>,
        rows: &[VersionRow],
    ) -> Result<Option<Record>, StoreError> {
        let stored = self.bodies.read(rows).await?;
        let stored: Vec<_> = stored.into_iter().collect::<Result<_, _>>()?;
        if rows.iter().map(|row| row.body_bytes).sum::<usize>() <= SHORT {
            return unfold(packing, rows, &stored);
        }
        let (packing, rows) = (Arc::clone(packing), rows.to_vec());
        blocking(move || unfold(&packing, &rows, &stored)).await
    }

    /// Reads the newest versions of keys, in the order asked.
    pub(super) async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Record>>, StoreError> {
        if keys.is_empty() {
            return Ok(vec![]);
        }
        let rows = self.index.newest_of(keys).await?;
        let bodies = self.unpack(&rows).await?;
        let mut records = HashMap::new();
        for (row, body) in rows.into_iter().zip(bodies) {
            let key = row.record.key;
            let record = match body {
                Ok(body) => Some(Record { body, ..row.record }),
                Err(_unreadable) => self.read(key, None).await?,
            };
            records.insert(key, record);
        }
        Ok(keys.iter().map(|key| records.get(key).cloned().flatten()).collect())
    }

    /// Reads newest versions; one that cannot be read at first may have been replaced.
    pub(super) async fn read_page(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
        let mut records = vec![];
        let mut rest = scan;
        loop {
            let rows = self.index.scan(rest).await?;
            let is_end = rows.len() < rest.limit;
            rest.after = rows.last().map(|row| row.record.key).or(rest.after);
            let bodies = self.unpack(&rows).await?;
            for (row, body) in rows.into_iter().zip(bodies) {
                match body {
                    Ok(body) => records.push(Record { body, ..row.record }),
                    Err(_unreadable) => records.extend(self.read(row.record.key, None).await?),
                }
            }
            // Those that were dropped in between leave room for others.
            rest.limit = scan.limit - records.len();
            if is_end || rest.limit == 0 {
                return Ok(records);
            }
        }
    }

    /// Reads the bodies of versions that are whole.
    pub(super) async fn unpack(
        &self,
        rows: &[VersionRow],
    ) -> Result<Vec<Result<Bytes, StoreError>>, StoreError> {
        let packing = self.dictionaries.for_reading(&*self.index, rows).await?;
        let stored = self.bodies.read(rows).await?;
        let rows = rows.to_vec();
        let unpacked = blocking(move || {
            let rows = rows.iter().zip(stored);
            rows.map(|(row, stored)| whole(&packing, row, &stored?)).collect()
        });
        Ok(unpacked.await)
    }
}

/// Whether versions are stored as they were.
fn same(before: &[VersionRow], now: &[VersionRow]) -> bool {
    let rows = before.iter().zip(now);
    before.len() == now.len()
        && rows.into_iter().all(|(before, now)| {
            (before.number, &before.stored.place) == (now.number, &now.stored.place)
        })
}

/// The first version of a chain as a record.
fn unfold(
    packing: &Packing,
    rows: &[VersionRow],
    stored: &[Bytes],
) -> Result<Option<Record>, StoreError> {
    let mut chain = rows.iter().zip(stored).rev();
    let Some((last, bytes)) = chain.next() else { return Ok(None) };
    if last.stored.is_patch {
        return Err(unreadable(last, "the version that its patch is on is missing"));
    }
    let mut body = whole(packing, last, bytes)?;
    for (row, patch) in chain {
        body = apply(row, &body, patch)?;
    }
    let Some(wanted) = rows.first() else { return Ok(None) };
    if wanted.stored.is_patch && blake3::hash(&body) != wanted.record.hash.0 {
        return Err(unreadable(wanted, "its patches give another body"));
    }
    Ok(Some(Record { body, ..wanted.record.clone() }))
}

/// The body of a version that is stored whole.
pub(super) fn whole(
    packing: &Packing,
    row: &VersionRow,
    stored: &[u8],
) -> Result<Bytes, StoreError> {
    let body = packing.unpack(row.record.key.kind(), stored);
    checked(row, body.map_err(|error| unreadable(row, &error.to_string()))?)
}

/// The body of a version that is a patch on another.
pub(super) fn apply(row: &VersionRow, base: &[u8], patch: &[u8]) -> Result<Bytes, StoreError> {
    let body = records::unpatch(base, patch, row.body_bytes);
    checked(row, body.map_err(|error| unreadable(row, &error.to_string()))?)
}

fn checked(row: &VersionRow, body: Bytes) -> Result<Bytes, StoreError> {
    if body.len() == row.body_bytes {
        return Ok(body);
    }
    Err(unreadable(row, &format!("{} bytes are not its length", body.len())))
}

fn unreadable(row: &VersionRow, why: &str) -> StoreError {
    StoreError::Corrupt(format!("the body of {}: {why}", row.record.key))
}
