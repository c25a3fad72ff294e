//! What names one thing of TMDB's: a kind, an id, and for seasons and episodes their numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::reference::{Language, Reference};

/// What sort of thing a key names. TMDB's ids are unique within a kind only.
///
/// The numbers are stored; they never change and are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Movie = 1,
    Tv = 2,
    Season = 3,
    Episode = 4,
    Person = 5,
    Collection = 6,
    Company = 7,
    Network = 8,
    Keyword = 9,
    /// Genres, configuration, certifications and the like; see [`Reference`].
    Reference = 10,
}

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::Movie,
        Self::Tv,
        Self::Season,
        Self::Episode,
        Self::Person,
        Self::Collection,
        Self::Company,
        Self::Network,
        Self::Keyword,
        Self::Reference,
    ];

    /// The word for it in paths, on the command line and in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Movie => "movie",
            Self::Tv => "tv",
            Self::Season => "season",
            Self::Episode => "episode",
            Self::Person => "person",
            Self::Collection => "collection",
            Self::Company => "company",
            Self::Network => "network",
            Self::Keyword => "keyword",
            Self::Reference => "reference",
        }
    }

    /// The number it is stored under.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The inverse of [`Kind::number`].
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// A movie or a show.
    pub fn is_title(self) -> bool {
        matches!(self, Self::Movie | Self::Tv)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| KeyError::Kind(text.to_owned()))
    }
}

/// The name of one thing of TMDB's.
///
/// Written as TMDB's own paths are: `movie/550`, `tv/1396/season/1`,
/// `tv/1396/season/1/episode/2`; reference data as `reference/genre-movie-list`,
/// in other languages than English as `reference/genre-movie-list@fr-FR`.
/// The id of a season or an episode is its show's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    kind: Kind,
    id: u64,
    season: Option<u32>,
    episode: Option<u32>,
}

/// The largest id that is believed; SQL's and protobuf's signed integers hold it.
pub const MAX_ID: u64 = i64::MAX as u64;

impl Key {
    pub fn movie(id: u64) -> Self {
        Self::flat(Kind::Movie, id)
    }

    pub fn tv(id: u64) -> Self {
        Self::flat(Kind::Tv, id)
    }

    pub fn person(id: u64) -> Self {
        Self::flat(Kind::Person, id)
    }

    pub fn season(tv: u64, season: u32) -> Self {
        Self { kind: Kind::Season, id: tv, season: Some(season), episode: None }
    }

    pub fn episode(tv: u64, season: u32, episode: u32) -> Self {
        Self { kind: Kind::Episode, id: tv, season: Some(season), episode: Some(episode) }
    }

    pub fn reference(reference: Reference) -> Self {
        Self::flat(Kind::Reference, reference.number().into())
    }

    /// Reference data in a language, where there is such; else as it comes without one.
    pub fn reference_in(reference: Reference, language: Language) -> Self {
        if language.is_default() || !reference.takes_language() {
            return Self::reference(reference);
        }
        let number = u64::from(reference.number());
        Self::flat(Kind::Reference, language.packed() << LANGUAGE_AT | number)
    }

    fn flat(kind: Kind, id: u64) -> Self {
        Self { kind, id, season: None, episode: None }
    }

