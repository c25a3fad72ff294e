//! A year of mirroring in a few minutes: the roles of `up` under a turned
//! clock, beside a universe that lives.

mod clock;
mod verdict;
mod world;
mod year;

pub use verdict::Verdict;
pub use world::World;
pub use year::{Plan, Report, simulate};
