//! Where ids come from, and what a source says of one.

mod discover;

use std::fmt;
use std::str::FromStr;

pub use discover::{Discover, Recipe};

use crate::key::{Key, Kind};

/// A source saw a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    pub key: Key,
    /// What the source says of it, as far as it does; filters use it.
    pub title: Option<String>,
    pub popularity: Option<f64>,
    pub adult: Option<bool>,
    /// A trailer, a clip or the like rather than a film.
    pub video: Option<bool>,
    pub original_language: Option<String>,
    /// `YYYY-MM-DD`.
    pub released: Option<String>,
}

impl Sighting {
    pub fn of(key: Key) -> Self {
        Self {
            key,
            title: None,
            popularity: None,
            adult: None,
            video: None,
            original_language: None,
            released: None,
        }
    }
}

/// Where ids come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// One of TMDB's paged lists.
    List(List),
    /// One of TMDB's daily id export files.
    Export(Export),
    /// What TMDB's `discover` finds by a recipe.
    Discover(Discover),
    /// Titles that are like those of the hot lists and not known yet.
    Similar,
    /// All reference data.
    Reference,
    /// TMDB's feed of what has changed.
    Changes(Feed),
    /// What the own archive holds and is older than it should be.
    Stale,
}

/// TMDB's change feeds (`FACTS.md` section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feed {
    Movie,
    Tv,
    Person,
}

/// TMDB's lists (`FACTS.md` section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    MoviePopular,
    MovieTopRated,
    MovieUpcoming,
    MovieNowPlaying,
    TvPopular,
    TvTopRated,
    TvAiringToday,
    TvOnTheAir,
    PersonPopular,
    Trending(Trending, Window),
}

/// Which kinds a trending list ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trending {
    All,
    Movie,
    Tv,
    Person,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Window {
    Day,
    Week,
}

/// TMDB's daily id export files (`FACTS.md` section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Export {
    Movie,
    Tv,
    Person,
    Collection,
    Network,
    Keyword,
    Company,
    AdultMovie,
    AdultTv,
    AdultPerson,
}

impl List {
    pub fn all() -> Vec<Self> {
        let mut lists = vec![
            Self::MoviePopular,
            Self::MovieTopRated,
            Self::MovieUpcoming,
            Self::MovieNowPlaying,
            Self::TvPopular,
            Self::TvTopRated,
            Self::TvAiringToday,
            Self::TvOnTheAir,
            Self::PersonPopular,
        ];
        for kind in [Trending::All, Trending::Movie, Trending::Tv, Trending::Person] {
            lists.extend([Window::Day, Window::Week].map(|window| Self::Trending(kind, window)));
        }
        lists
    }

    /// The path below `/3/`.
    pub fn path(self) -> String {
        match self {
            Self::MoviePopular => "movie/popular".to_owned(),
            Self::MovieTopRated => "movie/top_rated".to_owned(),
            Self::MovieUpcoming => "movie/upcoming".to_owned(),
            Self::MovieNowPlaying => "movie/now_playing".to_owned(),
            Self::TvPopular => "tv/popular".to_owned(),
            Self::TvTopRated => "tv/top_rated".to_owned(),
            Self::TvAiringToday => "tv/airing_today".to_owned(),
            Self::TvOnTheAir => "tv/on_the_air".to_owned(),
            Self::PersonPopular => "person/popular".to_owned(),
            Self::Trending(kind, window) => {
                let kind = match kind {
                    Trending::All => "all",
                    Trending::Movie => "movie",
                    Trending::Tv => "tv",
                    Trending::Person => "person",
                };
                let window = match window {
                    Window::Day => "day",
                    Window::Week => "week",
                };
                format!("trending/{kind}/{window}")
            }
        }
    }

    /// The kind of every row; `None` where each row names its own.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::MoviePopular
            | Self::MovieTopRated
            | Self::MovieUpcoming
            | Self::MovieNowPlaying
            | Self::Trending(Trending::Movie, _) => Some(Kind::Movie),
            Self::TvPopular
            | Self::TvTopRated
            | Self::TvAiringToday
            | Self::TvOnTheAir
            | Self::Trending(Trending::Tv, _) => Some(Kind::Tv),
            Self::PersonPopular | Self::Trending(Trending::Person, _) => Some(Kind::Person),
            Self::Trending(Trending::All, _) => None,
        }
    }

    /// Whether TMDB takes `timezone` for it.
    pub fn takes_timezone(self) -> bool {
        matches!(self, Self::TvAiringToday | Self::TvOnTheAir)
    }

    /// Whether TMDB takes `region` for it.
    pub fn takes_region(self) -> bool {
        matches!(
            self,
            Self::MoviePopular | Self::MovieTopRated | Self::MovieUpcoming | Self::MovieNowPlaying
        )
    }
}

