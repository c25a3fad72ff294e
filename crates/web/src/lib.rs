//! HTTP: the TMDB-compatible API, the control API, images, figures and health.
//!
//! A handler reads the own mirror and nothing else: what is missing becomes a
//! task for the pipeline, and is waited for. [`serve`] listens; [`Site`] holds
//! what handlers need.

mod edge;
mod images;
mod index;
mod metrics;
mod openapi;
mod options;
mod probes;
mod router;
mod served;
mod server;
mod site;
mod tmdb;

pub use options::{Caching, Limits, Options, Tls, net};
pub use server::{Server, serve};
pub use site::{Site, SiteImages};
