//! Rows by columns, as many as are written in one go.

use domain::Timestamp;
use jiff::civil::Date;

use crate::column::{Get, Shape, Sheet, Type};
use crate::table::Table;

/// A row group of Parquet holds so many rows at most, DuckDB's own measure.
const MOST_ROWS: usize = 122_880;

/// And so many bytes, not compressed: what memory is spent on.
const MOST_BYTES: usize = 16 << 20;

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) table: Table,
    pub(crate) columns: Vec<Values>,
    pub(crate) rows: usize,
    bytes: usize,
}

/// The values of one column, in Parquet's manner: what is null or an empty list
/// is told by the levels, and takes no place among the values.
#[derive(Debug)]
pub(crate) struct Values {
    pub(crate) shape: Shape,
    pub(crate) held: Held,
    /// 1 where there is a value; empty for required columns.
    pub(crate) present: Vec<i16>,
    /// 0 where a row begins, for lists.
    pub(crate) repeated: Vec<i16>,
}

#[derive(Debug)]
pub(crate) enum Held {
    Texts(Texts),
    /// Integers, and days since 1970.
    Ints(Vec<i32>),
    /// Integers, and milliseconds since 1970.
    Longs(Vec<i64>),
    Reals(Vec<f64>),
    Flags(Vec<bool>),
}

/// Texts one behind the other.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) bytes: Vec<u8>,
    pub(crate) ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len());
    }

    pub(crate) fn get(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        std::str::from_utf8(&self.bytes[start..self.ends[place]]).unwrap_or_default()
    }
}

impl Batch {
    pub(crate) fn new(table: Table) -> Self {
        let columns = table.shapes().into_iter().map(Values::new).collect();
        Self { table, columns, rows: 0, bytes: 0 }
    }

    /// Adds a row. The batch must be one of the sheet's table.
    pub(crate) fn push<S: Sheet>(&mut self, row: S::Row<'_>) {
        debug_assert_eq!(S::COLUMNS.len(), self.columns.len(), "{}", self.table);
        for (column, values) in S::COLUMNS.iter().zip(&mut self.columns) {
            self.bytes += match column.get {
                Get::Text(get) => values.text(get(&row)),
                Get::Texts(get) => values.texts(get(&row)),
                Get::Int(get) => values.int(get(&row)),
                Get::Long(get) => values.long(get(&row)),
                Get::Real(get) => values.real(get(&row)),
                Get::Flag(get) => values.flag(get(&row)),
                Get::Day(get) => values.int(get(&row).map(days)),
                Get::Instant(get) => values.long(Some(Timestamp::as_millis(get(&row)))),
            };
        }
        self.rows += 1;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows >= MOST_ROWS || self.bytes >= MOST_BYTES
    }
}

/// Days since 1970-01-01.
fn days(date: Date) -> i32 {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    date.since(EPOCH).map_or(0, |span| span.get_days())
}

impl Values {
    fn new(shape: Shape) -> Self {
        let held = match shape.kind {
            Type::Text | Type::Texts => Held::Texts(Texts::default()),
            Type::Int | Type::Day => Held::Ints(vec![]),
            Type::Long | Type::Instant => Held::Longs(vec![]),
            Type::Real => Held::Reals(vec![]),
            Type::Flag => Held::Flags(vec![]),
        };
        Self { shape, held, present: vec![], repeated: vec![] }
    }

    /// Notes whether there is a value. A required column without one holds the
    /// type's default, which no row should need.
    fn note<T: Default>(&mut self, value: Option<T>) -> Option<T> {
        if self.shape.required {
            return Some(value.unwrap_or_default());
        }
        self.present.push(i16::from(value.is_some()));
        value
    }

    fn text(&mut self, text: Option<&str>) -> usize {
        let Some(text) = self.note(text) else { return 2 };
        if let Held::Texts(texts) = &mut self.held {
            texts.push(text);
        }
        text.len() + 10
    }

    fn texts(&mut self, all: &[String]) -> usize {
        let Held::Texts(texts) = &mut self.held else { return 0 };
        if all.is_empty() {
            self.present.push(0);
            self.repeated.push(0);
        }
        for (place, text) in all.iter().enumerate() {
            texts.push(text);
            self.present.push(1);
            self.repeated.push(i16::from(place > 0));
        }
        4 + all.iter().map(|text| text.len() + 12).sum::<usize>()
    }

    fn int(&mut self, value: Option<i32>) -> usize {
        if let (Some(value), Held::Ints(ints)) = (self.note(value), &mut self.held) {
            ints.push(value);
        }
        6
    }

    fn long(&mut self, value: Option<i64>) -> usize {
        if let (Some(value), Held::Longs(longs)) = (self.note(value), &mut self.held) {
            longs.push(value);
        }
        10
    }

    fn real(&mut self, value: Option<f64>) -> usize {
        let value = value.filter(|value| value.is_finite());
        if let (Some(value), Held::Reals(reals)) = (self.note(value), &mut self.held) {
            reals.push(value);
        }
        10
    }

    fn flag(&mut self, value: bool) -> usize {
        if let (Some(value), Held::Flags(flags)) = (self.note(Some(value)), &mut self.held) {
            flags.push(value);
        }
        1
    }
}
