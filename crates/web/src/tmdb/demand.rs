//! Reads what is asked for, and has collected what is missing.

use std::time::Duration;

use domain::{Key, Record};
use pipeline::demand::{Found, Missing};

use super::fault::Fault;
use crate::site::Site;

/// The newest record of a key, collected where it is missing, and how good it is.
pub(super) async fn found(site: &Site, key: Key) -> Result<Found, Fault> {
    Ok(site.demand().get(key).await?)
}

/// As [`found`], where how good it is does not matter.
#[expect(dead_code, reason = "for bodies that are made of several records")]
pub(super) async fn record(site: &Site, key: Key) -> Result<Record, Fault> {
    Ok(found(site, key).await?.record)
}

impl From<Missing> for Fault {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Gone => Self::NotFound,
            Missing::Impossible => Self::Id,
            Missing::Awaited { retry_after } => {
                Self::Awaited { retry_after: whole_seconds(retry_after) }
            }
            Missing::Busy { retry_after } => {
                Self::Offline { retry_after: whole_seconds(retry_after) }
            }
            Missing::Store(error) => error.into(),
        }
    }
}

/// Seconds, rounded up: who comes again earlier comes for nothing.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).max(1).try_into().unwrap_or(u64::MAX)
}
