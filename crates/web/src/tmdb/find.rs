//! What has an id at another place.

use domain::facets::ExternalSource;
use domain::{Key, Kind};
use serde::Serialize;
use serde_json::Value;

use super::InPath;
use super::answer::Answer;
use super::fault::Fault;
use super::page;
use super::query::Query;
use super::rows::{self, Style};
use crate::site::Site;

#[derive(Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "TMDB's names")]
struct Found {
    movie_results: Vec<Value>,
    person_results: Vec<Value>,
    tv_results: Vec<Value>,
    tv_episode_results: Vec<Value>,
    tv_season_results: Vec<Value>,
}

pub(super) async fn find(site: &Site, path: &InPath, query: &Query) -> Result<Answer, Fault> {
    let id = path.first().map(|(_, id)| id.trim()).unwrap_or_default();
    let name = query.get("external_source").unwrap_or_default();
    let Some(source) = ExternalSource::from_name(name) else {
        return Err(Fault::Parameters(format!("`external_source` cannot be `{name}`")));
    };
    let keys = site.stores().catalog.by_external_id(source, id).await?;
    let mut found = Found::default();
    let mut made = rows::keyed_rows(site, &keys, &page::language(query)?, Style::Mixed).await?;
    for key in keys {
        let (Some(row), Some(results)) = (made.remove(&key), found.results(key.kind())) else {
            continue;
        };
        results.push(row);
    }
    page::json(&found)
}

impl Found {
    fn results(&mut self, kind: Kind) -> Option<&mut Vec<Value>> {
        match kind {
            Kind::Movie => Some(&mut self.movie_results),
            Kind::Tv => Some(&mut self.tv_results),
            Kind::Season => Some(&mut self.tv_season_results),
            Kind::Episode => Some(&mut self.tv_episode_results),
            Kind::Person => Some(&mut self.person_results),
            _ => None,
        }
    }
}

/// What a movie or a show is that is asked for by its IMDb id, as in `movie/tt0137523`.
pub(super) async fn by_imdb_id(site: &Site, kind: Kind, id: &str) -> Result<Option<Key>, Fault> {
    let keys = site.stores().catalog.by_external_id(ExternalSource::Imdb, id).await?;
    Ok(keys.into_iter().find(|key| key.kind() == kind))
}
