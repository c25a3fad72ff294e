//! Reads what is asked for, and has collected what is missing.

use std::time::Duration;

use domain::Key;
use pipeline::demand::{Found, Missing};

use super::fault::Fault;
use crate::site::Site;

/// The newest record of a key, collected where it is missing, and how good it is.
pub(super) async fn found(site: &Site, key: Key) -> Result<Found, Fault> {
    Ok(site.demand().get(key).await?)
}

/// As [`found`], with the parts that only come with a key asked for by itself. Where
/// TMDB does not give those, what is held will do; then the fault says why.
pub(super) async fn whole(site: &Site, key: Key) -> Result<(Found, Option<Fault>), Fault> {
    match site.demand().whole(key).await {
        Ok(found) => Ok((found, None)),
        Err(missing) => match site.demand().held(key).await? {
            Some(found) => Ok((found, Some(missing.into()))),
            None => Err(missing.into()),
        },
    }
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
