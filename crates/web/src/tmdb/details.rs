//! Details and their parts: the records that an answer needs, read and composed.

use std::collections::HashMap;

use domain::{Key, Kind, Timestamp};
use records::DecodeError;

use super::InPath;
use super::answer::Answer;
use super::compose::{self, Asked, Held};
use super::demand;
use super::fault::Fault;
use super::query::Query;
use crate::site::Site;

pub(super) async fn details(
    site: &Site,
    kind: Kind,
    path: &InPath,
    query: &Query,
) -> Result<Answer, Fault> {
    let asked = Asked::of(query)?;
    let key = key(kind, path)?;
    let wants_own = asked.foreign().is_some() || asked.appends().next().is_some();
    let held = gather(site, key, &asked, wants_own).await?;
    let genres = genre_names(site, kind, &asked).await?;
    let named = |id: u64| genres.get(&id).cloned();
    let body = compose::details(key, &held, &asked, &named);
    answer(key, &held, body)
}

pub(super) async fn part(
    site: &Site,
    kind: Kind,
    name: &str,
    path: &InPath,
    query: &Query,
) -> Result<Answer, Fault> {
    let asked = Asked::of(query)?;
    let key = key(kind, path)?;
    let held = gather(site, key, &asked, true).await?;
    answer(key, &held, compose::part(key, name, &held, &asked))
}

/// Reads the record of a key and those that make its answer more complete.
///
/// An episode lives in its season. `wants_own` is for what only a record of its own
/// tells; where TMDB does not give that one, the season still tells most.
async fn gather(site: &Site, key: Key, asked: &Asked, wants_own: bool) -> Result<Held, Fault> {
    let archive = &site.stores().archive;
    let mut held = Held::default();
    if let Some(season) = season_of(key) {
        if let Some(season) = archive.get(season).await? {
            held.add(season);
        }
        let own = match archive.get(key).await? {
            Some(own) => Some(own),
            None if !wants_own && compose::tells(&held, key) => None,
            None => match demand::record(site, key).await {
                Ok(own) => Some(own),
                Err(Fault::NotFound) => return Err(Fault::NotFound),
                Err(_) if compose::tells(&held, key) => None,
                Err(fault) => return Err(fault),
            },
        };
        if let Some(own) = own {
            held.add(own);
        }
        return Ok(held);
    }
    let record = demand::record(site, key).await?;
    for beside in compose::beside(&record, asked).map_err(|error| unreadable(key, &error))? {
        if let Some(record) = archive.get(beside).await? {
            held.add(record);
        }
    }
    held.add(record);
    Ok(held)
}

fn answer(
    key: Key,
    held: &Held,
    body: Result<Option<String>, DecodeError>,
) -> Result<Answer, Fault> {
    let body = body.map_err(|error| unreadable(key, &error))?.ok_or(Fault::NotFound)?;
    let own = held.get(key).or_else(|| held.get(season_of(key)?));
    let fetched_at: Option<Timestamp> = own.map(|record| record.fetched_at);
    Ok(Answer { fetched_at, ..Answer::new(body) })
}

/// Genres in the language that is asked for; empty where the records' own names will do,
/// or no others are known.
#[expect(clippy::unused_async, reason = "reference data in a language has to be read")]
async fn genre_names(
    _site: &Site,
    _kind: Kind,
    _asked: &Asked,
) -> Result<HashMap<u64, String>, Fault> {
    Ok(HashMap::new())
}

fn season_of(key: Key) -> Option<Key> {
    let season = key.season_number().filter(|_| key.kind() == Kind::Episode)?;
    Some(Key::season(key.id(), season))
}

fn unreadable(key: Key, error: &DecodeError) -> Fault {
    tracing::error!(%key, %error, "a record could not be read");
    Fault::Internal
}

/// The key that a path names.
pub(super) fn key(kind: Kind, path: &InPath) -> Result<Key, Fault> {
    let number = |place: usize| path.get(place).and_then(|(_, text)| text.parse::<u32>().ok());
    let id = path.first().and_then(|(_, text)| leading_number(text)).ok_or(Fault::NotFound)?;
    let (season, episode) = match kind {
        Kind::Season => (number(1), None),
        Kind::Episode => (number(1), number(2)),
        _ => (None, None),
    };
    Key::new(kind, id, season, episode).ok().ok_or(Fault::NotFound)
}

/// TMDB reads `550-fight-club` as 550.
fn leading_number(text: &str) -> Option<u64> {
    let digits = text.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}
