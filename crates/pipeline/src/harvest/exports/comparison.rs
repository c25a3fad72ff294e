//! What an export lists against what is known: a merge of two sorted columns.

use domain::Sighting;
use domain::archive::Known;
use domain::filter::Filter;

/// A popularity that moved by less than this share is left as it is.
const MOVED: f32 = 0.05;

/// Every id of an export, 12 bytes each.
#[derive(Debug, Default)]
pub(super) struct Listing {
    lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    id: u32,
    popularity: f32,
    wanted: bool,
}

/// What is to be done about an export.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Comparison {
    /// Wanted, and without a record; ascending, with their popularity.
    pub(super) new: Vec<(u64, f32)>,
    /// Known, and not listed.
    pub(super) gone: Vec<u64>,
    /// Known, and of another popularity.
    pub(super) moved: Vec<(u64, f32)>,
}

impl Listing {
    /// Adds a line. Ids that TMDB will not reach in a thousand years are left out.
    pub(super) fn add(&mut self, sighting: &Sighting, filter: &Filter) {
        let Ok(id) = u32::try_from(sighting.key.id()) else { return };
        #[expect(clippy::cast_possible_truncation, reason = "a rank needs no more digits")]
        let popularity = sighting.popularity.unwrap_or(0.0) as f32;
        self.lines.push(Line { id, popularity, wanted: filter.wants(sighting) });
    }

    /// Sorts by id and drops repetitions; then it can be asked.
    pub(super) fn sort(&mut self) {
        self.lines.sort_by_key(|line| line.id);
        self.lines.dedup_by_key(|line| line.id);
    }

    pub(super) fn len(&self) -> u64 {
        self.lines.len() as u64
    }

    pub(super) fn lists(&self, id: u64) -> bool {
        u32::try_from(id)
            .is_ok_and(|id| self.lines.binary_search_by_key(&id, |line| line.id).is_ok())
    }

    /// Every wanted id with its popularity, known or not.
    pub(super) fn wanted(&self) -> Vec<(u64, f32)> {
        let wanted = self.lines.iter().filter(|line| line.wanted);
        wanted.map(|line| (line.id.into(), line.popularity)).collect()
    }

    /// Walks through both columns side by side.
    pub(super) fn compare(&self, known: &Known) -> Comparison {
        let mut comparison = Comparison::default();
        let mut lines = self.lines.iter().peekable();
        for (place, id) in known.ids.iter().enumerate() {
            while let Some(line) = lines.next_if(|line| u64::from(line.id) < *id) {
                comparison.note_new(line);
            }
            match lines.next_if(|line| u64::from(line.id) == *id) {
                None => comparison.gone.push(*id),
                Some(line) => {
                    let before = known.popularity.get(place).copied().unwrap_or(0.0);
                    if (line.popularity - before).abs() > MOVED * before.max(line.popularity) {
                        comparison.moved.push((*id, line.popularity));
                    }
                }
            }
        }
        lines.for_each(|line| comparison.note_new(line));
        comparison
    }
}

impl Comparison {
    fn note_new(&mut self, line: &Line) {
        if line.wanted {
            self.new.push((line.id.into(), line.popularity));
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Key;

    use super::*;

    fn listing(lines: &[(u64, f64)]) -> Listing {
        let mut listing = Listing::default();
        for (id, popularity) in lines {
            let sighting = Sighting {
                popularity: Some(*popularity),
                adult: Some(*id == 666),
                ..Sighting::of(Key::movie(*id))
            };
            listing.add(&sighting, &Filter::default());
        }
        listing.sort();
        listing
    }

    fn known(ids: &[(u64, f32)]) -> Known {
        Known {
            ids: ids.iter().map(|(id, _)| *id).collect(),
            popularity: ids.iter().map(|(_, popularity)| *popularity).collect(),
        }
    }

    #[test]
    fn new_gone_and_moved_are_told_apart() {
        let listing = listing(&[(9, 1.0), (3, 2.0), (5, 7.0), (5, 7.0), (666, 9.0)]);
        let comparison = listing.compare(&known(&[(1, 1.0), (5, 5.0), (9, 1.01)]));
        let expected = Comparison { new: vec![(3, 2.0)], gone: vec![1], moved: vec![(5, 7.0)] };
        assert_eq!(comparison, expected);
        assert!(listing.lists(666) && !listing.lists(1));
        assert_eq!(listing.len(), 4);
    }

    #[test]
    fn an_unwanted_line_is_a_sighting_of_what_is_known() {
        let comparison = listing(&[(666, 9.0)]).compare(&known(&[(666, 9.0)]));
        assert_eq!(comparison, Comparison::default());
    }

    #[test]
    fn against_nothing_everything_is_new() {
        let comparison = listing(&[(2, 0.0), (1, 0.5)]).compare(&Known::default());
        assert_eq!(comparison.new, [(1, 0.5), (2, 0.0)]);
        assert!(comparison.gone.is_empty() && comparison.moved.is_empty());
    }
}
