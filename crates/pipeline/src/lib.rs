//! The use cases: harvest (sources to tasks), collect (tasks to records), the
//! runs that join them, images, and what is done with the archive.
//!
//! Each works on the ports of `domain` and the client of `tmdb`, gathered in
//! [`Pipeline`]; none knows which store it has. Time and chance are arguments.

mod ask;
mod bell;
mod calls;
mod cancel;
pub mod categories;
mod clock;
pub mod collect;
pub mod deletion;
pub mod demand;
pub mod error;
pub mod estimate;
pub mod harvest;
mod heed;
pub mod images;
pub mod jobs;
pub mod maintain;
mod patience;
mod permits;
mod pipeline;
pub mod purge;
pub mod ratings;
pub mod read;
pub mod requests;
pub mod run;
pub mod schedule;
pub mod vitals;
pub mod watch;

pub use cancel::SILENT_FOR;
pub use clock::{ByTheClock, Chance, Clock, Waits};
pub use error::PipelineError;
pub use heed::heed;
pub use permits::Permits;
pub use pipeline::{Pipeline, Stores};