    /// Builds a key from its parts, as stores and parsers have them.
    pub fn new(
        kind: Kind,
        id: u64,
        season: Option<u32>,
        episode: Option<u32>,
    ) -> Result<Self, KeyError> {
        let key = Self { kind, id, season, episode };
        let fits = match kind {
            Kind::Season => season.is_some() && episode.is_none(),
            Kind::Episode => season.is_some() && episode.is_some(),
            Kind::Reference => reference_parts(id).is_some() && season.is_none(),
            _ => season.is_none() && episode.is_none(),
        };
        if fits && (1..=MAX_ID).contains(&id) { Ok(key) } else { Err(KeyError::Parts(key.path())) }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// TMDB's id; for a season or an episode its show's.
    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn season_number(&self) -> Option<u32> {
        self.season
    }

    pub fn episode_number(&self) -> Option<u32> {
        self.episode
    }

    /// Which reference data this names, for keys of that kind.
    pub fn as_reference(&self) -> Option<Reference> {
        Some(self.reference_parts()?.0)
    }

    /// Which language reference data is in, where it is not as it comes without one.
    pub fn language(&self) -> Option<Language> {
        self.reference_parts()?.1
    }

    fn reference_parts(&self) -> Option<(Reference, Option<Language>)> {
        (self.kind == Kind::Reference).then(|| reference_parts(self.id)).flatten()
    }

    fn path(&self) -> String {
        match (self.kind, self.season, self.episode) {
            (Kind::Season | Kind::Episode, Some(season), None) => {
                format!("tv/{}/season/{season}", self.id)
            }
            (Kind::Season | Kind::Episode, Some(season), Some(episode)) => {
                format!("tv/{}/season/{season}/episode/{episode}", self.id)
            }
            (Kind::Reference, ..) => match reference_parts(self.id) {
                Some((reference, None)) => format!("reference/{}", reference.slug()),
                Some((reference, Some(language))) => {
                    format!("reference/{}@{language}", reference.slug())
                }
                None => format!("reference/{}", self.id),
            },
            _ => format!("{}/{}", self.kind, self.id),
        }
    }
}

/// Where the language begins in the id of reference data; the number is below.
const LANGUAGE_AT: u32 = 8;

/// What the id of reference data is made of, in the one form there is of each.
fn reference_parts(id: u64) -> Option<(Reference, Option<Language>)> {
    let reference = Reference::from_number(id & ((1 << LANGUAGE_AT) - 1))?;
    match id >> LANGUAGE_AT {
        0 => Some((reference, None)),
        packed => {
            let language = Language::unpacked(packed).filter(|language| !language.is_default())?;
            reference.takes_language().then_some((reference, Some(language)))
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.path())
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let unreadable = || KeyError::Text(text.to_owned());
        let parts: Vec<&str> = text.trim_matches('/').split('/').collect();
        let number = |part: &str| part.parse::<u32>().ok();
        match parts[..] {
            ["reference", slug] => {
                let (slug, language) = match slug.split_once('@') {
                    Some((slug, language)) => {
                        (slug, Some(language.parse().ok().ok_or_else(unreadable)?))
                    }
                    None => (slug, None),
                };
                let reference = Reference::from_slug(slug).ok_or_else(unreadable)?;
                Ok(Self::reference_in(reference, language.unwrap_or(Language::ENGLISH)))
            }
            ["tv", id, "season", season] => Self::new(
                Kind::Season,
                id.parse().ok().ok_or_else(unreadable)?,
                Some(number(season).ok_or_else(unreadable)?),
                None,
            ),
            ["tv", id, "season", season, "episode", episode] => Self::new(
                Kind::Episode,
                id.parse().ok().ok_or_else(unreadable)?,
                Some(number(season).ok_or_else(unreadable)?),
                Some(number(episode).ok_or_else(unreadable)?),
            ),
            [kind, id] => {
                let id = id.parse().ok().ok_or_else(unreadable)?;
                Self::new(kind.parse()?, id, None, None)
            }
            _ => Err(unreadable()),
        }
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text or a set of parts that names nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error(
        "unknown kind `{0}` (one of movie, tv, season, episode, person, collection, company, network, keyword, reference)"
    )]
    Kind(String),
    #[error(
        "`{0}` is not a key (such as movie/550, tv/1396/season/1, person/287 or reference/configuration)"
    )]
    Text(String),
    #[error(
        "`{0}` is not a possible key: ids start at 1, and seasons and episodes are written as in tv/1396/season/1/episode/1"
    )]
    Parts(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, key: Key) {
        assert_eq!(text.parse(), Ok(key));
        assert_eq!(key.to_string(), text);
    }

    #[test]
    fn a_key_is_read_back_from_its_text() {
        check("movie/550", Key::movie(550));
        check("tv/1396/season/0", Key::season(1396, 0));
        check("tv/1396/season/1/episode/2", Key::episode(1396, 1, 2));
        check("reference/genre-movie-list", Key::reference(Reference::GenresMovie));
    }

    #[test]
    fn reference_data_has_a_key_for_each_language() {
        let french: Language = "fr-FR".parse().unwrap();
        let key = Key::reference_in(Reference::GenresMovie, french);
        check("reference/genre-movie-list@fr-FR", key);
        assert_eq!(
            (key.as_reference(), key.language()),
            (Some(Reference::GenresMovie), Some(french))
        );
        assert_eq!(Key::new(Kind::Reference, key.id(), None, None), Ok(key));
        // What comes the same in all languages, and English, has one key.
        let plain = Key::reference(Reference::GenresMovie);
        assert_eq!(Key::reference_in(Reference::GenresMovie, Language::ENGLISH), plain);
        assert_eq!("reference/genre-movie-list@en".parse(), Ok(plain));
        let jobs = Key::reference(Reference::Jobs);
        assert_eq!(Key::reference_in(Reference::Jobs, french), jobs);
        assert_eq!((plain.language(), Key::movie(7 << 8).language()), (None, None));
        let in_english = Language::ENGLISH.packed() << LANGUAGE_AT | plain.id();
        for id in [in_english, french.packed() << LANGUAGE_AT | jobs.id(), 31 << 8 | 7, 99] {
            assert!(Key::new(Kind::Reference, id, None, None).is_err(), "{id}");
        }
        assert!("reference/genre-movie-list@french".parse::<Key>().is_err());
    }

    #[test]
    fn what_names_nothing_is_refused_with_the_reason() {
        for text in [
            "",
            "movie",
            "movie/0",
            "movie/x",
            "film/1",
            "tv/1/season",
            "season/3",
            "movie/-1",
            "movie/99999999999999999999",
        ] {
            assert!(text.parse::<Key>().is_err(), "{text} was taken for a key");
        }
    }

    #[test]
    fn kinds_keep_their_numbers() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_number(kind.number()), Some(kind));
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
    }
}
