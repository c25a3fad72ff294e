//! TMDB's lists, as they were read.

use serde::Serialize;

use crate::key::Key;
use crate::time::Timestamp;

/// A list, in one region and language.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListName {
    /// A source's name: `movie.popular`.
    pub list: String,
    /// ISO 3166-1; empty for none.
    pub region: String,
    /// Such as `en-US`; empty for TMDB's default.
    pub language: String,
}

/// One page of a list, as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage {
    pub name: ListName,
    /// From 1.
    pub page: u32,
    /// The place of the first key in the whole list, from 1.
    pub first_rank: u32,
    pub keys: Vec<Key>,
    pub seen_at: Timestamp,
    /// Whether this page ends the list as far as it is read: entries behind it,
    /// left over from earlier readings, are dropped.
    pub is_last: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListEntry {
    pub key: Key,
    pub rank: u32,
    pub seen_at: Timestamp,
}
