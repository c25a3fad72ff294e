//! The parameters that shape a body.

use crate::tmdb::fault::Fault;
use crate::tmdb::language::Language;
use crate::tmdb::query::Query;

/// What was asked of a body, beyond its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tmdb) struct Asked {
    /// As it was given; records are as TMDB gives them without, in `en-US`.
    language: Option<Language>,
    /// `include_image_language`.
    images: Option<Codes>,
    /// `include_video_language`.
    videos: Option<Codes>,
    country: Option<String>,
    page: Option<u32>,
    appends: Vec<String>,
}

impl Asked {
    pub(in crate::tmdb) fn of(query: &Query) -> Result<Self, Fault> {
        Ok(Self {
            language: query.get("language").map(str::parse).transpose()?,
            images: query.get("include_image_language").map(Codes::read),
            videos: query.get("include_video_language").map(Codes::read),
            country: query.get("country").map(str::to_ascii_uppercase),
            page: query.get("page").map(|_| query.page()).transpose()?,
            appends: query.appends().into_iter().map(str::to_owned).collect(),
        })
    }

    pub(in crate::tmdb) fn appends(&self) -> impl Iterator<Item = &str> {
        self.appends.iter().map(String::as_str)
    }

    /// The language, where it is not the records' own.
    pub(in crate::tmdb) fn foreign(&self) -> Option<&Language> {
        self.language.as_ref().filter(|language| {
            language.language != "en" || language.country.as_ref().is_some_and(|at| at != "US")
        })
    }

    pub(super) fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// From 1.
    pub(super) fn page(&self) -> u32 {
        self.page.unwrap_or(1)
    }

    /// Whether an image of a language is shown. TMDB ignores countries here, and shows
    /// every image to those who name no language at all.
    pub(super) fn shows_image(&self, of: Option<&str>) -> bool {
        match (&self.images, &self.language) {
            (Some(codes), _) => codes.have(of),
            (None, Some(language)) => of == Some(&language.language),
            (None, None) => true,
        }
    }

    /// As [`Asked::shows_image`] for stills, which `language` alone does not choose.
    pub(super) fn shows_still(&self, of: Option<&str>) -> bool {
        self.images.as_ref().is_none_or(|codes| codes.have(of))
    }

    /// Whether a video of a language is shown: English ones, unless something else is asked.
    pub(super) fn shows_video(&self, of: Option<&str>) -> bool {
        match (&self.videos, &self.language) {
            (Some(codes), _) => codes.have(of),
            (None, Some(language)) => of == Some(&language.language),
            (None, None) => of == Some("en"),
        }
    }
}

/// Languages as `en,null,pt-BR` lists them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Codes(Vec<String>);

impl Codes {
    fn read(text: &str) -> Self {
        let codes = text.split(',').map(|code| {
            let language = code.trim().split('-').next().unwrap_or_default();
            language.to_ascii_lowercase()
        });
        Self(codes.filter(|code| !code.is_empty()).collect())
    }

    /// What names no language is called `null`.
    fn have(&self, language: Option<&str>) -> bool {
        let language = language.unwrap_or("null");
        self.0.iter().any(|code| code == language)
    }
}
