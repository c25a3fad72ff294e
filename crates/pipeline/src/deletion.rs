//! Gathers proofs that keys are gone, and sets tombstones where there are two.

use std::time::Duration;

use domain::deletion::{Evidence, Proof, Successor, Tombstone};
use domain::{Key, StoreError, Timestamp};

use crate::pipeline::{Pipeline, Stores};

/// Notes a proof against keys. Those with both proofs by now get a tombstone, unless
/// the 404 is an old one: it has to be asked for again.
/// Returns the evidence against each.
pub async fn doubt(
    pipeline: &Pipeline,
    keys: &[Key],
    proof: &Proof,
) -> Result<Vec<Evidence>, StoreError> {
    let (stores, now) = (&pipeline.stores, pipeline.now());
    let evidence = stores.archive.doubt(keys, proof, now).await?;
    let mut tombstones = vec![];
    for (key, evidence) in keys.iter().zip(&evidence) {
        // An old 404 is asked for again first: the two must be of the same time.
        let is_fresh = *proof == Proof::NotFound || evidence.has_fresh_404(now);
        if !evidence.is_proof() || !is_fresh || stores.archive.tombstone(*key).await?.is_some() {
            continue;
        }
        let successor = successor(stores, *key).await?;
        tracing::info!(%key, successor = successor.as_ref().map(|likely| likely.key.to_string()), "{key} is gone: TMDB answers 404 and what lists its kind lacks it");
        let evidence = evidence.clone();
        tombstones.push(Tombstone { key: *key, since: now, evidence, successor });
    }
    if !tombstones.is_empty() {
        stores.archive.bury(&tombstones).await?;
    }
    Ok(evidence)
}

/// The title that another was merged with is collected again within its tier.
const SUCCESSION: Duration = Duration::from_hours(24 * 45);

/// Looks again for the successors of titles deleted lately that have none yet:
/// the title that one was merged with may be collected only after it.
pub async fn find_successors(stores: &Stores, now: Timestamp) -> Result<(), StoreError> {
    for tombstone in stores.archive.tombstones(usize::MAX).await? {
        // A sighting may take a tombstone away at any time.
        if tombstone.successor.is_none()
            && now.since(tombstone.since) < SUCCESSION
            && let Some(successor) = successor(stores, tombstone.key).await?
            && stores.archive.tombstone(tombstone.key).await?.as_ref() == Some(&tombstone)
        {
            let found = Tombstone { successor: Some(successor), ..tombstone };
            stores.archive.bury(&[found]).await?;
        }
    }
    Ok(())
}

/// Finds the key that a title likely has by now, from its last record and the
/// other titles of the catalogue. `None` without a record.
pub async fn successor(stores: &Stores, key: Key) -> Result<Option<Successor>, StoreError> {
    let record = match stores.archive.get(key).await {
        // Nothing can be told of a record that cannot be read.
        Err(StoreError::Corrupt(_)) => None,
        record => record?,
    };
    let Some(record) = record else { return Ok(None) };
    let outline = records::outline(key, &record.body);
    for alike in stores.catalog.alike(key, &outline).await? {
        // A deleted title is no successor.
        let is_buried = stores.archive.tombstone(alike.key).await?.is_some();
        if !is_buried {
            let confidence = alike.reason.confidence();
            return Ok(Some(Successor { key: alike.key, confidence, reason: alike.reason }));
        }
    }
    Ok(None)
}
