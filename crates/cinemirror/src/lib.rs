//! Cinemirror put together: configuration, wiring, command line.

mod app;
pub mod cli;
pub mod config;
mod logging;
mod memory;
mod output;
mod progress;
pub mod simulate;
