//! What titles are found by: the facets of each, names, and ids at other places.

use crate::key::{Key, Kind};
use crate::time::Timestamp;

/// What a title can be found by, without its texts. Days are counted from 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct Facets {
    /// A movie or a show.
    pub key: Key,
    pub fetched_at: Timestamp,
    pub title: String,
    pub original_title: String,
    pub original_language: Option<String>,
    pub popularity: f64,
    pub vote_average: f64,
    pub vote_count: u64,
    /// A show's first air date.
    pub released: Option<i32>,
    pub runtime: Option<u32>,
    pub adult: bool,
    pub traits: Traits,
}

/// Facets that only finding needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// A clip or a recording rather than a film.
    pub video: bool,
    /// Whether episodes of a show were shown in cinemas.
    pub theatrical: bool,
    /// US dollars.
    pub revenue: u64,
    /// A show's, by TMDB's numbers for filters.
    pub status: Option<u8>,
    pub sort: Option<u8>,
    pub genres: Vec<u32>,
    pub keywords: Vec<u32>,
    pub companies: Vec<u32>,
    pub networks: Vec<u32>,
    pub cast: Vec<u32>,
    pub crew: Vec<u32>,
    /// ISO 3166-1, where it comes from.
    pub countries: Vec<String>,
    pub releases: Vec<Released>,
    pub offers: Vec<Offered>,
    /// Days on which something of a show is known to have aired, or to air.
    pub air_days: Vec<i32>,
}

/// A release of a movie in a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    /// ISO 3166-1.
    pub country: String,
    /// TMDB's number: 1 premiere, 2 limited, 3 theatrical, 4 digital, 5 physical, 6 on TV.
    pub sort: u8,
    pub day: Option<i32>,
    /// Empty where there is none.
    pub certification: String,
}

/// A provider that shows a title in a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    /// ISO 3166-1.
    pub country: String,
    pub provider: u32,
    /// Bits of [`Way`].
    pub ways: u8,
}

/// How a provider lets people see a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Flatrate,
    Free,
    Ads,
    Rent,
    Buy,
}

impl Way {
    pub const ALL: [Self; 5] = [Self::Flatrate, Self::Free, Self::Ads, Self::Rent, Self::Buy];

    /// As TMDB's filters name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flatrate => "flatrate",
            Self::Free => "free",
            Self::Ads => "ads",
            Self::Rent => "rent",
            Self::Buy => "buy",
        }
    }

    pub fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What is sought by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameQuery {
    /// All words must be in a name; of the last one its start is enough.
    pub text: String,
    /// Movies, shows, people, collections, companies, networks, keywords.
    pub kinds: Vec<Kind>,
    /// Whether adult titles and people are found too.
    pub adult: bool,
    /// The year of a title's release; filters titles only.
    pub year: Option<i32>,
    pub limit: usize,
    pub offset: usize,
}

/// What was found by name: those first whose name is what was sought, then those
/// whose name starts with it, then the others; each by popularity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamePage {
    pub keys: Vec<Key>,
    /// How many match in all.
    pub total: u64,
}

/// Whose ids TMDB knows too. The numbers are stored and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExternalSource {
    Imdb = 1,
    Tvdb = 2,
    Wikidata = 3,
    Facebook = 4,
    Instagram = 5,
    Twitter = 6,
    Tiktok = 7,
    Youtube = 8,
}

impl ExternalSource {
    pub const ALL: [Self; 8] = [
        Self::Imdb,
        Self::Tvdb,
        Self::Wikidata,
        Self::Facebook,
        Self::Instagram,
        Self::Twitter,
        Self::Tiktok,
        Self::Youtube,
    ];

    /// As TMDB names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imdb => "imdb_id",
            Self::Tvdb => "tvdb_id",
            Self::Wikidata => "wikidata_id",
            Self::Facebook => "facebook_id",
            Self::Instagram => "instagram_id",
            Self::Twitter => "twitter_id",
            Self::Tiktok => "tiktok_id",
            Self::Youtube => "youtube_id",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }

    pub fn number(self) -> i16 {
        self as i16
    }
}
