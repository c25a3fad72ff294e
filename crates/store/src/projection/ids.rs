//! The numbers of titles in SQL.

use domain::{Key, Kind, StoreError};

/// TMDB's id, negative for shows; none for what is no title.
pub(crate) fn work_id(key: &Key) -> Option<i64> {
    let id = i64::try_from(key.id()).ok()?;
    match key.kind() {
        Kind::Movie => Some(id),
        Kind::Tv => Some(-id),
        _ => None,
    }
}

/// The inverse of [`work_id`].
pub(crate) fn work_key(work_id: i64) -> Result<Key, StoreError> {
    let key = Key::new(work_kind(work_id), work_id.unsigned_abs(), None, None);
    key.map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// `movie` or `tv`, and TMDB's id.
pub(crate) fn work_name(work_id: i64) -> (&'static str, u64) {
    (work_kind(work_id).as_str(), work_id.unsigned_abs())
}

fn work_kind(work_id: i64) -> Kind {
    if work_id < 0 { Kind::Tv } else { Kind::Movie }
}

/// A stretch of titles in the order of their keys: movies, and then shows, whose
/// numbers fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) kind: Kind,
    /// Where it goes on: behind this number.
    pub(crate) after: i64,
}

/// What is left behind a key.
pub(crate) fn stretches_after(after: Option<Key>) -> Vec<Stretch> {
    let movies = |after| Stretch { kind: Kind::Movie, after };
    let shows = |after| Stretch { kind: Kind::Tv, after };
    let Some(key) = after else { return vec![movies(0), shows(0)] };
    match (key.kind(), work_id(&key)) {
        (Kind::Movie, Some(id)) => vec![movies(id), shows(0)],
        (Kind::Tv, Some(id)) => vec![shows(id)],
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_come_after_movies_and_nothing_after_shows() {
        let after = |key| {
            let stretches = stretches_after(key).into_iter();
            stretches.map(|one| (one.kind, one.after)).collect::<Vec<_>>()
        };
        assert_eq!(after(None), [(Kind::Movie, 0), (Kind::Tv, 0)]);
        assert_eq!(after(Some(Key::movie(7))), [(Kind::Movie, 7), (Kind::Tv, 0)]);
        assert_eq!(after(Some(Key::tv(7))), [(Kind::Tv, -7)]);
        assert_eq!(after(Some(Key::person(7))), []);
    }

    #[test]
    fn a_number_is_that_of_one_title() {
        for key in [Key::movie(550), Key::tv(550)] {
            let id = work_id(&key).unwrap();
            assert_eq!(work_key(id).unwrap(), key);
            assert_eq!(work_name(id), (key.kind().as_str(), 550));
        }
        assert_eq!(work_id(&Key::person(550)), None);
    }
}
