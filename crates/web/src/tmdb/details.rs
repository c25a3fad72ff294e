//! Details and their parts: the records that an answer needs, read and composed.

use std::collections::HashMap;

use domain::{Key, Kind, Timestamp};
use pipeline::demand::{Found, Standing};
use records::DecodeError;

use super::InPath;
use super::answer::Answer;
use super::compose::{self, Asked, Held};
use super::demand;
use super::fault::Fault;
use super::find;
use super::query::Query;
use super::reference;
use crate::site::Site;

pub(super) async fn details(
    site: &Site,
    kind: Kind,
    path: &InPath,
    query: &Query,
) -> Result<Answer, Fault> {
    let asked = Asked::of(query)?;
    let key = named(site, kind, path).await?;
    let wants_own = asked.foreign().is_some() || asked.appends().next().is_some();
    let mut gathered = gather(site, key, None, &asked, wants_own).await?;
    let genres = genre_names(site, kind, &asked).await?;
    // Names of genres are told by a record of their own.
    gathered.is_sole &= asked.foreign().is_none() || !kind.is_title();
    let named = |id: u64| genres.get(&id).cloned();
    let body = compose::details(key, &gathered.held, &asked, &named);
    gathered.answer(key, body)
}

pub(super) async fn part(
    site: &Site,
    kind: Kind,
    name: &str,
    path: &InPath,
    query: &Query,
) -> Result<Answer, Fault> {
    let asked = Asked::of(query)?;
    let key = named(site, kind, path).await?;
    let gathered = gather(site, key, Some(name), &asked, true).await?;
    let body = compose::part(key, name, &gathered.held, &asked);
    gathered.answer(key, body)
}

/// The records that an answer is composed of.
#[derive(Default)]
struct Gathered {
    held: Held,
    /// How good the one that it is about is, and when TMDB gave it.
    standing: Option<(Standing, Timestamp)>,
    /// Why what only a record of its own tells is not there.
    lacking: Option<Fault>,
    /// Whether no other record could tell anything of it.
    is_sole: bool,
}

impl Gathered {
    fn add(&mut self, found: Found) {
        self.standing = Some((found.standing, found.record.fetched_at));
        self.held.add(found.record);
    }

    fn answer(self, key: Key, body: Result<Option<String>, DecodeError>) -> Result<Answer, Fault> {
        let body = body.map_err(|error| unreadable(key, &error))?;
        let body = body.ok_or(self.lacking.unwrap_or(Fault::NotFound))?;
        let answer = Answer::new(body);
        Ok(match self.standing {
            Some((standing, fetched_at)) => {
                let answer = answer.standing(standing, fetched_at);
                Answer { sole: self.is_sole.then_some(key), ..answer }
            }
            None => answer,
        })
    }
}

/// Reads the record of a key and those that make its answer more complete.
async fn gather(
    site: &Site,
    key: Key,
    part: Option<&str>,
    asked: &Asked,
    wants_own: bool,
) -> Result<Gathered, Fault> {
    let mut gathered = Gathered::default();
    if let Some(season) = season_of(key) {
        gather_episode(site, key, season, wants_own, &mut gathered).await?;
        return Ok(gathered);
    }
    let found = if key.kind() == Kind::Season && wants_own {
        let (found, lacking) = demand::whole(site, key).await?;
        gathered.lacking = lacking;
        found
    } else {
        demand::found(site, key).await?
    };
    let beside = compose::beside(&found.record, part, asked);
    let beside = beside.map_err(|error| unreadable(key, &error))?;
    gathered.is_sole = beside.is_empty() && gathered.lacking.is_none();
    if !beside.is_empty() {
        let records = site.stores().archive.get_all(&beside).await?;
        records.into_iter().flatten().for_each(|record| gathered.held.add(record));
    }
    gathered.add(found);
    Ok(gathered)
}

/// An episode lives in its season. `wants_own` is for what only a record of its own
/// tells; where TMDB does not give that one, the season still tells most.
async fn gather_episode(
    site: &Site,
    key: Key,
    season: Key,
    wants_own: bool,
    gathered: &mut Gathered,
) -> Result<(), Fault> {
    let archive = &site.stores().archive;
    if archive.get(season).await?.is_some() {
        gathered.add(demand::found(site, season).await?);
    }
    let is_told = compose::tells(&gathered.held, key);
    if is_told && !wants_own && archive.get(key).await?.is_none() {
        return Ok(());
    }
    match demand::found(site, key).await {
        Ok(own) => gathered.add(own),
        Err(Fault::NotFound) => return Err(Fault::NotFound),
        Err(fault) if is_told => gathered.lacking = Some(fault),
        Err(fault) => return Err(fault),
    }
    Ok(())
}

/// Genres in the language that is asked for; empty where the records' own names will do,
/// or no others are known.
async fn genre_names(
    site: &Site,
    kind: Kind,
    asked: &Asked,
) -> Result<HashMap<u64, String>, Fault> {
    match asked.foreign() {
        Some(language) if kind.is_title() => reference::genre_names(site, kind, language).await,
        _ => Ok(HashMap::new()),
    }
}

fn season_of(key: Key) -> Option<Key> {
    let season = key.season_number().filter(|_| key.kind() == Kind::Episode)?;
    Some(Key::season(key.id(), season))
}

fn unreadable(key: Key, error: &DecodeError) -> Fault {
    tracing::error!(%key, %error, "a record could not be read");
    Fault::Internal
}

/// As [`key`]; a title may be named by its id at IMDb, too.
async fn named(site: &Site, kind: Kind, path: &InPath) -> Result<Key, Fault> {
    match path.first() {
        Some((_, given)) if given.starts_with("tt") => {
            find::by_imdb_id(site, kind, given).await?.ok_or(Fault::NotFound)
        }
        _ => key(kind, path),
    }
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
