//! What runs when, and the port to what has run.
//!
//! An *entry* gives a job its *slots*: the instants at which it is to start
//! ([`When`]). One process among many leads; it offers each entry's latest slot
//! to the store, which says what starts ([`EntryState::offer`]). So a slot starts
//! once, however many processes there are and whatever their clocks do.

mod entry;
mod history;
mod job;
mod leader;
mod preset;
mod state;
mod when;

use std::time::Duration;

use async_trait::async_trait;

use crate::failure::StoreError;
use crate::time::Timestamp;

pub use entry::{Entry, next_slots};
pub use history::{Ended, Outcome, Started};
pub use job::{Job, UnknownJob};
pub use leader::{Leader, Leadership};
pub use preset::{Preset, UnknownPreset};
pub use state::{ATTEMPTS, Again, Cause, EntryState, Moves, Offer, Running, Start};
pub use when::{When, WhenError};

/// How the entries of the schedule stand, for all processes of a deployment.
///
/// Implementations load an [`EntryState`] or the [`Leader`], apply the rule of
/// the same name and store it, in one transaction. Entries need not be made: a
/// name that was never met begins when it is first named.
#[async_trait]
pub trait Schedule: Send + Sync {
    /// Becomes or stays leader, or hears who is; see [`Leader::lead`].
    async fn lead(
        &self,
        holder: &str,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Leadership, StoreError>;

    /// Gives the leadership back at once; see [`Leader::resign`].
    async fn resign(&self, holder: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Offers what is due and takes what is to start now; see
    /// [`EntryState::offer`]. `None` if another process leads by now.
    async fn claim(&self, claim: &Claim, now: Timestamp) -> Result<Option<Vec<Start>>, StoreError>;

    /// Says that jobs still run. Returns, for each, whether it is still its
    /// process's; one that is not was given up and may run elsewhere.
    async fn beat(
        &self,
        starts: &[Start],
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<bool>, StoreError>;

    /// Notes how a job ended. Returns whether it was still its process's; one
    /// that was not is left as it is.
    async fn end(
        &self,
        start: &Start,
        outcome: Outcome,
        error: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// See [`EntryState::pause`]. Returns whether it was not paused before.
    async fn pause(&self, name: &str, now: Timestamp) -> Result<bool, StoreError>;

    /// See [`EntryState::resume`]. Returns whether it was paused before.
    async fn resume(&self, name: &str, now: Timestamp) -> Result<bool, StoreError>;

    /// See [`EntryState::trigger`].
    async fn trigger(&self, name: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Every entry that was ever named, in the order of names, and the leader.
    async fn standing(&self) -> Result<(Leader, Vec<EntryState>), StoreError>;

    /// Lists starts, the newest first, of one entry or of all. The last
    /// [`STARTS_KEPT`] of each entry are kept.
    async fn starts(&self, name: Option<&str>, limit: usize) -> Result<Vec<Started>, StoreError>;
}

/// So many starts of each entry are kept.
pub const STARTS_KEPT: u64 = 500;

/// What a leader offers, and by which right.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Unique for each process.
    pub holder: String,
    /// From [`Leadership::Leads`]; another process that leads has a higher one.
    pub fence: u64,
    /// A job that is not heard of for this long was given up by its process.
    pub lease: Duration,
    pub offers: Vec<Offer>,
}
