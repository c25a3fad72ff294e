//! TMDB's reference data: small bodies without ids that explain the others.

use std::fmt;
use std::str::FromStr;

/// One body of reference data. The numbers are stored and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    Configuration = 1,
    Countries = 2,
    Jobs = 3,
    Languages = 4,
    PrimaryTranslations = 5,
    Timezones = 6,
    GenresMovie = 7,
    GenresTv = 8,
    CertificationsMovie = 9,
    CertificationsTv = 10,
    ProvidersMovie = 11,
    ProvidersTv = 12,
    ProviderRegions = 13,
}

impl Reference {
    pub const ALL: [Self; 13] = [
        Self::Configuration,
        Self::Countries,
        Self::Jobs,
        Self::Languages,
        Self::PrimaryTranslations,
        Self::Timezones,
        Self::GenresMovie,
        Self::GenresTv,
        Self::CertificationsMovie,
        Self::CertificationsTv,
        Self::ProvidersMovie,
        Self::ProvidersTv,
        Self::ProviderRegions,
    ];

    /// The path below `/3/` where TMDB serves it.
    pub fn path(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Countries => "configuration/countries",
            Self::Jobs => "configuration/jobs",
            Self::Languages => "configuration/languages",
            Self::PrimaryTranslations => "configuration/primary_translations",
            Self::Timezones => "configuration/timezones",
            Self::GenresMovie => "genre/movie/list",
            Self::GenresTv => "genre/tv/list",
            Self::CertificationsMovie => "certification/movie/list",
            Self::CertificationsTv => "certification/tv/list",
            Self::ProvidersMovie => "watch/providers/movie",
            Self::ProvidersTv => "watch/providers/tv",
            Self::ProviderRegions => "watch/providers/regions",
        }
    }

    /// Its name in a key: the path with dashes.
    pub fn slug(self) -> String {
        self.path().replace('/', "-")
    }

    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reference| reference.slug() == slug)
    }

    pub fn number(self) -> u32 {
        self as u32
    }

    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|reference| u64::from(reference.number()) == number)
    }

    /// Whether TMDB names things in it in the language that is asked for.
    pub fn takes_language(self) -> bool {
        matches!(
            self,
            Self::Countries
                | Self::GenresMovie
                | Self::GenresTv
                | Self::ProvidersMovie
                | Self::ProvidersTv
                | Self::ProviderRegions
        )
    }
}

/// A language by its code in ISO 639-1, with a country's in ISO 3166-1 where it is
/// that country's: `fr`, `pt-BR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language {
    language: [u8; 2],
    country: Option<[u8; 2]>,
}

impl Language {
    /// TMDB's own, where none is asked for.
    pub const ENGLISH: Self = Self { language: *b"en", country: Some(*b"US") };

    /// Without the country.
    pub fn alone(self) -> Self {
        Self { country: None, ..self }
    }

    /// Whether what is asked for in it is what comes without any.
    pub fn is_default(self) -> bool {
        self == Self::ENGLISH || self == Self::ENGLISH.alone()
    }

    /// As a number of 20 bits, never 0: five for each letter. It is stored, and never changes.
    pub(crate) fn packed(self) -> u64 {
        let letter = |byte: u8| u64::from(byte.to_ascii_lowercase() - b'a' + 1);
        let pair = |[one, other]: [u8; 2]| letter(one) << 5 | letter(other);
        pair(self.language) << 10 | self.country.map_or(0, pair)
    }

    pub(crate) fn unpacked(number: u64) -> Option<Self> {
        let pair = |bits: u64, first: u8| {
            let letter = |bits: u64| {
                let place = u8::try_from(bits & 31).ok().filter(|place| (1..=26).contains(place));
                place.map(|place| first + place - 1)
            };
            Some([letter(bits >> 5)?, letter(bits)?])
        };
        let country = match number & 0x3ff {
            0 => None,
            bits => Some(pair(bits, b'A')?),
        };
        let language = (number >> 20 == 0).then(|| pair(number >> 10, b'a')).flatten()?;
        Some(Self { language, country })
    }
}

impl FromStr for Language {
    type Err = NoLanguage;

    fn from_str(text: &str) -> Result<Self, NoLanguage> {
        let no_language = || NoLanguage(text.chars().take(20).collect());
        let code = |code: &str| {
            let pair = <[u8; 2]>::try_from(code.as_bytes()).ok();
            pair.filter(|pair| pair.iter().all(u8::is_ascii_alphabetic)).ok_or_else(no_language)
        };
        let (language, country) = match text.split_once('-') {
            Some((language, country)) => (language, Some(code(country)?)),
            None => (text, None),
        };
        let language = code(language)?.map(|byte| byte.to_ascii_lowercase());
        let country = country.map(|country| country.map(|byte| byte.to_ascii_uppercase()));
        Ok(Self { language, country })
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = |pair: [u8; 2]| pair.map(char::from);
        let [one, other] = letters(self.language);
        write!(f, "{one}{other}")?;
        if let Some([one, other]) = self.country.map(letters) {
            write!(f, "-{one}{other}")?;
        }
        Ok(())
    }
}

/// A text that is no language's code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no language, such as fr or fr-FR")]
pub struct NoLanguage(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_read_back_from_its_text_and_its_number() {
        for text in ["fr", "fr-FR", "zh-TW", "aa-AA", "zz-ZZ"] {
            let language: Language = text.parse().unwrap();
            assert_eq!(language.to_string(), text);
            assert_eq!(Language::unpacked(language.packed()), Some(language));
            assert!(language.packed() < 1 << 20);
        }
        assert_eq!("PT-br".parse::<Language>().unwrap().to_string(), "pt-BR");
        for text in ["", "f", "fra", "fr-", "fr-F", "fr-FRA", "fr_FR", "f1", "ü"] {
            assert!(text.parse::<Language>().is_err(), "{text}");
        }
        for number in [0, 1, 31, 27 << 10, 1 << 20, u64::MAX] {
            assert_eq!(Language::unpacked(number), None, "{number}");
        }
    }

    #[test]
    fn the_numbers_of_languages_never_change() {
        let packed = |text: &str| text.parse::<Language>().unwrap().packed();
        assert_eq!([packed("fr"), packed("pt-BR"), packed("en-US")], [215_040, 544_850, 178_867]);
    }
}
