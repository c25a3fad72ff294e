//! Recipes for TMDB's `discover`: which titles to find, in its own parameters.

use std::collections::BTreeMap;

use domain::Kind;
use serde::{Deserialize, Serialize};

/// TMDB's names and values, as `vote_count.gte` and `300`.
pub type Parameters = BTreeMap<String, String>;

/// Recipes by their names.
pub type Recipes = BTreeMap<String, Recipe>;

/// What to ask for movies and for shows; where it is empty, the recipe is not
/// for that kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub movie: Parameters,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tv: Parameters,
}

impl Recipe {
    /// Its parameters for a kind, where it has any. One with an empty value
    /// stands for nothing.
    pub fn of(&self, kind: Kind) -> Option<Parameters> {
        let all = match kind {
            Kind::Movie => &self.movie,
            Kind::Tv => &self.tv,
            _ => return None,
        };
        let given = all.iter().filter(|(_, value)| !value.is_empty());
        let given: Parameters = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        (!given.is_empty()).then_some(given)
    }
}

/// `hidden_gems` and `award_winning`.
///
/// TMDB knows no awards: titles that very many people rate highly stand in for
/// those that win them.
pub fn default_recipes() -> Recipes {
    let gems: &[(&str, &str)] = &[
        ("sort_by", "vote_average.desc"),
        ("vote_average.gte", "7.5"),
        ("vote_count.gte", "300"),
        ("vote_count.lte", "5000"),
        ("without_genres", "99,10755"),
    ];
    // Shows get a tenth of the votes, and have no genre for TV movies.
    let tv_gems: &[(&str, &str)] = &[
        ("sort_by", "vote_average.desc"),
        ("vote_average.gte", "7.5"),
        ("vote_count.gte", "100"),
        ("vote_count.lte", "1500"),
        ("without_genres", "99"),
    ];
    let awards = |votes: &'static str| {
        [("sort_by", "vote_average.desc"), ("vote_average.gte", "8"), ("vote_count.gte", votes)]
    };
    let recipe = |movie: &[(&str, &str)], tv: &[(&str, &str)]| Recipe {
        movie: parameters(movie),
        tv: parameters(tv),
    };
    BTreeMap::from([
        ("hidden_gems".to_owned(), recipe(gems, tv_gems)),
        ("award_winning".to_owned(), recipe(&awards("5000"), &awards("2000"))),
    ])
}

/// The most popular titles of a genre.
pub fn genre(id: u64) -> Parameters {
    parameters(&[("sort_by", "popularity.desc"), ("with_genres", &id.to_string())])
}

fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Why parameters cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    #[error("TMDB's discover/{kind} has no parameter `{name}`{hint}")]
    Unknown { kind: Kind, name: String, hint: String },
    #[error("`{name}` is set by the harvest, not by a recipe")]
    Reserved { name: String },
}

/// What the harvest sets on every page.
const RESERVED: [&str; 4] = ["language", "page", "region", "timezone"];

/// Refuses parameters that TMDB would ignore or that are not a recipe's to set.
pub fn check(kind: Kind, parameters: &Parameters) -> Result<(), ParameterError> {
    for name in parameters.keys() {
        if RESERVED.contains(&name.as_str()) {
            return Err(ParameterError::Reserved { name: name.clone() });
        }
        let known = if kind == Kind::Movie { MOVIE } else { TV };
        if !BOTH.contains(&name.as_str()) && !known.contains(&name.as_str()) {
            return Err(ParameterError::Unknown { kind, name: name.clone(), hint: hint(name) });
        }
    }
    Ok(())
}

/// The known parameter that begins or ends alike.
fn hint(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or(name);
    let all = || BOTH.iter().chain(MOVIE).chain(TV);
    let near = all().find(|known| known.starts_with(stem) || known.ends_with(stem));
    near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default()
}

const BOTH: &[&str] = &[
    "include_adult",
    "sort_by",
    "vote_average.gte",
    "vote_average.lte",
    "vote_count.gte",
    "vote_count.lte",
    "watch_region",
    "with_companies",
    "with_genres",
    "with_keywords",
    "with_origin_country",
    "with_original_language",
    "with_runtime.gte",
    "with_runtime.lte",
    "with_watch_monetization_types",
    "with_watch_providers",
    "without_companies",
    "without_genres",
    "without_keywords",
    "without_watch_providers",
];

const MOVIE: &[&str] = &[
    "certification",
    "certification.gte",
    "certification.lte",
    "certification_country",
    "include_video",
    "primary_release_date.gte",
    "primary_release_date.lte",
    "primary_release_year",
    "release_date.gte",
    "release_date.lte",
    "with_cast",
    "with_crew",
    "with_people",
    "with_release_type",
    "year",
];

const TV: &[&str] = &[
    "air_date.gte",
    "air_date.lte",
    "first_air_date.gte",
    "first_air_date.lte",
    "first_air_date_year",
    "include_null_first_air_dates",
    "screened_theatrically",
    "with_networks",
    "with_status",
    "with_type",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::corpus;

    #[test]
    fn the_parameters_are_those_of_tmdbs_description() {
        let Some(description) = corpus::read("openapi.json") else { return };
        let description: Value = serde_json::from_slice(&description).unwrap();
        for (kind, own) in [("movie", MOVIE), ("tv", TV)] {
            let path = format!("/3/discover/{kind}");
            let described = description["paths"][path]["get"]["parameters"].as_array().unwrap();
            let described: BTreeSet<_> =
                described.iter().map(|it| it["name"].as_str().unwrap()).collect();
            let known: BTreeSet<_> = BOTH.iter().chain(own).copied().collect();
            let missing: Vec<_> = described.difference(&known).collect();
            assert!(missing.iter().all(|name| RESERVED.contains(name)), "{kind}: {missing:?}");
            assert!(known.is_subset(&described), "{kind}: {:?}", known.difference(&described));
        }
    }

    #[test]
    fn the_default_recipes_can_be_asked() {
        for (name, recipe) in default_recipes() {
            for kind in [Kind::Movie, Kind::Tv] {
                let parameters = recipe.of(kind).expect("both kinds have it");
                assert_eq!(check(kind, &parameters), Ok(()), "{name}");
            }
        }
        assert_eq!(check(Kind::Tv, &genre(18)), Ok(()));
    }

    #[track_caller]
    fn check_refused(kind: Kind, name: &str, says: &str) {
        let error = check(kind, &parameters(&[(name, "1")])).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn what_tmdb_would_ignore_is_refused() {
        check_refused(Kind::Movie, "vote_count.gt", "did you mean `vote_count.gte`?");
        check_refused(Kind::Movie, "with_networks", "discover/movie has no parameter");
        check_refused(Kind::Tv, "with_cast", "discover/tv has no parameter");
        check_refused(Kind::Tv, "page", "is set by the harvest");
    }

    #[test]
    fn an_empty_value_takes_a_parameter_away() {
        let movie = parameters(&[("vote_count.gte", ""), ("with_genres", "28")]);
        let recipe = Recipe { movie, tv: parameters(&[("with_genres", "")]) };
        assert_eq!(recipe.of(Kind::Movie), Some(parameters(&[("with_genres", "28")])));
        assert_eq!(recipe.of(Kind::Tv), None);
    }
}
