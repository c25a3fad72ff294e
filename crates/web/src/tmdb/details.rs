//! A record's body, as TMDB serves it.

use domain::{Key, Kind};

use super::InPath;
use super::answer::Answer;
use super::demand;
use super::fault::Fault;
use super::query::Query;
use crate::site::Site;

pub(super) async fn details(
    site: &Site,
    kind: Kind,
    path: &InPath,
    _query: &Query,
) -> Result<Answer, Fault> {
    let key = key(kind, path)?;
    let found = demand::found(site, key).await?;
    let json = records::to_json(&found.record).map_err(|error| {
        tracing::error!(%key, %error, "a record could not be read");
        Fault::Internal
    })?;
    Ok(Answer::of(&found, json))
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
