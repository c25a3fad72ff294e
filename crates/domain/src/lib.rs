//! The vocabulary, the rules and the ports of Cinemirror.
//!
//! Nothing here does IO or reads a clock: rules are functions from values to
//! values, and `now` is always an argument. A *port* is a trait with two
//! production implementations (an embedded one and a shared one), written as
//! verbs of the use case; each verb is one transaction.

pub mod access;
pub mod archive;
pub mod budget;
pub mod catalogue;
pub mod deletion;
pub mod facets;
pub mod failure;
pub mod filter;
pub mod hint;
pub mod images;
pub mod key;
pub mod ledger;
pub mod outline;
pub mod queue;
pub mod rating;
pub mod record;
pub mod reference;
pub mod reply;
pub mod request;
pub mod run;
pub mod schedule;
pub mod score;
pub mod served;
pub mod sighting;
pub mod staleness;
pub mod time;
pub mod worker;

pub use access::Access;
pub use archive::Archive;
pub use budget::Budget;
pub use catalogue::Catalog;
pub use failure::{Failure, FailureClass, StoreError};
pub use hint::{Hint, Hints};
pub use images::Images;
pub use key::{Key, KeyError, Kind};
pub use ledger::Ledger;
pub use queue::WorkQueue;
pub use record::Record;
pub use reference::{Language, Reference};
pub use reply::Replies;
pub use request::Requests;
pub use run::RunId;
pub use schedule::Schedule;
pub use sighting::{Sighting, Source};
pub use time::Timestamp;
pub use worker::{Worker, Workers};

/// TMDB's notice, to be shown wherever its data is shown (`FACTS.md` section 11).
pub const TMDB_NOTICE: &str = "This product uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB.";

/// The credit that watch providers require (`FACTS.md` section 10).
pub const JUSTWATCH_NOTICE: &str = "Watch providers: data by JustWatch.";
