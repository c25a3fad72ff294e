//! A year of mirroring in a few minutes: the roles of `up` under a turned
//! clock, beside a universe that lives.

mod clock;
mod verdict;
mod world;

pub use verdict::Verdict;
pub use world::World;
