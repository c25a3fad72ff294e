//! Drops what may not be kept any longer, a bounded number of rows at a time.
//!
//! A dictionary that no body needs and that is not its kind's newest goes too.
//! One that is too old itself is retired: what it compressed is packed anew,
//! and then it goes, even if it was the newest.

use std::sync::Arc;

use domain::StoreError;
use domain::archive::{PurgeTerms, Purged};

use super::bodies::Packed;
use super::packing::Packing;
use super::{Archive, Place, Repacked, VersionRow, blocking};

/// Objects to delete in one go.
const OBJECTS: usize = 500;

impl Archive {
    pub(super) async fn purge_some(
        &self,
        terms: &PurgeTerms,
        limit: usize,
    ) -> Result<Purged, StoreError> {
        let expired = self.index.expired(terms, limit).await?;
        let packing = self.dictionaries.newest(&*self.index).await?;
        let mut repacked = vec![];
        if packing.state() == expired.dictionaries {
            repacked = self.repack(&packing, &expired.repacking).await?;
        }
        let purged = self.index.drop_expired(&expired, repacked).await?;
        while self.sweep().await {}
        Ok(purged)
    }

    /// Packs bodies anew with what is written with now.
    pub(super) async fn repack(
        &self,
        packing: &Arc<Packing>,
        rows: &[VersionRow],
    ) -> Result<Vec<Repacked>, StoreError> {
        let mut bodies = vec![];
        for (row, body) in rows.iter().zip(self.unpack(rows).await?) {
            let body = match body {
                Ok(body) => body,
                // Replaced in between, unless it is damaged.
                Err(_unreadable) => match self.read(row.record.key, Some(row.number)).await? {
                    Some(record) if record.hash == row.record.hash => record.body,
                    _ => continue,
                },
            };
            bodies.push((row.clone(), body));
        }
        let packing = Arc::clone(packing);
        let pack = move || -> Vec<_> {
            let bodies = bodies.into_iter();
            bodies.map(|(row, body)| (packing.pack(row.record.key.kind(), &body), row)).collect()
        };
        let mut packed = blocking(pack).await;
        let bodies = packed.iter_mut().map(|(stored, row)| Packed::of_row(row, stored));
        let settled = self.bodies.settle(bodies.collect()).await;
        let repacked: Vec<_> = packed
            .into_iter()
            .map(|(stored, row)| Repacked {
                key: row.record.key,
                version: row.number,
                hash: row.record.hash,
                stored,
            })
            .collect();
        if let Err(error) = settled {
            self.delete(self.names(&repacked)).await;
            return Err(error);
        }
        Ok(repacked)
    }

    fn names(&self, repacked: &[Repacked]) -> Vec<String> {
        let Some(objects) = self.bodies.objects() else { return vec![] };
        let name = |body: &Repacked| match &body.stored.place {
            Place::Object(object) => Some(objects.name(&body.key, body.version, object)),
            Place::Row(_) => None,
        };
        repacked.iter().filter_map(name).collect()
    }

    /// Deletes objects that no row names any more, some of them. Returns whether
    /// there may be others. What fails is only told: the next one goes on with it.
    pub(super) async fn sweep(&self) -> bool {
        let Some(objects) = self.bodies.objects() else { return false };
        let swept = async {
            let names = self.index.discarded(OBJECTS).await?;
            if !names.is_empty() {
                objects.delete(&names).await?;
                self.index.forget_discarded(&names).await?;
            }
            Ok::<_, StoreError>(names.len() == OBJECTS)
        };
        swept.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "discarded objects were not deleted, and will be later");
            false
        })
    }
}
