//! Sources that are a question of one's own: TMDB's `discover` by a recipe.

use std::fmt;

use crate::key::Kind;

/// Titles of one kind that a recipe finds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Discover {
    kind: Kind,
    pub recipe: Recipe,
}

/// What to discover.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Recipe {
    /// Each of the wanted genres in turn; the plan of a harvest says which.
    Genres,
    /// The most popular titles of a genre, by TMDB's id. Movies and shows have
    /// genres of their own.
    Genre(u64),
    /// A recipe of the configuration: `hidden_gems`.
    Named(String),
}

impl Discover {
    /// `None` for kinds that TMDB cannot discover: all but movies and shows.
    pub fn new(kind: Kind, recipe: Recipe) -> Option<Self> {
        matches!(kind, Kind::Movie | Kind::Tv).then_some(Self { kind, recipe })
    }

    /// Movies or shows.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Reads `movie.genres`, `movie.genre_28`, `tv.hidden_gems`. Whether a
    /// recipe of that name exists is for the configuration to say.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        let (kind, recipe) = name.split_once('.')?;
        let is_plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        let recipe = match (recipe, recipe.strip_prefix("genre_")) {
            ("genres", _) => Recipe::Genres,
            (_, Some(id)) => Recipe::Genre(id.parse().ok().filter(|_| !id.starts_with('+'))?),
            (name, None) => {
                let fits = name.starts_with(is_plain)
                    && name.chars().all(|letter| is_plain(letter) || letter.is_ascii_digit());
                fits.then(|| Recipe::Named(name.to_owned()))?
            }
        };
        Self::new(kind.parse().ok()?, recipe)
    }
}

impl fmt::Display for Discover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind;
        match &self.recipe {
            Recipe::Genres => f.pad(&format!("{kind}.genres")),
            Recipe::Genre(id) => f.pad(&format!("{kind}.genre_{id}")),
            Recipe::Named(name) => f.pad(&format!("{kind}.{name}")),
        }
    }
}
