//! What TMDB allows the whole deployment, and how it is shared out.
//!
//! A limit of N requests a second is N *lanes*. A lane lets one request through
//! and is then closed for one second and a margin, so any sliding second sees
//! each lane at most once: never more than N requests, without anyone keeping
//! time for all. A process leases lanes from the shared row ([`Shared`]) for a
//! few seconds at a time and spaces its requests by its own steady clock
//! ([`Lanes`]); clocks of different machines meet only when a lane changes hands.
//! The connections that the deployment may have open are shared out by the same
//! row and counted by each process ([`Connections`]).

mod connections;
mod lanes;
mod shared;

use std::time::Duration;

use async_trait::async_trait;

use crate::failure::StoreError;
use crate::time::Timestamp;

pub use connections::Connections;
pub use lanes::{Lanes, Permit, Slip, Wait};
pub use shared::{BudgetStatus, Grant, GrantedLane, HolderStatus, Renewal, Shared};

/// How long a lane stays closed after a request: a second, and a margin for
/// requests that do not take equally long to arrive.
pub const CYCLE: Duration = Duration::from_millis(1_010);

/// How long lanes are leased for. A process renews several times within it.
pub const LEASE: Duration = Duration::from_secs(3);

/// The shared row that says who may use which lanes, and from when on.
///
/// Implementations load a [`Shared`], apply the rule of the same name and store
/// it, in one transaction.
#[async_trait]
pub trait Budget: Send + Sync {
    /// See [`Shared::renew`].
    async fn renew(&self, renewal: &Renewal, now: Timestamp) -> Result<Grant, StoreError>;

    /// See [`Shared::hold`].
    async fn hold(
        &self,
        retry_after: Option<Duration>,
        now: Timestamp,
    ) -> Result<Timestamp, StoreError>;

    /// Shows the row to people.
    async fn status(&self, now: Timestamp) -> Result<BudgetStatus, StoreError>;
}
