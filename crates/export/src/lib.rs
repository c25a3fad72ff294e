//! Files for analysts: tables as Parquet and NDJSON, whole records as protobuf packs,
//! each export with a manifest that is written last.
//!
//! [`export()`] reads by the ports and writes to a [`Place`]; [`import()`] takes packs back.
//! Three stages run beside each other: pages are read, rows are built, files are
//! compressed and stored. Between them are short queues, so that memory stays
//! the same however much there is to write.

mod batch;
mod build;
mod column;
mod encode;
mod error;
mod import;
mod keys;
mod manifest;
mod pack;
mod place;
mod plan;
mod read;
mod run;
mod sheets;
mod sink;
mod table;
mod write;

#[cfg(test)]
mod tests;

pub use error::ExportError;
pub use import::{BrokenPack, ImportPlan, Imported, import};
pub use manifest::{Delta, FileEntry, Manifest, TableEntry};
pub use place::Place;
pub use plan::{Base, Format, Plan};
pub use run::{Stores, export};
pub use table::{Described, Table};
