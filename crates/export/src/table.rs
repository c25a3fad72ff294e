//! The tables there are, and what each is made from.

use std::fmt;
use std::str::FromStr;

use domain::Kind;
use serde::{Deserialize, Serialize};

use crate::column::{Shape, shapes};
use crate::sheets::{credits, lists, parts, people, removed, series, works};

/// A table of an export; its files have its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    Works,
    Credits,
    Ratings,
    Providers,
    Videos,
    Similar,
    People,
    Series,
    ListEntries,
    /// Whole records, of protobuf exports.
    Records,
    /// Keys that are gone since, of deltas.
    Removed,
    /// Every key of the mirror, for the next delta.
    Keys,
}

impl Table {
    /// The tables that can be asked for.
    pub const CHOICE: [Self; 9] = [
        Self::Works,
        Self::Credits,
        Self::Ratings,
        Self::Providers,
        Self::Videos,
        Self::Similar,
        Self::People,
        Self::Series,
        Self::ListEntries,
    ];

    const ALL: [Self; 12] = [
        Self::Works,
        Self::Credits,
        Self::Ratings,
        Self::Providers,
        Self::Videos,
        Self::Similar,
        Self::People,
        Self::Series,
        Self::ListEntries,
        Self::Records,
        Self::Removed,
        Self::Keys,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Credits => "credits",
            Self::Ratings => "ratings",
            Self::Providers => "providers",
            Self::Videos => "videos",
            Self::Similar => "similar",
            Self::People => "people",
            Self::Series => "series",
            Self::ListEntries => "list_entries",
            Self::Records => "records",
            Self::Removed => "removed",
            Self::Keys => "keys",
        }
    }

    /// Whether its rows come from titles.
    pub(crate) fn is_of_titles(self) -> bool {
        use Table::{Credits, Providers, Ratings, Similar, Videos, Works};
        matches!(self, Works | Credits | Ratings | Providers | Videos | Similar)
    }

    /// Whether it has rows of things of this kind.
    pub(crate) fn has(self, kind: Kind) -> bool {
        match self {
            Self::People => kind == Kind::Person,
            Self::Series | Self::ListEntries => kind.is_title() || kind == Kind::Person,
            Self::Records | Self::Removed | Self::Keys => true,
            _ => kind.is_title(),
        }
    }

    /// How a delta of it is applied.
    pub(crate) fn applied(self) -> &'static str {
        match self {
            Self::ListEntries => "replace the table",
            Self::Series => "replace the days from series_from on",
            Self::Removed | Self::Keys => "",
            _ => "replace the rows of these keys",
        }
    }

    /// What a person calls it, for the documentation.
    pub fn about(self) -> &'static str {
        match self {
            Self::Works => "A movie or a show a row.",
            Self::Credits => "A part in front of or behind the camera a row.",
            Self::Ratings => "What one source says of a title a row.",
            Self::Providers => {
                "An offer to watch a title in a country a row. By JustWatch: name it where you show it."
            }
            Self::Videos => "A trailer, teaser or clip a row.",
            Self::Similar => "A title that TMDB calls similar to another a row.",
            Self::People => "A person a row.",
            Self::Series => "The figures of a title or a person on a day a row.",
            Self::ListEntries => "A place in one of TMDB's lists a row.",
            Self::Records => "Whole records.",
            Self::Removed => "A key that is gone since the export before a row; of deltas only.",
            Self::Keys => "Every key.",
        }
    }

    pub(crate) fn shapes(self) -> Vec<Shape> {
        match self {
            Self::Works => shapes::<works::Works>(),
            Self::Credits => shapes::<credits::Credits>(),
            Self::Ratings => shapes::<parts::Ratings>(),
            Self::Providers => shapes::<parts::Providers>(),
            Self::Videos => shapes::<parts::Videos>(),
            Self::Similar => shapes::<parts::Similar>(),
            Self::People => shapes::<people::People>(),
            Self::Series => shapes::<series::Series>(),
            Self::ListEntries => shapes::<lists::ListEntries>(),
            Self::Removed => shapes::<removed::Removed>(),
            Self::Records | Self::Keys => vec![],
        }
    }

    /// Its columns, in order.
    pub fn columns(self) -> Vec<Described> {
        let describe = |shape: Shape| Described {
            name: shape.name,
            sql_type: shape.kind.sql(),
            nullable: !shape.required,
            about: shape.about,
        };
        self.shapes().into_iter().map(describe).collect()
    }
}

/// A column, as the documentation shows it.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    pub name: &'static str,
    pub sql_type: &'static str,
    pub nullable: bool,
    /// What it says, its unit, and TMDB's name of it.
    pub about: &'static str,
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Table {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|table| table.as_str() == text).ok_or_else(|| {
            let names = Self::CHOICE.map(Self::as_str).join(", ");
            format!("there is no table `{text}` (there are {names})")
        })
    }
}
