//! Which images are wanted, and what is done about each.

use std::collections::HashSet;
use std::time::Duration;

use super::{Failed, ImageKind, ImageName, ImageSize, ImageState, Pictured};
use crate::time::Timestamp;

const DAY: Duration = Duration::from_hours(24);

/// Which images of a title or a person are wanted. The default is s3's.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageWants {
    /// Kinds with the sizes wanted of each.
    pub sizes: Vec<(ImageKind, ImageSize)>,
    /// Further backdrops of a title, at most.
    pub stills: usize,
    /// Of titles and people at least this popular.
    pub min_popularity: f64,
}

impl ImageWants {
    /// The images wanted of a title or a person, each once. Paths that are none
    /// of TMDB's are left out.
    pub fn of(&self, pictured: &Pictured) -> Vec<(ImageKind, ImageName)> {
        let mut seen = HashSet::new();
        let mut wanted = vec![];
        for (kind, size) in &self.sizes {
            let paths: Vec<&String> = match kind {
                ImageKind::Poster => pictured.poster.iter().collect(),
                ImageKind::Backdrop => pictured.backdrop.iter().collect(),
                ImageKind::Profile => pictured.profile.iter().collect(),
                ImageKind::Still => pictured.stills.iter().take(self.stills).collect(),
                ImageKind::Other => vec![],
            };
            for path in paths {
                let Ok(path) = path.parse() else { continue };
                let name = ImageName { size: *size, path };
                if seen.insert(name.clone()) {
                    wanted.push((*kind, name));
                }
            }
        }
        wanted
    }
}

/// How long images may be kept, and how patiently failures are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageTerms {
    /// Fetched anew from this age on.
    pub refresh_after: Duration,
    /// Not shown any more from this age on, and to be purged.
    pub keep_for: Duration,
    /// Until a failed image is tried again; doubles with every further failure.
    pub retry_base: Duration,
    pub retry_cap: Duration,
}

impl Default for ImageTerms {
    fn default() -> Self {
        Self {
            refresh_after: DAY * 150,
            keep_for: DAY * 180,
            retry_base: Duration::from_hours(1),
            retry_cap: DAY * 7,
        }
    }
}

/// What is done about a wanted image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is there and young enough.
    Keep,
    Fetch,
    /// It failed, and its time has not come.
    Wait,
}

impl ImageTerms {
    /// `on_disk` are the bytes of its file, if it has one.
    pub fn step(&self, state: &ImageState, on_disk: Option<u64>, now: Timestamp) -> Step {
        let (is_good, failed) = match state {
            ImageState::Unknown => (false, None),
            ImageState::Failed(failed) => (false, Some(failed)),
            ImageState::Held { bytes, fetched_at, failed, .. } => {
                let is_there = on_disk == Some(*bytes);
                let is_young = now.since(*fetched_at) < self.refresh_after;
                if is_there && is_young {
                    return Step::Keep;
                }
                (is_there, failed.as_ref())
            }
        };
        match failed {
            Some(failed) if failed.retry_at.is_none_or(|at| now < at) => {
                // What is old stays until its term ends.
                if is_good { Step::Keep } else { Step::Wait }
            }
            _ => Step::Fetch,
        }
    }

    /// What to note of a failure after those noted before.
    pub fn failed(&self, before: &ImageState, is_gone: bool, now: Timestamp) -> Failed {
        let attempts = match before {
            ImageState::Failed(failed) | ImageState::Held { failed: Some(failed), .. } => {
                failed.attempts.saturating_add(1)
            }
            _ => 1,
        };
        let doubled = self.retry_base.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        let retry_at = (!is_gone).then(|| now + doubled.min(self.retry_cap));
        Failed { attempts, retry_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn held(age_days: u32, failed: Option<Failed>) -> ImageState {
        let fetched_at = NOW - DAY * age_days;
        ImageState::Held { bytes: 9, fetched_at, used_at: fetched_at, failed }
    }

    fn failed(retry_at: Option<Timestamp>) -> Failed {
        Failed { attempts: 2, retry_at }
    }

    #[track_caller]
    fn check(state: ImageState, on_disk: Option<u64>, step: Step) {
        assert_eq!(ImageTerms::default().step(&state, on_disk, NOW), step, "{state:?} {on_disk:?}");
    }

    #[test]
    fn an_image_is_fetched_when_it_is_missing_old_or_due_again() {
        let second = Duration::from_secs(1);
        check(ImageState::Unknown, None, Step::Fetch);
        check(ImageState::Unknown, Some(9), Step::Fetch);
        check(held(149, None), Some(9), Step::Keep);
        check(held(150, None), Some(9), Step::Fetch);
        check(held(1, None), None, Step::Fetch);
        check(held(1, None), Some(8), Step::Fetch);
        check(ImageState::Failed(failed(None)), None, Step::Wait);
        check(ImageState::Failed(failed(Some(NOW + second))), None, Step::Wait);
        check(ImageState::Failed(failed(Some(NOW))), None, Step::Fetch);
        check(held(160, Some(failed(Some(NOW + second)))), Some(9), Step::Keep);
        check(held(160, Some(failed(None))), Some(9), Step::Keep);
        check(held(160, Some(failed(Some(NOW)))), Some(9), Step::Fetch);
    }

    #[test]
    fn every_failure_doubles_the_wait_up_to_a_week() {
        let terms = ImageTerms::default();
        let first = terms.failed(&ImageState::Unknown, false, NOW);
        assert_eq!(first, Failed { attempts: 1, retry_at: Some(NOW + terms.retry_base) });
        let second = terms.failed(&ImageState::Failed(first), false, NOW);
        assert_eq!(second.retry_at, Some(NOW + terms.retry_base * 2));
        let many = ImageState::Failed(Failed { attempts: u32::MAX, retry_at: None });
        assert_eq!(terms.failed(&many, false, NOW).retry_at, Some(NOW + DAY * 7));
        assert_eq!(terms.failed(&many, true, NOW).retry_at, None);
    }

    #[test]
    fn wanted_are_the_configured_sizes_each_once() {
        let size = |text: &str| text.parse::<ImageSize>().unwrap();
        let wants = ImageWants {
            sizes: vec![
                (ImageKind::Poster, size("w342")),
                (ImageKind::Poster, size("w500")),
                (ImageKind::Backdrop, size("w780")),
                (ImageKind::Still, size("w780")),
                (ImageKind::Profile, size("w185")),
            ],
            stills: 2,
            min_popularity: 0.0,
        };
        let pictured = Pictured {
            key: Key::movie(1),
            popularity: 1.0,
            poster: Some("/p.jpg".to_owned()),
            backdrop: Some("/b.jpg".to_owned()),
            profile: Some("../../x.jpg".to_owned()),
            stills: vec!["/b.jpg".to_owned(), "/s.jpg".to_owned(), "/t.jpg".to_owned()],
        };
        let names: Vec<_> =
            wants.of(&pictured).into_iter().map(|(_, name)| name.to_string()).collect();
        assert_eq!(names, ["w342/p.jpg", "w500/p.jpg", "w780/b.jpg", "w780/s.jpg"]);
    }
}
