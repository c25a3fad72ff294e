//! Ratings of other sources than TMDB, as they are imported.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::key::Key;
use crate::time::Timestamp;

/// Where imported ratings are from: `imdb` … A short name in lower case; never
/// `tmdb`, whose ratings are in the records.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RatingSource(String);

impl RatingSource {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RatingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for RatingSource {
    type Err = RatingError;

    /// In any case.
    fn from_str(text: &str) -> Result<Self, RatingError> {
        const LONGEST: usize = 32;
        let name = text.to_ascii_lowercase();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if name == "tmdb" {
            return Err(RatingError::OwnSource);
        }
        if name.is_empty() || name.len() > LONGEST || !name.bytes().all(is_plain) {
            return Err(RatingError::SourceName(text.to_owned()));
        }
        Ok(Self(name))
    }
}

/// Which title is rated. One IMDb id may stand for several titles of TMDB's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RatedTitle {
    /// `tt0137523`.
    ImdbId(String),
    /// A movie or a show. It wins over a rating of the title's IMDb id.
    Key(Key),
}

impl fmt::Display for RatedTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ImdbId(id) => f.pad(id),
            Self::Key(key) => key.fmt(f),
        }
    }
}

impl FromStr for RatedTitle {
    type Err = RatingError;

    /// An IMDb id, or a key as `movie/550`.
    fn from_str(text: &str) -> Result<Self, RatingError> {
        if is_imdb_id(text) {
            return Ok(Self::ImdbId(text.to_owned()));
        }
        let key = text.parse::<Key>().ok().filter(|key| key.kind().is_title());
        key.map(Self::Key).ok_or_else(|| RatingError::Title(text.to_owned()))
    }
}

fn is_imdb_id(text: &str) -> bool {
    const LONGEST: usize = 16;
    let digits = text.strip_prefix("tt").unwrap_or_default();
    (1..=LONGEST).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// What a source says of a title.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedRating {
    pub title: RatedTitle,
    /// As the source gives it.
    pub value: f64,
    /// The scale's top: 10, 100 …; its bottom is 0.
    pub scale: f64,
    pub votes: u64,
}

impl ImportedRating {
    /// Refuses a value that is not on its scale.
    pub fn new(title: RatedTitle, value: f64, scale: f64, votes: u64) -> Result<Self, RatingError> {
        if !scale.is_finite() || scale <= 0.0 {
            return Err(RatingError::Scale(scale));
        }
        if !(0.0..=scale).contains(&value) {
            return Err(RatingError::Value { value, scale });
        }
        Ok(Self { title, value, scale, votes })
    }
}

/// The imported ratings of one source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportedSource {
    pub source: String,
    pub ratings: u64,
    /// Titles of the catalogue that have one of them.
    pub titles: u64,
    /// The last time.
    pub imported_at: Timestamp,
}

/// Why a rating cannot be imported.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RatingError {
    #[error("ratings of TMDB's are in its records; name another source, such as imdb")]
    OwnSource,
    #[error(
        "`{0}` names no source: use up to 32 letters, digits, dashes, dots and underscores, such as imdb"
    )]
    SourceName(String),
    #[error("`{0}` is neither an IMDb id such as tt0137523 nor a title such as movie/550")]
    Title(String),
    #[error("{0} is no scale: it must be a number above 0, such as 10 or 100")]
    Scale(f64),
    #[error("{value} is not on the scale of 0 to {scale}")]
    Value { value: f64, scale: f64 },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_has_a_plain_name_that_is_not_tmdb() {
        let name = |text: &str| text.parse::<RatingSource>().map(|source| source.to_string());
        assert_eq!(name("IMDb").as_deref(), Ok("imdb"));
        assert_eq!(name("my-list_2.1").as_deref(), Ok("my-list_2.1"));
        assert_eq!(name("TMDB"), Err(RatingError::OwnSource));
        for wrong in ["", "a b", "ä", &"x".repeat(33)] {
            assert_eq!(name(wrong), Err(RatingError::SourceName(wrong.to_owned())));
        }
    }

    #[test]
    fn a_title_is_an_imdb_id_or_a_key() {
        for right in ["tt0137523", "tt1", "movie/550", "tv/1396"] {
            assert_eq!(right.parse::<RatedTitle>().unwrap().to_string(), right);
        }
        for wrong in ["", "tt", "550", "nm0000093", "tt01a", "person/287", "tv/1396/season/1"] {
            assert_eq!(
                wrong.parse::<RatedTitle>(),
                Err(RatingError::Title(wrong.to_owned())),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_value_lies_on_its_scale() {
        let check = |value, scale| {
            ImportedRating::new(RatedTitle::Key(Key::movie(1)), value, scale, 1).is_ok()
        };
        assert!(check(0.0, 10.0) && check(10.0, 10.0) && check(99.5, 100.0));
        assert!(!check(10.1, 10.0) && !check(-0.1, 10.0) && !check(f64::NAN, 10.0));
        assert!(!check(0.0, 0.0) && !check(0.0, -1.0) && !check(0.0, f64::INFINITY));
    }
}
