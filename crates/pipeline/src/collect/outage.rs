//! Tells a TMDB that is down from titles that fail.
//!
//! A title that fails again and again becomes a dead letter; when TMDB is down
//! every title fails, and none of them is to blame. So when enough different
//! titles in a row fail without any answer about them, collecting pauses:
//! titles go back with no attempt counted, and now and then a single one is
//! tried, until TMDB answers. A few that fail over and over are no outage.

use std::collections::HashSet;
use std::time::Duration;

use domain::{Failure, FailureClass, Key, Timestamp};

/// Titles that fail in a row before TMDB counts as down.
const ROW: usize = 24;

const FIRST_PAUSE: Duration = Duration::from_secs(15);

const LONGEST_PAUSE: Duration = Duration::from_mins(5);

#[derive(Debug, Default)]
pub(super) struct Outage {
    row: HashSet<Key>,
    /// Since when TMDB counts as down, and how long the present pause is.
    down: Option<(Timestamp, Duration)>,
    /// Nobody asks before.
    until: Option<Timestamp>,
}

impl Outage {
    /// Notes how the fetch of a title ended; without a failure where TMDB
    /// answered, whatever came of that.
    pub(super) fn note(&mut self, key: Key, failure: Option<&Failure>, now: Timestamp) {
        match failure.map(|failure| failure.class) {
            Some(FailureClass::Later) => {
                if self.row.len() < ROW {
                    self.row.insert(key);
                }
            }
            // TMDB is there, and asks for patience: neither here nor there.
            Some(FailureClass::SlowDown) => return,
            _ => {
                if let Some((since, _)) = self.down {
                    tracing::info!(%since, "TMDB answers again; going on");
                }
                *self = Self::default();
                return;
            }
        }
        if self.row.len() < ROW || self.is_paused(now) {
            return;
        }
        let pause = match self.down {
            None => FIRST_PAUSE,
            Some((_, pause)) => (pause * 2).min(LONGEST_PAUSE),
        };
        let since = self.down.map_or(now, |(since, _)| since);
        if self.down.is_none() {
            tracing::warn!(
                "TMDB seems to be down: {} titles in a row got no answer; one is tried now and \
                 then, and nothing is lost",
                self.row.len()
            );
        } else {
            tracing::debug!(%since, ?pause, "TMDB is still down");
        }
        self.down = Some((since, pause));
        self.until = Some(now + pause);
    }

    /// Since when TMDB has been down, if it is.
    pub(super) fn since(&self) -> Option<Timestamp> {
        self.down.map(|(since, _)| since)
    }

    pub(super) fn is_paused(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// When the next title is tried.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// How many fetches may run at once: one that tries, while TMDB is down.
    pub(super) fn room(&self, concurrency: usize, now: Timestamp) -> usize {
        match self.down {
            None => concurrency,
            Some(_) if self.is_paused(now) => 0,
            Some(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn failure(class: FailureClass) -> Failure {
        Failure::new(class, "why", b"")
    }

    fn down() -> Outage {
        let mut outage = Outage::default();
        (1..=24)
            .for_each(|id| outage.note(Key::movie(id), Some(&failure(FailureClass::Later)), at(0)));
        outage
    }

    #[test]
    fn a_row_of_failures_is_an_outage() {
        let outage = down();
        assert!(outage.since().is_some() && outage.is_paused(at(14)));
        assert_eq!(outage.room(8, at(14)), 0);
        assert_eq!(outage.room(8, at(15)), 1);
    }

    #[test]
    fn any_answer_breaks_the_row() {
        let mut outage = Outage::default();
        for _ in 0..3 {
            (1..24).for_each(|id| {
                outage.note(Key::movie(id), Some(&failure(FailureClass::Later)), at(0));
            });
            outage.note(Key::movie(24), Some(&failure(FailureClass::Gone)), at(0));
        }
        assert_eq!(outage.since(), None);
        let mut outage = down();
        outage.note(Key::movie(1), None, at(20));
        assert_eq!(outage.since(), None);
        assert_eq!(outage.room(8, at(20)), 8);
    }

    #[test]
    fn a_few_titles_that_fail_over_and_over_are_no_outage() {
        let mut outage = Outage::default();
        for attempt in 0..8 {
            for id in 1..24 {
                outage.note(Key::movie(id), Some(&failure(FailureClass::Later)), at(attempt));
            }
        }
        assert_eq!(outage.since(), None);
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        let mut outage = down();
        let mut now = at(0);
        let mut pauses = vec![];
        for _ in 0..7 {
            let until = outage.until().unwrap();
            pauses.push(until.since(now).as_secs());
            now = until;
            outage.note(Key::movie(1), Some(&failure(FailureClass::Later)), now);
        }
        assert_eq!(pauses, [15, 30, 60, 120, 240, 300, 300]);
        assert_eq!(outage.since(), Some(at(0)));
    }

    #[test]
    fn a_429_says_nothing_of_an_outage() {
        let mut outage = Outage::default();
        (1..=24).for_each(|id| {
            outage.note(Key::movie(id), Some(&failure(FailureClass::SlowDown)), at(0));
        });
        assert_eq!(outage.since(), None);
    }
}
