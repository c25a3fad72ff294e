//! Reads the figures of the own archive.

use domain::{Kind, StoreError, Timestamp};

use super::figures::{Ages, Figures};
use crate::pipeline::Stores;

/// Records looked at in one go.
const PAGE: usize = 10_000;

/// The defaults, with what the own archive knows better. Reads every key once,
/// no bodies.
pub async fn measure(stores: &Stores, now: Timestamp) -> Result<Figures, StoreError> {
    let stats = stores.archive.stats().await?;
    let mut figures = Figures::default().measured(&stats);
    if stats.kinds.is_empty() {
        return Ok(figures);
    }
    let (mut movies, mut shows) = (Ages::default(), Ages::default());
    let mut after = None;
    loop {
        let page = stores.archive.freshness(after, PAGE).await?;
        for record in &page {
            match record.key.kind() {
                Kind::Movie => movies.add(record, now),
                Kind::Tv => shows.add(record, now),
                _ => (),
            }
        }
        after = page.last().map(|record| record.key);
        if page.len() < PAGE {
            break;
        }
    }
    figures.set_ages(Kind::Movie, movies);
    figures.set_ages(Kind::Tv, shows);
    Ok(figures)
}