impl Export {
    pub const ALL: [Self; 10] = [
        Self::Movie,
        Self::Tv,
        Self::Person,
        Self::Collection,
        Self::Network,
        Self::Keyword,
        Self::Company,
        Self::AdultMovie,
        Self::AdultTv,
        Self::AdultPerson,
    ];

    /// The first part of the file's name: `{type}_ids_MM_DD_YYYY.json.gz`.
    pub fn file_type(self) -> &'static str {
        match self {
            Self::Movie => "movie",
            Self::Tv => "tv_series",
            Self::Person => "person",
            Self::Collection => "collection",
            Self::Network => "tv_network",
            Self::Keyword => "keyword",
            Self::Company => "production_company",
            Self::AdultMovie => "adult_movie",
            Self::AdultTv => "adult_tv_series",
            Self::AdultPerson => "adult_person",
        }
    }

    pub fn kind(self) -> Kind {
        match self {
            Self::Movie | Self::AdultMovie => Kind::Movie,
            Self::Tv | Self::AdultTv => Kind::Tv,
            Self::Person | Self::AdultPerson => Kind::Person,
            Self::Collection => Kind::Collection,
            Self::Network => Kind::Network,
            Self::Keyword => Kind::Keyword,
            Self::Company => Kind::Company,
        }
    }

    pub fn is_adult(self) -> bool {
        matches!(self, Self::AdultMovie | Self::AdultTv | Self::AdultPerson)
    }
}

impl Feed {
    pub const ALL: [Self; 3] = [Self::Movie, Self::Tv, Self::Person];

    pub fn kind(self) -> Kind {
        match self {
            Self::Movie => Kind::Movie,
            Self::Tv => Kind::Tv,
            Self::Person => Kind::Person,
        }
    }
}

impl Source {
    /// Every source with a name of its own; those of recipes are without number.
    pub fn all() -> Vec<Self> {
        let lists = List::all().into_iter().map(Self::List);
        let exports = Export::ALL.map(Self::Export);
        let feeds = Feed::ALL.map(Self::Changes);
        let others = [Self::Similar, Self::Reference, Self::Stale];
        lists.chain(exports).chain(feeds).chain(others).collect()
    }

    /// The kind of everything it shows; `None` where that is mixed.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::List(list) => list.kind(),
            Self::Export(export) => Some(export.kind()),
            Self::Discover(discover) => Some(discover.kind()),
            Self::Changes(feed) => Some(feed.kind()),
            Self::Reference => Some(Kind::Reference),
            Self::Similar | Self::Stale => None,
        }
    }
}

/// Lists are named by their paths with dots (`movie.popular`,
/// `trending.all.day`), exports `export.movie`, change feeds `changes.movie`,
/// what is discovered by kind and recipe (`movie.genre_28`, `tv.hidden_gems`).
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(list) => f.pad(&list.path().replace('/', ".")),
            Self::Export(export) => f.pad(&format!("export.{}", export.file_type())),
            Self::Discover(discover) => discover.fmt(f),
            Self::Similar => f.pad("similar"),
            Self::Reference => f.pad("reference"),
            Self::Changes(feed) => f.pad(&format!("changes.{}", feed.kind())),
            Self::Stale => f.pad("stale"),
        }
    }
}

impl FromStr for Source {
    type Err = UnknownSource;

    fn from_str(text: &str) -> Result<Self, UnknownSource> {
        let name = text.replace('/', ".");
        let found = Self::all().into_iter().find(|source| source.to_string() == name);
        found
            .or_else(|| Discover::from_name(&name).map(Self::Discover))
            .ok_or_else(|| UnknownSource(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown source `{0}` (such as movie.popular, tv.genre_18, trending.all.day, export.movie, changes.movie, similar, stale, reference)"
)]
pub struct UnknownSource(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_read_back_from_its_name() {
        for source in Source::all() {
            assert_eq!(source.to_string().parse(), Ok(source));
        }
    }

    #[test]
    fn recipes_are_read_back_from_their_names() {
        for (name, kind, recipe) in [
            ("movie.genres", Kind::Movie, Recipe::Genres),
            ("tv.genre_10765", Kind::Tv, Recipe::Genre(10_765)),
            ("tv.hidden_gems", Kind::Tv, Recipe::Named("hidden_gems".to_owned())),
        ] {
            let source = Source::Discover(Discover::new(kind, recipe).unwrap());
            assert_eq!(name.parse(), Ok(source.clone()));
            assert_eq!(source.to_string(), name);
        }
    }

    #[test]
    fn what_is_no_source_is_refused() {
        for name in
            ["popular", "person.genre_18", "movie.genre_", "movie.genre_+1", "movie.", "movie.A b"]
        {
            assert!(name.parse::<Source>().is_err(), "{name} passed");
        }
    }
}
