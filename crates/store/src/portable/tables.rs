//! Which tables a deployment has, and what their columns mean.
//!
//! The columns of a table's key come first. A test on each database fails when a
//! table or a column is there that is not listed here.

mod access;
mod archive;
mod books;
mod catalogue;
mod queue;

use self::Type::{Boolean, Bytes, Date, Instant, Integer, Json, Real, Text, Texts};

/// A table of the deployment, or what stands for several of one database's.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Key columns, in whose order rows are read, and then the others.
    pub(crate) columns: &'static [Column],
    /// How many columns make the key.
    pub(crate) key: usize,
    /// Whether it is copied. What is not is made again from others, or is only
    /// about processes that live now.
    pub(crate) is_moved: bool,
    /// Whether it is part of a fingerprint.
    pub(crate) is_compared: bool,
    /// Whether a copy replaces what is there: one row or few, which are there from
    /// the start or are moved by loading others.
    pub(crate) is_replaced: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    pub(crate) counts: Counts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Integer,
    Real,
    Text,
    Bytes,
    Boolean,
    /// Milliseconds since 1970 in UTC.
    Instant,
    /// Days since 1970.
    Date,
    Json,
    /// A list, as JSON.
    Texts,
}

impl Type {
    /// As a backup names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Integer => "integer",
            Real => "real",
            Text => "text",
            Bytes => "bytes",
            Boolean => "boolean",
            Instant => "instant",
            Date => "date",
            Json => "json",
            Texts => "texts",
        }
    }
}

/// What of a column counts when two states are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    Value,
    /// Only whether there is a value.
    Presence,
    /// Nothing: it depends on when and by whom it was written.
    Not,
}

impl Column {
    const fn passing(self) -> Self {
        Self { counts: Counts::Not, ..self }
    }

    const fn known(self) -> Self {
        Self { counts: Counts::Presence, ..self }
    }
}

const fn of(kind: Type, name: &'static str) -> Column {
    Column { name, kind, counts: Counts::Value }
}

const fn integer(name: &'static str) -> Column {
    of(Integer, name)
}

const fn real(name: &'static str) -> Column {
    of(Real, name)
}

const fn text(name: &'static str) -> Column {
    of(Text, name)
}

const fn bytes(name: &'static str) -> Column {
    of(Bytes, name)
}

const fn boolean(name: &'static str) -> Column {
    of(Boolean, name)
}

const fn date(name: &'static str) -> Column {
    of(Date, name)
}

const fn json(name: &'static str) -> Column {
    of(Json, name)
}

const fn texts(name: &'static str) -> Column {
    of(Texts, name)
}

/// Depends on when, but where its presence says something.
const fn instant(name: &'static str) -> Column {
    of(Instant, name).passing()
}

impl Table {
    /// Where a column stands in a row.
    pub(crate) fn place(&self, column: &str) -> usize {
        let place = self.columns.iter().position(|one| one.name == column);
        place.unwrap_or_else(|| unreachable!("{} has no column {column}", self.name))
    }

    /// A table that is moved and compared.
    const fn new(name: &'static str, key: usize, columns: &'static [Column]) -> Self {
        let (is_moved, is_compared, is_replaced) = (true, true, false);
        Self { name, columns, key, is_moved, is_compared, is_replaced }
    }

    /// Of the deployment's history, which is never the same twice.
    const fn not_compared(self) -> Self {
        Self { is_compared: false, ..self }
    }

    /// Made again from other tables, or only about now.
    const fn not_moved(self) -> Self {
        Self { is_moved: false, ..self }
    }

    /// Written over by a copy.
    const fn replaced(self) -> Self {
        Self { is_replaced: true, is_compared: false, ..self }
    }
}

const KIND: Column = integer("kind");
const ID: Column = integer("id");
const SEASON: Column = integer("season");
const EPISODE: Column = integer("episode");

/// In the order in which they are copied: what is made again from others comes with
/// the last of these.
pub(crate) fn all() -> impl Iterator<Item = &'static Table> {
    [queue::TABLES, archive::TABLES, catalogue::TABLES, books::TABLES, access::TABLES]
        .into_iter()
        .flatten()
}
