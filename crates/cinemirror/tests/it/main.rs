//! The whole: the real command against a fake TMDB, in folders of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod cli;
mod clients;
mod control;
mod corpus;
mod crawl;
mod demand;
mod demo;
mod discover;
mod estimate;
mod export;
mod faults;
mod fleet;
mod fresh;
mod images;
mod kill;
mod mirror;
mod moving;
mod objects;
mod ratings;
mod relocation;
mod served;
mod tidy;
mod up;
