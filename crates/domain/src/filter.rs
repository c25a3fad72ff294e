//! Which sightings are wanted at all.

use crate::key::Kind;
use crate::sighting::Sighting;

/// What a harvest keeps. A sighting that does not say passes, but for
/// popularity, where silence is taken for zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// Only these kinds; all when empty.
    pub kinds: Vec<Kind>,
    /// Adult titles and people too.
    pub adult: bool,
    /// Trailers, clips and the like too.
    pub video: bool,
    pub min_popularity: f64,
    /// Only these original languages (ISO 639-1); all when empty.
    pub languages: Vec<String>,
    /// Released on or after, `YYYY-MM-DD`.
    pub released_from: Option<String>,
    /// Released on or before, `YYYY-MM-DD`.
    pub released_to: Option<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            kinds: vec![],
            adult: false,
            video: true,
            min_popularity: 0.0,
            languages: vec![],
            released_from: None,
            released_to: None,
        }
    }
}

impl Filter {
    /// Whether the sighting is wanted.
    pub fn wants(&self, sighting: &Sighting) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&sighting.key.kind());
        let adult = self.adult || sighting.adult != Some(true);
        let video = self.video || sighting.video != Some(true);
        let popular =
            self.min_popularity <= 0.0 || sighting.popularity.unwrap_or(0.0) >= self.min_popularity;
        let language = self.languages.is_empty()
            || sighting.original_language.as_ref().is_none_or(|own| self.languages.contains(own));
        kind && adult && video && popular && language && self.is_in_range(sighting)
    }

    fn is_in_range(&self, sighting: &Sighting) -> bool {
        // ISO dates sort as text; an empty date is an unknown one.
        let Some(released) = sighting.released.as_deref().filter(|date| !date.is_empty()) else {
            return true;
        };
        self.released_from.as_deref().is_none_or(|from| from <= released)
            && self.released_to.as_deref().is_none_or(|to| released <= to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;

    fn sighting() -> Sighting {
        Sighting {
            adult: Some(false),
            video: Some(false),
            popularity: Some(3.0),
            original_language: Some("ja".to_owned()),
            released: Some("2001-07-20".to_owned()),
            ..Sighting::of(Key::movie(129))
        }
    }

    #[track_caller]
    fn check(filter: &Filter, wanted: bool) {
        assert_eq!(filter.wants(&sighting()), wanted, "{filter:?}");
    }

    #[test]
    fn each_filter_keeps_and_drops() {
        let default = Filter::default;
        let text = |text: &str| Some(text.to_owned());
        check(&default(), true);
        check(&Filter { kinds: vec![Kind::Tv], ..default() }, false);
        check(&Filter { kinds: vec![Kind::Movie], ..default() }, true);
        check(&Filter { min_popularity: 3.5, ..default() }, false);
        check(&Filter { languages: vec!["en".to_owned()], ..default() }, false);
        check(&Filter { released_from: text("2001-07-21"), ..default() }, false);
        check(&Filter { released_to: text("2001-07-20"), ..default() }, true);
    }

    #[test]
    fn adult_titles_and_clips_are_dropped_unless_asked_for() {
        let adult = Sighting { adult: Some(true), ..sighting() };
        assert!(!Filter::default().wants(&adult));
        assert!(Filter { adult: true, ..Filter::default() }.wants(&adult));
        let clip = Sighting { video: Some(true), ..sighting() };
        assert!(!Filter { video: false, ..Filter::default() }.wants(&clip));
    }

    #[test]
    fn what_a_source_does_not_say_passes() {
        let bare = Sighting::of(Key::tv(1));
        let filter = Filter { languages: vec!["en".to_owned()], ..Filter::default() };
        assert!(filter.wants(&bare));
        assert!(!Filter { min_popularity: 0.1, ..filter }.wants(&bare));
    }
}
