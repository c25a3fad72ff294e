//! HTTP: the TMDB-compatible API, the control API, images, figures and health.
//!
//! A handler reads the own mirror and nothing else: what is missing becomes a
//! task for the pipeline, and is waited for. [`serve`] listens; [`Site`] holds
//! what handlers need.

mod access;
mod control;
mod edge;
mod images;
mod index;
mod metrics;
mod openapi;
mod options;
mod probes;
mod router;
pub mod secrets;
mod served;
mod server;
mod site;
mod tmdb;

pub use options::{Caching, ClientMode, Limits, Options, Reads, Tls, net};
pub use server::{Server, serve};
pub use site::{Site, SiteImages};
