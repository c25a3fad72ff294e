//! Imported ratings join those of records.

use domain::Timestamp;
use domain::catalogue::Rating;

/// A rating as it is shown, of what was imported.
pub(crate) fn imported(
    source: String,
    value: f64,
    scale: f64,
    votes: u64,
    last_seen_at: Timestamp,
) -> Rating {
    Rating { source, value, scale, value_0_100: value * (100.0 / scale), votes, last_seen_at }
}

/// The ratings of a record, and those that were imported for its title: first for its IMDb id,
/// then for its key. The later one of a source wins.
pub(crate) fn joined(own: &[Rating], imported: impl IntoIterator<Item = Rating>) -> Vec<Rating> {
    let mut ratings = own.to_vec();
    for rating in imported {
        ratings.retain(|other| other.source != rating.source);
        ratings.push(rating);
    }
    ratings
}
