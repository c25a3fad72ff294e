//! Records as TMDB lists them: a row of a page, in the language asked.
//!
//! Rows are made from records as the schema reads them, which takes a tenth of what
//! whole bodies would. A record that is not there has no row, and is queued.

mod people;
mod titles;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use domain::{Key, Kind, Record};
use prost::Message;
use records::proto;
use serde_json::{Map, Value};

use super::fault::Fault;
use super::language::Language;
use crate::site::Site;

/// Which rows carry `media_type`, and how much of a person is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Of one kind.
    Plain,
    /// Of many kinds, each of which is named.
    Mixed,
    /// As [`Style::Mixed`]; of people without what they are known for.
    Trending,
}

/// The rows of keys, in their order.
pub(super) async fn rows(
    site: &Site,
    keys: &[Key],
    language: &Language,
    style: Style,
) -> Result<Vec<Value>, Fault> {
    let found = keyed_rows(site, keys, language, style).await?;
    Ok(keys.iter().filter_map(|key| found.get(key).cloned()).collect())
}

/// As [`rows`], by key.
pub(super) async fn keyed_rows(
    site: &Site,
    keys: &[Key],
    language: &Language,
    style: Style,
) -> Result<HashMap<Key, Value>, Fault> {
    let records = site.stores().archive.get_all(keys).await?;
    for (key, record) in keys.iter().zip(&records) {
        if record.is_none()
            && let Err(reason) = site.demand().wish(*key)
        {
            tracing::debug!(%key, %reason, "what a page lacks was not queued");
        }
    }
    let language = language.clone();
    let make = move || {
        let records = records.into_iter().flatten();
        let rows = records.filter_map(|record| Some((record.key, row(&record, &language, style)?)));
        rows.collect()
    };
    tokio::task::spawn_blocking(make).await.map_err(|panic| {
        tracing::error!(%panic, "rows could not be made");
        Fault::Internal
    })
}

/// A row; none for what TMDB lists nowhere, and for a body that cannot be read.
pub(super) fn row(record: &Record, language: &Language, style: Style) -> Option<Value> {
    let mut row = match record.key.kind() {
        Kind::Movie => titles::movie(&read(record)?, language),
        Kind::Tv => titles::show(&read(record)?, language),
        Kind::Person => people::person(&read(record)?, language, style),
        Kind::Season => titles::season(record.key, &read(record)?, language),
        Kind::Episode => titles::episode(record.key, &read(record)?, language),
        Kind::Collection => titles::collection(&read(record)?, language),
        Kind::Company => company(&read(record)?),
        Kind::Network => network(&read(record)?),
        Kind::Keyword => keyword(&read(record)?),
        Kind::Reference => return None,
    };
    // What a body lacks its key still tells.
    if row.get("id").is_none_or(Value::is_null) {
        row.insert("id".to_owned(), record.key.id().into());
    }
    if style != Style::Plain {
        row.insert("media_type".to_owned(), media_type(record.key.kind()).into());
    }
    Some(Value::Object(row))
}

fn media_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Season => "tv_season",
        Kind::Episode => "tv_episode",
        kind => kind.as_str(),
    }
}

fn read<M: Message + Default>(record: &Record) -> Option<M> {
    match M::decode(record.body.clone()) {
        Ok(message) => Some(message),
        Err(error) => {
            tracing::error!(key = %record.key, %error, "a record could not be read");
            None
        }
    }
}

type Row = Map<String, Value>;

/// Fields in the order in which they are given.
fn fields<const N: usize>(fields: [(&str, Value); N]) -> Row {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn company(company: &proto::Company) -> Row {
    fields([
        ("id", company.id.into()),
        ("logo_path", proto::path(company.logo_path.as_ref()).into()),
        ("name", text(company.name.as_ref())),
        ("origin_country", text(company.origin_country.as_ref())),
    ])
}

fn network(network: &proto::Network) -> Row {
    fields([
        ("id", network.id.into()),
        ("logo_path", proto::path(network.logo_path.as_ref()).into()),
        ("name", text(network.name.as_ref())),
        ("origin_country", text(network.origin_country.as_ref())),
    ])
}

fn keyword(keyword: &proto::Keyword) -> Row {
    fields([("id", keyword.id.into()), ("name", text(keyword.name.as_ref()))])
}

/// TMDB writes a text that it does not have as an empty one.
fn text(text: Option<&String>) -> Value {
    text.map(String::as_str).unwrap_or_default().into()
}

fn number(packed: Option<u64>) -> Value {
    proto::decimal(packed).unwrap_or_default().into()
}

/// TMDB writes a date that it does not have as an empty one.
fn date(packed: Option<u64>) -> Value {
    proto::date(packed).unwrap_or_default().into()
}
