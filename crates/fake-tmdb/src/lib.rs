//! A TMDB to run locally: recorded bodies, data sets, a generated universe, limits, faults.

pub mod universe;
