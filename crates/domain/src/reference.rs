//! TMDB's reference data: small bodies without ids that explain the others.

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
}
