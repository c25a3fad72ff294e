//! A TMDB to run locally: recorded bodies, data sets, a generated universe, limits, faults.
//!
//! [`start`] serves a [`Universe`] over HTTP as TMDB does: the API, the daily
//! id exports and the images, with TMDB's errors, and on request its bad days.

mod api;
pub mod compose;
mod control;
pub mod dataset;
mod exports;
pub mod faults;
pub mod generated;
pub mod images;
mod options;
mod payload;
pub mod recorded;
mod reply;
mod server;
mod stats;
pub mod universe;

pub use dataset::Dataset;
pub use faults::{ExportFile, Faults, Latency, Outage};
pub use generated::{ChangeDay, Generated, Life};
pub use options::{Limits, Options, RetryAfter};
pub use recorded::Recorded;
pub use server::{Server, start};
pub use stats::Stats;
pub use universe::{Change, Query, Rows, Universe};
