//! HTTP: the TMDB-compatible API, the control API, images, figures and health.
//!
//! A handler reads the own mirror and nothing else: what is missing becomes a
//! task for the pipeline, and is waited for. [`serve`] listens; [`Site`] holds
//! what handlers need.

mod access;
mod control;
mod options;
mod router;
pub mod secrets;
mod server;
mod site;
mod tmdb;

pub use options::{ClientMode, Options, Reads};
pub use server::{Server, serve};
pub use site::Site;
