//! TMDB's API and export files as domain types: what to ask, and how answers are classed.
//!
//! Questions are typed, answers stay JSON bytes; only what a caller must know
//! of a body is read here. Nothing retries a request: a [`domain::budget::Permit`]
//! pays for one, and the class of a failure says whether to come again.

mod client;
mod config;
mod credential;
pub mod discover;
pub mod export;
mod image;
mod outline;
pub mod page;
mod question;
mod row;
pub mod seasons;

#[cfg(test)]
mod against_fake;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod stub;

pub use client::{Answer, Client, ClientError, Outcome};
pub use config::Config;
pub use credential::{Credential, CredentialError, Secret};
pub use export::{ExportError, ExportSummary};
pub use image::{Image, ImageError, image_url};
pub use page::{ListAnswer, PageError};
pub use question::{PageAt, Question};
pub use seasons::{Split, SplitError};
