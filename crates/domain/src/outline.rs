//! What the rules need of a record without its body: dates, state, figures, names.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a record says of its title, as far as its kind has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// A title's or a person's name.
    pub name: Option<String>,
    pub imdb_id: Option<String>,
    /// A movie's release, a show's first air date, a season's or an episode's air date.
    pub released: Option<Date>,
    /// A show's next episode.
    pub airs: Option<Date>,
    /// Whether more is to be expected of it: a movie not released yet, a show
    /// not ended or canceled.
    pub is_open: bool,
    /// A person's birthday.
    pub born: Option<Date>,
    pub figures: Figures,
}

/// The figures that move daily. They make no version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub popularity: Option<f64>,
    /// 0 to 10.
    pub vote_average: Option<f64>,
    pub vote_count: Option<u64>,
}

impl Figures {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The figures of a key on a day, in UTC; the last of a day counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SeriesPoint {
    pub day: Date,
    #[serde(flatten)]
    pub figures: Figures,
}
