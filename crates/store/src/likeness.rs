//! Titles and people that seem to be the one outlined: how what a database finds is judged.

use domain::catalogue::Alike;
use domain::deletion::Likeness;
use domain::{Key, StoreError};

/// What was found so far.
pub(crate) struct Found {
    own: Key,
    all: Vec<(Alike, f64)>,
}

impl Found {
    pub(crate) fn new(own: Key) -> Self {
        Self { own, all: vec![] }
    }

    /// `id` is TMDB's.
    pub(crate) fn add(
        &mut self,
        id: u64,
        popularity: f64,
        reason: Likeness,
    ) -> Result<(), StoreError> {
        let key = Key::new(self.own.kind(), id, None, None);
        let key = key.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        self.all.push((Alike { key, reason }, popularity));
        Ok(())
    }

    /// Each key once, for its best reason; of equally likely ones the more popular.
    pub(crate) fn likeliest_first(mut self) -> Vec<Alike> {
        self.all.sort_by(|(a, a_popularity), (b, b_popularity)| {
            let likelier = b.reason.confidence().total_cmp(&a.reason.confidence());
            likelier.then(b_popularity.total_cmp(a_popularity)).then(a.key.cmp(&b.key))
        });
        let mut alike: Vec<Alike> = vec![];
        for (one, _) in self.all {
            if alike.iter().all(|other| other.key != one.key) {
                alike.push(one);
            }
        }
        alike
    }
}

/// A title as it is compared, and the day it was released.
pub(crate) struct Release {
    name: String,
    day: String,
}

impl Release {
    pub(crate) fn new(name: &str, day: jiff::civil::Date) -> Self {
        Self { name: folded(name), day: day.to_string() }
    }

    /// The first day and the last of its year.
    pub(crate) fn year(&self) -> [String; 2] {
        let year = self.day.get(..4).unwrap_or_default();
        [format!("{year}-01-01"), format!("{year}-12-31")]
    }

    /// Why a title of the same year is alike, if it is.
    pub(crate) fn likeness(&self, name: &str, day: &str) -> Option<Likeness> {
        let is_same_day = day == self.day;
        let reason = if is_same_day { Likeness::TitleAndDate } else { Likeness::TitleAndYear };
        (folded(name) == self.name).then_some(reason)
    }
}

/// In lower case, with one space between words.
pub(crate) fn folded(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn case_and_spaces_tell_no_two_names_apart() {
        assert_eq!(folded(" ÉCOLE\u{a0} des   Femmes"), "école des femmes");
        assert_eq!(folded(""), "");
    }
}
