//! Reads what TMDB discovers: genres, and the recipes of the configuration.

use domain::sighting::{Discover, Recipe};
use domain::{Kind, Source};
use tmdb::discover::{self, Parameters, Recipes};
use tokio_util::sync::CancellationToken;

use super::intake::Intake;
use super::lists::{self, Paged};
use crate::error::PipelineError;
use crate::watch::Watch;

/// Says which genres of a kind are preferred, the dearest first; empty where
/// nobody has said. What users like can be put here without a word to the harvest.
pub type Taste<'a> = &'a (dyn Fn(Kind) -> Vec<u64> + Sync);

/// TMDB's ids of the genres that `movie.genres` and `tv.genres` stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genres {
    pub movie: Vec<u64>,
    pub tv: Vec<u64>,
}

/// Action, comedy, drama, thriller, adventure; for shows drama, comedy, science
/// fiction & fantasy, action & adventure, crime.
impl Default for Genres {
    fn default() -> Self {
        Self { movie: vec![28, 35, 18, 53, 12], tv: vec![18, 35, 10_765, 10_759, 80] }
    }
}

impl Genres {
    /// As many genres, those of a taste first.
    #[must_use]
    pub fn by_taste(&self, taste: Taste<'_>) -> Self {
        let mixed = |kind, configured: &Vec<u64>| {
            let mut genres: Vec<u64> = vec![];
            for id in taste(kind).into_iter().chain(configured.iter().copied()) {
                if genres.len() < configured.len() && !genres.contains(&id) {
                    genres.push(id);
                }
            }
            genres
        };
        Self { movie: mixed(Kind::Movie, &self.movie), tv: mixed(Kind::Tv, &self.tv) }
    }

    fn of(&self, kind: Kind) -> &[u64] {
        match kind {
            Kind::Movie => &self.movie,
            Kind::Tv => &self.tv,
            _ => &[],
        }
    }
}

pub(super) async fn read(
    intake: &mut Intake<'_>,
    discover: &Discover,
    watch: &dyn Watch,
    stop: &CancellationToken,
) -> Result<(), PipelineError> {
    let kind = discover.kind();
    for (source, mut filters) in readings(intake, discover)? {
        // TMDB leaves adult titles out unless it is told otherwise.
        if intake.plan.filter.adult {
            filters.entry("include_adult".to_owned()).or_insert_with(|| "true".to_owned());
        }
        lists::read(intake, &source, &Paged::Discover(kind, filters), watch, stop).await?;
    }
    Ok(())
}

/// What to read, each under its own name.
fn readings(
    intake: &Intake<'_>,
    discover: &Discover,
) -> Result<Vec<(Source, Parameters)>, PipelineError> {
    let kind = discover.kind();
    let itself = |filters| vec![(Source::Discover(discover.clone()), filters)];
    let of_genre = |id: &u64| {
        let named = Discover::new(kind, Recipe::Genre(*id))?;
        Some((Source::Discover(named), discover::genre(*id)))
    };
    Ok(match &discover.recipe {
        Recipe::Genres => intake.plan.genres.of(kind).iter().filter_map(of_genre).collect(),
        Recipe::Genre(id) => itself(discover::genre(*id)),
        Recipe::Named(name) => itself(
            filters(&intake.plan.recipes, kind, name)
                .map_err(|why| PipelineError::Source { what: discover.to_string(), why })?,
        ),
    })
}

/// The parameters of a recipe, or why there are none.
fn filters(recipes: &Recipes, kind: Kind, name: &str) -> Result<Parameters, String> {
    let Some(recipe) = recipes.get(name) else {
        let known: Vec<&str> = recipes.keys().map(String::as_str).collect();
        return Err(format!(
            "there is no list and no recipe `{name}`; the recipes are {}",
            known.join(", ")
        ));
    };
    recipe.of(kind).ok_or_else(|| format!("the recipe `{name}` has no parameters for {kind}"))
}

/// Refuses sources whose recipes are not there, before a run starts: says
/// which and why.
pub fn refuse_unknown(sources: &[Source], recipes: &Recipes) -> Result<(), String> {
    for source in sources {
        let Source::Discover(discover) = source else { continue };
        if let Recipe::Named(name) = &discover.recipe {
            filters(recipes, discover.kind(), name)
                .map_err(|why| format!("unknown source `{source}`: {why}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tmdb::discover::default_recipes;

    use super::*;

    #[track_caller]
    fn check(source: &str, says: Option<&str>) {
        let told = refuse_unknown(&[source.parse().unwrap()], &default_recipes());
        match (told, says) {
            (Ok(()), None) => (),
            (Err(why), Some(says)) => assert!(why.contains(says), "{why}"),
            (told, _) => panic!("{source}: {told:?}"),
        }
    }

    #[test]
    fn a_recipe_that_is_not_there_is_refused_by_name() {
        check("movie.hidden_gems", None);
        check("tv.genre_99999", None);
        check("export.movie", None);
        check("movie.populer", Some("unknown source `movie.populer`"));
        check("movie.populer", Some("award_winning, hidden_gems"));
    }

    #[test]
    fn a_taste_comes_before_the_configured_genres() {
        let taste = |kind| if kind == Kind::Movie { vec![99, 35] } else { vec![] };
        let genres = Genres::default().by_taste(&taste);
        assert_eq!(genres.movie, [99, 35, 28, 18, 53]);
        assert_eq!(genres.tv, Genres::default().tv);
    }
}
