//! `[recipes]`: what to discover, and which genres. Anybody may add recipes, so
//! their names are not known beforehand.

use domain::sighting::{Discover, Recipe};
use domain::{Kind, Source};
use pipeline::harvest::Genres;
use serde::{Deserialize, Serialize};
use tmdb::discover::{self, Recipes};
use toml::Value;

use super::ConfigError;
use super::settings::{Settings, check as holds};

/// The recipes, with those that are always there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Section(Recipes);

impl Default for Section {
    fn default() -> Self {
        Self(discover::default_recipes())
    }
}

impl std::ops::Deref for Section {
    type Target = Recipes;

    fn deref(&self) -> &Recipes {
        &self.0
    }
}

/// Whether an option is a parameter of a recipe: `recipes.NAME.movie.PARAMETER`.
pub(super) fn is_parameter(name: &str) -> bool {
    let mut parts = name.splitn(4, '.');
    parts.next() == Some("recipes")
        && parts.next().is_some_and(|name| !name.is_empty())
        && matches!(parts.next(), Some("movie" | "tv"))
        && parts.next().is_some()
}

/// A parameter as TMDB takes it.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => Some(value.to_string()),
        _ => None,
    }
}

pub(super) fn default_genres() -> Vec<String> {
    let genres = Genres::default();
    let named = |kind: Kind, ids: &[u64]| {
        ids.iter().map(|id| format!("{kind}.genre_{id}")).collect::<Vec<_>>()
    };
    [named(Kind::Movie, &genres.movie), named(Kind::Tv, &genres.tv)].concat()
}

/// A genre's kind and id, from the name of its source.
fn genre(name: &str) -> Option<(Kind, u64)> {
    let Ok(Source::Discover(discover)) = name.parse() else { return None };
    match discover.recipe {
        Recipe::Genre(id) => Some((discover.kind(), id)),
        Recipe::Genres | Recipe::Named(_) => None,
    }
}

impl Settings {
    pub fn genres(&self) -> Genres {
        let of = |wanted| {
            let named = self.harvest.genres.iter().filter_map(|name| genre(name));
            named.filter(|(kind, _)| *kind == wanted).map(|(_, id)| id).collect()
        };
        Genres { movie: of(Kind::Movie), tv: of(Kind::Tv) }
    }
}

pub(super) fn check(settings: &Settings) -> Result<(), ConfigError> {
    let harvest = &settings.harvest;
    holds(
        harvest.genres.iter().all(|name| genre(name).is_some()),
        "harvest.genres",
        "must be genres by kind and TMDB's id, such as movie.genre_28 or tv.genre_18",
    )?;
    holds(harvest.ahead <= 100_000, "harvest.ahead", "must lie between 0 and 100000")?;
    for (name, recipe) in settings.recipes.iter() {
        let invalid = |why: String| ConfigError::Invalid {
            name: "recipes",
            why: format!("holds `{name}`, which cannot be followed: {why}"),
        };
        let read_back = format!("movie.{name}").parse::<Source>();
        let named = Discover::new(Kind::Movie, Recipe::Named(name.clone())).map(Source::Discover);
        match read_back {
            Ok(source) if Some(&source) == named.as_ref() => (),
            Ok(_) => return Err(invalid("another source has that name".to_owned())),
            Err(_) => {
                let why =
                    "its name must be of small letters, digits and _, and begin with a letter";
                return Err(invalid(why.to_owned()));
            }
        }
        for (kind, parameters) in [(Kind::Movie, &recipe.movie), (Kind::Tv, &recipe.tv)] {
            discover::check(kind, parameters).map_err(|error| invalid(error.to_string()))?;
        }
    }
    Ok(())
}
