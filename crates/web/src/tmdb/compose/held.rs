//! The records that an answer is made from.

use std::collections::HashMap;

use domain::{Key, Kind, Record};
use records::{DecodeError, View};

use super::{Asked, nested, parts};

/// A show's seasons that are looked up for their translations; more would cost too much.
const MAX_SEASONS: usize = 20;

/// Rows of a list that are looked up for their translations.
const MAX_ROWS: usize = 40;

/// The record that was asked for, and those beside it that are mirrored.
#[derive(Debug, Default)]
pub(in crate::tmdb) struct Held(HashMap<Key, Record>);

impl Held {
    pub(in crate::tmdb) fn add(&mut self, record: Record) {
        self.0.insert(record.key, record);
    }

    pub(in crate::tmdb) fn get(&self, key: Key) -> Option<&Record> {
        self.0.get(&key)
    }

    fn view(&self, key: Key) -> Result<Option<View<'_>>, DecodeError> {
        self.get(key).map(View::of).transpose()
    }
}

/// What is told, and what it is told from.
#[derive(Clone, Copy)]
pub(super) struct Subject<'h> {
    pub(super) key: Key,
    pub(super) view: View<'h>,
    /// An episode that has no record of its own.
    pub(super) is_within_season: bool,
    held: &'h Held,
}

impl<'h> Subject<'h> {
    /// A key's own record, or for an episode its row in its season's.
    pub(super) fn find(held: &'h Held, key: Key) -> Result<Option<Self>, DecodeError> {
        let subject = |view, is_within_season| Self { key, view, is_within_season, held };
        if let Some(view) = held.view(key)? {
            return Ok(Some(subject(view, false)));
        }
        let (Some(season), Some(number)) = (key.season_number(), key.episode_number()) else {
            return Ok(None);
        };
        let season = held.view(Key::season(key.id(), season))?;
        let row = season.and_then(|season| {
            let is_it = |row: &View<'_>| row.number("episode_number") == Some(number.into());
            season.rows("episodes").find(is_it)
        });
        Ok(row.map(|row| subject(row, true)))
    }

    /// Another key that is held.
    pub(super) fn beside(&self, key: Key) -> Result<Option<Self>, DecodeError> {
        Self::find(self.held, key)
    }

    /// TMDB's id; a season that rode along lost its own, and its show has it.
    pub(super) fn id(&self) -> Result<Option<u64>, DecodeError> {
        if let Some(id) = self.view.number("id") {
            return Ok(Some(id));
        }
        if self.key.kind() != Kind::Season {
            return Ok(Some(self.key.id()));
        }
        let number = self.key.season_number().map(u64::from);
        let show = self.held.view(Key::tv(self.key.id()))?;
        let season = show.and_then(|show| {
            show.rows("seasons").find(|row| row.number("season_number") == number)
        });
        Ok(season.and_then(|season| season.number("id")))
    }
}

/// The keys whose records would make an answer about `record`, or about a part of it,
/// more complete.
pub(in crate::tmdb) fn beside(
    record: &Record,
    part: Option<&str>,
    asked: &Asked,
) -> Result<Vec<Key>, DecodeError> {
    let view = View::of(record)?;
    let key = record.key;
    let mut keys: Vec<Key> = vec![];
    for name in asked.appends() {
        let Some((nested, _)) = nested(key, name) else { continue };
        keys.push(nested);
        if let Some(season) = nested.season_number() {
            keys.push(Key::season(key.id(), season));
        }
    }
    if asked.foreign().is_some() {
        for name in asked.appends().chain(part).filter(|name| parts::ROWS.contains(name)) {
            let list = view.inner(name);
            keys.extend(list.iter().flat_map(|list| titles(*list, "results", key.kind())));
        }
    }
    match key.kind() {
        Kind::Season if !view.has("id") => keys.push(Key::tv(key.id())),
        Kind::Collection if asked.foreign().is_some() && part.is_none() => {
            keys.extend(titles(view, "parts", Kind::Movie));
        }
        // What follows is about a detail, not about one of its parts.
        _ if part.is_some() => {}
        Kind::Movie if asked.foreign().is_some() => {
            let collection = view.inner("belongs_to_collection").and_then(|own| own.number("id"));
            keys.extend(collection.and_then(|id| Key::new(Kind::Collection, id, None, None).ok()));
        }
        Kind::Tv if asked.foreign().is_some() => {
            let numbers = view.rows("seasons").filter_map(|row| row.number("season_number"));
            let numbers = numbers.filter_map(|number| u32::try_from(number).ok());
            keys.extend(numbers.take(MAX_SEASONS).map(|number| Key::season(key.id(), number)));
        }
        _ => {}
    }
    keys.sort_unstable();
    keys.dedup();
    keys.retain(|beside| *beside != key);
    Ok(keys)
}

/// The titles that a list shows.
fn titles<'v>(view: View<'v>, list: &str, kind: Kind) -> impl Iterator<Item = Key> + use<'v> {
    view.rows(list).filter_map(move |row| title(row, kind)).take(MAX_ROWS)
}

/// The title that a row is about; some rows name their kind.
pub(super) fn title(row: View<'_>, kind: Kind) -> Option<Key> {
    let named = row.text("media_type").and_then(|media| media.parse().ok());
    Key::new(named.unwrap_or(kind), row.number("id")?, None, None).ok()
}
