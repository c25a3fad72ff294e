//! Hashes of tables without what depends on when and by whom, to compare two states.

use domain::StoreError;

use super::Purpose;
use super::sums::Sums;
use crate::{Fingerprint, Store};

pub(crate) async fn fingerprint(store: &Store) -> Result<Vec<Fingerprint>, StoreError> {
    let mut rows = store.rows(Purpose::Compare).await?;
    let mut sums = Sums::new(Purpose::Compare);
    while let Some(batch) = rows.next().await? {
        for row in &batch.rows {
            sums.add(batch.table, row);
        }
    }
    let sums = sums.end().into_iter();
    Ok(sums.map(|sum| Fingerprint { table: sum.table, rows: sum.rows, hash: sum.hash }).collect())
}
