//! The archive over any database: which version a record makes, how bodies are
//! packed, and where they lie.
//!
//! The *index* (versions, heads, series, proofs) is SQL, an [`Index`] for each
//! database. Bodies lie in the database too, or as objects in an object store:
//! then a row names its object, so that reading a record is one GET, and listing
//! versions needs none.
//!
//! An object is written before the row that names it, under a name that nobody
//! used before, and never changed. One that no row names any more is noted in the
//! transaction that says so ([`Index::discarded`]) and deleted after it.

pub(crate) mod days;
mod index;
pub(crate) mod series;

pub(crate) use index::{
    Change, Detail, Dictionary, DictionaryState, Expired, Index, MAX_CHAIN, OUTDATED, Place, Plan,
    Relocation, Repacked, Standing, Stored, VersionRow,
};
