//! Sources by the short names that people use: `popular`, `genres`, `hidden_gems`.

use domain::sighting::{List, Trending, Window};
use domain::{Kind, Source};
use tmdb::discover::Recipes;

use crate::harvest::refuse_unknown;
use crate::run::wants;

/// Why categories make no sources, for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CategoryError {
    #[error(
        "unknown category `{0}` (one of popular, top_rated, upcoming, now_playing, airing_today, \
         on_the_air, genres, genre_ID, {1})"
    )]
    Unknown(String, String),
    #[error("no wanted kind has the category `{0}`")]
    Unwanted(String),
}

/// The sources of categories, of the wanted kinds only (all when empty), with the
/// week's trending titles where they are asked for.
pub fn sources(
    categories: &[String],
    include_trending: bool,
    kinds: &[Kind],
    recipes: &Recipes,
) -> Result<Vec<Source>, CategoryError> {
    let has = |source: &Source| source.kind().is_none_or(|kind| wants(kinds, kind));
    let mut sources = vec![];
    for category in categories {
        let before = sources.len();
        sources.extend(named(category, recipes)?.into_iter().filter(has));
        if sources.len() == before {
            return Err(CategoryError::Unwanted(category.clone()));
        }
    }
    if include_trending {
        let trending = [Trending::Movie, Trending::Tv, Trending::Person];
        let lists = trending.map(|kind| Source::List(List::Trending(kind, Window::Week)));
        sources.extend(lists.into_iter().filter(has));
    }
    Ok(sources)
}

/// The lists of that short name, or else what a recipe or the genres find.
fn named(category: &str, recipes: &Recipes) -> Result<Vec<Source>, CategoryError> {
    let lists =
        ["movie", "tv", "person"].map(|kind| format!("{kind}.{category}").parse::<Source>());
    let mut sources: Vec<Source> = lists.into_iter().flatten().collect();
    sources.retain(|source| match source {
        Source::List(_) => true,
        Source::Discover(_) => refuse_unknown(std::slice::from_ref(source), recipes).is_ok(),
        _ => false,
    });
    let has_lists = sources.iter().any(|source| matches!(source, Source::List(_)));
    sources.retain(|source| !has_lists || matches!(source, Source::List(_)));
    if sources.is_empty() {
        let known: Vec<&str> = recipes.keys().map(String::as_str).collect();
        return Err(CategoryError::Unknown(category.to_owned(), known.join(", ")));
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(categories: &[&str], trending: bool, kinds: &[Kind]) -> Result<String, CategoryError> {
        let categories: Vec<String> = categories.iter().map(|name| (*name).to_owned()).collect();
        let recipes = tmdb::discover::default_recipes();
        let sources = sources(&categories, trending, kinds, &recipes)?;
        Ok(sources.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn a_category_is_the_lists_of_its_name() {
        let movies = [Kind::Movie];
        let all = "movie.popular tv.popular person.popular";
        assert_eq!(found(&["popular"], false, &[]).as_deref(), Ok(all));
        assert_eq!(found(&["popular"], false, &movies).as_deref(), Ok("movie.popular"));
        let both = "movie.hidden_gems trending.movie.week";
        assert_eq!(found(&["hidden_gems"], true, &movies).as_deref(), Ok(both));
    }

    #[test]
    fn what_is_unknown_or_unwanted_is_refused() {
        let unknown = found(&["popularity"], false, &[]);
        assert!(matches!(unknown, Err(CategoryError::Unknown(name, _)) if name == "popularity"));
        let unwanted = found(&["upcoming"], false, &[Kind::Tv]);
        assert_eq!(unwanted, Err(CategoryError::Unwanted("upcoming".to_owned())));
    }
}
