//! What a column is: its name, its type, and how a row tells its value.

use domain::Timestamp;
use jiff::civil::Date;

/// A table by its columns. One definition serves every format and the documentation.
pub(crate) trait Sheet: Sized + 'static {
    /// What a row is made from.
    type Row<'a>: Copy;

    const COLUMNS: &'static [Column<Self>];
}

pub(crate) struct Column<S: Sheet> {
    pub(crate) name: &'static str,
    /// Whether every row has it.
    pub(crate) required: bool,
    /// For the documentation: what it says, its unit, TMDB's name of it.
    pub(crate) about: &'static str,
    pub(crate) get: Get<S>,
}

/// How a value is read from a row; it tells the column's type.
pub(crate) enum Get<S: Sheet> {
    Text(for<'r, 'a> fn(&'r S::Row<'a>) -> Option<&'r str>),
    Texts(for<'r, 'a> fn(&'r S::Row<'a>) -> &'r [String]),
    Int(fn(&S::Row<'_>) -> Option<i32>),
    Long(fn(&S::Row<'_>) -> Option<i64>),
    Real(fn(&S::Row<'_>) -> Option<f64>),
    Flag(fn(&S::Row<'_>) -> bool),
    Day(fn(&S::Row<'_>) -> Option<Date>),
    Instant(fn(&S::Row<'_>) -> Timestamp),
}

/// The types of columns, as every format has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Texts,
    Int,
    Long,
    Real,
    Flag,
    Day,
    Instant,
}

impl Type {
    /// Its name in SQL, as DuckDB shows it.
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Text => "VARCHAR",
            Self::Texts => "VARCHAR[]",
            Self::Int => "INTEGER",
            Self::Long => "BIGINT",
            Self::Real => "DOUBLE",
            Self::Flag => "BOOLEAN",
            Self::Day => "DATE",
            Self::Instant => "TIMESTAMPTZ",
        }
    }
}

impl<S: Sheet> Column<S> {
    /// A column that every row has.
    pub(crate) const fn of(name: &'static str, get: Get<S>, about: &'static str) -> Self {
        Self { name, required: true, about, get }
    }

    /// A column that may be null.
    pub(crate) const fn maybe(name: &'static str, get: Get<S>, about: &'static str) -> Self {
        Self { name, required: false, about, get }
    }

    pub(crate) fn shape(&self) -> Shape {
        let kind = match self.get {
            Get::Text(_) => Type::Text,
            Get::Texts(_) => Type::Texts,
            Get::Int(_) => Type::Int,
            Get::Long(_) => Type::Long,
            Get::Real(_) => Type::Real,
            Get::Flag(_) => Type::Flag,
            Get::Day(_) => Type::Day,
            Get::Instant(_) => Type::Instant,
        };
        Shape { name: self.name, kind, required: self.required, about: self.about }
    }
}

/// A column without the rows that it is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    pub(crate) required: bool,
    pub(crate) about: &'static str,
}

pub(crate) fn shapes<S: Sheet>() -> Vec<Shape> {
    S::COLUMNS.iter().map(Column::shape).collect()
}
