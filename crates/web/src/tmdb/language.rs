//! The language that a request asks for.

use std::str::FromStr;

use super::fault::Fault;

/// ISO 639-1, and ISO 3166-1 where a country is named: `fr-FR`, `pt`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Language {
    pub(crate) language: String,
    pub(crate) country: Option<String>,
}

impl Default for Language {
    /// TMDB's own: `en-US`.
    fn default() -> Self {
        Self { language: "en".to_owned(), country: Some("US".to_owned()) }
    }
}

impl FromStr for Language {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let (language, country) = match text.split_once('-') {
            Some((language, country)) => (language, Some(country)),
            None => (text, None),
        };
        let is_code = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic());
        if !is_code(language) || !country.is_none_or(is_code) {
            let why = format!("`language` must be such as fr or fr-FR, not `{text}`");
            return Err(Fault::Parameters(why));
        }
        Ok(Self {
            language: language.to_ascii_lowercase(),
            country: country.map(str::to_ascii_uppercase),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_one_or_two_codes() {
        let parsed = |text: &str| text.parse::<Language>().ok();
        assert_eq!(parsed("en-US"), Some(Language::default()));
        assert_eq!(parsed("PT").map(|language| language.language), Some("pt".to_owned()));
        for text in ["", "english", "e1", "en-", "en-USA", "en_US", "ü-US"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
