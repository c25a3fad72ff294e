//! Parquet: typed columns with dictionaries and statistics, compressed with zstd.
//! A batch is a row group.

use std::sync::Arc;

use bytes::Bytes;
use domain::{JUSTWATCH_NOTICE, TMDB_NOTICE};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type as Node, TypePtr};

use super::LEVEL;
use crate::batch::{Batch, Held, Texts, Values};
use crate::column::{Shape, Type};
use crate::error::ExportError;
use crate::manifest::FileEntry;
use crate::sink::Sink;
use crate::table::Table;

pub(crate) struct Writer {
    name: String,
    file: SerializedFileWriter<Sink>,
    rows: u64,
}

impl Writer {
    pub(super) fn begin(table: Table, sink: Sink) -> Result<Self, ExportError> {
        let name = sink.name().to_owned();
        let begun = schema(table).and_then(|schema| {
            SerializedFileWriter::new(sink, schema, Arc::new(properties(table)?))
        });
        let file = begun.map_err(|error| ExportError::write(&name, &error))?;
        Ok(Self { name, file, rows: 0 })
    }

    pub(super) fn write(&mut self, batch: &Batch) -> Result<(), ExportError> {
        self.rows += batch.rows as u64;
        self.group(batch).map_err(|error| ExportError::write(&self.name, &error))
    }

    fn group(&mut self, batch: &Batch) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for values in &batch.columns {
            if let Some(mut column) = group.next_column()? {
                write(&mut column, values)?;
                column.close()?;
            }
        }
        group.close()?;
        Ok(())
    }

    pub(super) fn bytes(&self) -> u64 {
        self.file.bytes_written() as u64
    }

    pub(super) fn finish(self) -> Result<FileEntry, ExportError> {
        let sink =
            self.file.into_inner().map_err(|error| ExportError::write(&self.name, &error))?;
        sink.finish(self.rows)
    }
}

fn write(column: &mut SerializedColumnWriter<'_>, values: &Values) -> Result<(), ParquetError> {
    match &values.held {
        Held::Texts(texts) => typed::<ByteArrayType>(column, &shared(texts), values),
        Held::Ints(ints) => typed::<Int32Type>(column, ints, values),
        Held::Longs(longs) => typed::<Int64Type>(column, longs, values),
        Held::Reals(reals) => typed::<DoubleType>(column, reals, values),
        Held::Flags(flags) => typed::<BoolType>(column, flags, values),
    }
}

fn typed<T: DataType>(
    column: &mut SerializedColumnWriter<'_>,
    held: &[T::T],
    values: &Values,
) -> Result<(), ParquetError> {
    let is_list = values.shape.kind == Type::Texts;
    let present = (is_list || !values.shape.required).then_some(values.present.as_slice());
    let repeated = is_list.then_some(values.repeated.as_slice());
    column.typed::<T>().write_batch(held, present, repeated).map(drop)
}

/// Slices of one allocation, copied once for the whole column.
fn shared(texts: &Texts) -> Vec<ByteArray> {
    let all = Bytes::copy_from_slice(&texts.bytes);
    let mut start = 0;
    let slice = |end: &usize| {
        let text = all.slice(start..*end);
        start = *end;
        ByteArray::from(text)
    };
    texts.ends.iter().map(slice).collect()
}

fn properties(table: Table) -> Result<WriterProperties, ParquetError> {
    let note = |name: &str, value: &str| KeyValue::new(name.to_owned(), value.to_owned());
    let mut notes = vec![note("cinemirror.table", table.as_str()), note("notice", TMDB_NOTICE)];
    if table == Table::Providers {
        notes.push(note("notice.providers", JUSTWATCH_NOTICE));
    }
    let level = ZstdLevel::try_new(LEVEL)?;
    // Dictionaries and statistics are on unless one turns them off.
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_key_value_metadata(Some(notes))
        .build())
}

fn schema(table: Table) -> Result<TypePtr, ParquetError> {
    let fields: Result<Vec<TypePtr>, _> = table.shapes().iter().map(field).collect();
    Node::group_type_builder(table.as_str()).with_fields(fields?).build().map(Arc::new)
}

fn field(shape: &Shape) -> Result<TypePtr, ParquetError> {
    let repetition = if shape.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let (physical, logical) = match shape.kind {
        Type::Texts => return list(shape.name),
        Type::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Type::Int => (Physical::INT32, None),
        Type::Long => (Physical::INT64, None),
        Type::Real => (Physical::DOUBLE, None),
        Type::Flag => (Physical::BOOLEAN, None),
        Type::Day => (Physical::INT32, Some(LogicalType::Date)),
        Type::Instant => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    leaf(shape.name, physical, logical, repetition)
}

fn leaf(
    name: &str,
    physical: Physical,
    logical: Option<LogicalType>,
    repetition: Repetition,
) -> Result<TypePtr, ParquetError> {
    Node::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()
        .map(Arc::new)
}

/// The three levels that Parquet's specification asks for.
fn list(name: &str) -> Result<TypePtr, ParquetError> {
    let element =
        leaf("element", Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED)?;
    let middle = Node::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![element])
        .build()?;
    Node::group_type_builder(name)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(middle)])
        .build()
        .map(Arc::new)
}
