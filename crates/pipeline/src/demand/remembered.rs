//! What TMDB had none of, for a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::{Key, Timestamp};

/// Keys that TMDB answered 404 for, each until an instant, and not too many of them.
#[derive(Debug)]
pub(super) struct Remembered {
    gone: Mutex<HashMap<Key, Timestamp>>,
    at_most: usize,
}

impl Remembered {
    pub(super) fn new(at_most: usize) -> Self {
        Self { gone: Mutex::default(), at_most }
    }

    pub(super) fn is_gone(&self, key: Key, now: Timestamp) -> bool {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        match gone.get(&key) {
            Some(until) if now < *until => true,
            Some(_) => {
                gone.remove(&key);
                false
            }
            None => false,
        }
    }

    /// One for which there is no room is not remembered; the store still knows it.
    pub(super) fn note_gone(&self, key: Key, until: Timestamp, now: Timestamp) {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        if gone.len() >= self.at_most && !gone.contains_key(&key) {
            gone.retain(|_, until| now < *until);
        }
        if gone.len() < self.at_most || gone.contains_key(&key) {
            gone.insert(key, until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_404_is_remembered_for_its_time() {
        let remembered = Remembered::new(9);
        remembered.note_gone(Key::movie(1), at(10), at(0));
        assert!(remembered.is_gone(Key::movie(1), at(9)));
        assert!(!remembered.is_gone(Key::tv(1), at(9)));
        assert!(!remembered.is_gone(Key::movie(1), at(10)));
        assert!(!remembered.is_gone(Key::movie(1), at(9)));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let remembered = Remembered::new(2);
        for id in 1..=3 {
            remembered.note_gone(Key::movie(id), at(10), at(0));
        }
        let gone = [1, 2, 3].map(|id| remembered.is_gone(Key::movie(id), at(0)));
        assert_eq!(gone, [true, true, false]);
        // What is over makes room; what is there moves.
        remembered.note_gone(Key::movie(1), at(30), at(5));
        remembered.note_gone(Key::movie(3), at(30), at(20));
        let gone = [1, 2, 3].map(|id| remembered.is_gone(Key::movie(id), at(20)));
        assert_eq!(gone, [true, false, true]);
    }
}
