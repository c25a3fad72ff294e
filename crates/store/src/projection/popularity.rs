//! Popularity moves without a new record.

/// In the order of ids, and without what is no number.
pub(crate) fn moves(moved: &[(u64, f32)]) -> Vec<(u64, f64)> {
    let exact = |popularity: f32| {
        // As it was written: 0.1 stays 0.1 and equals that of the record.
        popularity.to_string().parse::<f64>().unwrap_or_else(|_never| popularity.into())
    };
    let numbers = moved.iter().filter(|(_, popularity)| popularity.is_finite());
    let mut moved: Vec<_> = numbers.map(|(id, popularity)| (*id, exact(*popularity))).collect();
    moved.sort_unstable_by_key(|(id, _)| *id);
    moved
}
