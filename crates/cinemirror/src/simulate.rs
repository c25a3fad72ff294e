//! A year of mirroring in a few minutes: the roles of `up` under a turned
//! clock, beside a universe that lives.
//!
//! Nothing is left out but the waiting: when every role waits for an instant,
//! the clock is turned to the first of these.

mod clock;
mod verdict;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::Kind;
use fake_tmdb::{Faults, Generated, Life, Options};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::app::App;
use crate::config::{self, Settings};
use clock::TurnedClock;
use verdict::Judge;
pub use verdict::Verdict;

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Movies in the universe on the first day; there are shows besides.
    pub movies: u64,
    pub days: u32,
    pub seed: u64,
    /// The days on which TMDB is down.
    pub outage: Range<u32>,
}
