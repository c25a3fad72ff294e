//! Reads records back as the JSON that TMDB served.

use domain::{Key, Kind, Record};
use serde_json::Value;

use crate::error::PipelineError;
use crate::pipeline::Stores;

/// A record's body as JSON; a show's comes with the seasons that rode along.
///
/// An episode without a record of its own is taken from its season's.
pub async fn json(stores: &Stores, key: Key) -> Result<Option<Value>, PipelineError> {
    let Some(record) = stores.archive.get(key).await? else {
        return episode(stores, key).await;
    };
    let mut body = value(&record)?;
    if key.kind() == Kind::Tv {
        add_seasons(stores, key, &mut body).await?;
    }
    Ok(Some(body))
}

/// The JSON of one record, as it is kept.
pub fn value(record: &Record) -> Result<Value, PipelineError> {
    records::to_value(record)
        .map_err(|error| PipelineError::Record(format!("could not read {}: {error}", record.key)))
}

async fn add_seasons(stores: &Stores, key: Key, body: &mut Value) -> Result<(), PipelineError> {
    let numbers: Vec<u32> = body["seasons"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|season| u32::try_from(season["season_number"].as_u64()?).ok())
        .collect();
    for number in numbers {
        let Some(record) = stores.archive.get(Key::season(key.id(), number)).await? else {
            continue;
        };
        let mut season = value(&record)?;
        if let Some(season) = season.as_object_mut() {
            for name in more_than_rides_along(key, &record.asked) {
                season.remove(name);
            }
        }
        if let Some(body) = body.as_object_mut() {
            body.insert(format!("season/{number}"), season);
        }
    }
    Ok(())
}

/// What a season asked for by itself has besides what rides along with its
/// show: an id, and the parts it was asked with.
fn more_than_rides_along(show: Key, asked: &str) -> Vec<&str> {
    if !asked.starts_with(&format!("{show}/season/")) {
        return vec![];
    }
    let (_, query) = asked.split_once('?').unwrap_or_default();
    let parts = query.split('&').find_map(|part| part.strip_prefix("append_to_response="));
    ["id"].into_iter().chain(parts.into_iter().flat_map(|parts| parts.split(','))).collect()
}

async fn episode(stores: &Stores, key: Key) -> Result<Option<Value>, PipelineError> {
    let (Some(season), Some(number)) = (key.season_number(), key.episode_number()) else {
        return Ok(None);
    };
    let Some(record) = stores.archive.get(Key::season(key.id(), season)).await? else {
        return Ok(None);
    };
    let body = value(&record)?;
    let is_it = |episode: &&Value| episode["episode_number"].as_u64() == Some(number.into());
    let found = body["episodes"].as_array().into_iter().flatten().find(is_it);
    Ok(found.cloned())
}
