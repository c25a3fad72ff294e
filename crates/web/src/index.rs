//! An index in memory of what titles are found by, for pages that no single query of a
//! database could answer in time: made from the catalogue's facets when it is first
//! needed, and kept up with what changes.
//!
//! [`Titles`] loads and asks; a [`table::Table`] holds a fixed row for each title and the
//! rest of its facets packed behind it, read only where a filter needs them.

mod filter;
mod keeper;
mod packed;
mod select;
mod table;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use filter::{Filter, Groups, Offers, Releases, Span};
pub(crate) use keeper::{NotReady, Titles};
pub(crate) use packed::code;
pub(crate) use select::{Order, Sort};
