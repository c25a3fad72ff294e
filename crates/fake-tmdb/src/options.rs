//! What a fake TMDB is started with.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::faults::Faults;
use crate::universe::Universe;

/// The day a universe starts on, unless told otherwise.
pub(crate) const FIRST_DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 20);

#[derive(Clone)]
pub struct Options {
    pub addr: SocketAddr,
    pub universe: Arc<dyn Universe>,
    pub limits: Limits,
    pub faults: Faults,
    /// The accepted v3 key; `None` takes any 32 hex digits.
    pub key: Option<String>,
    /// The accepted access token; `None` takes whatever looks like a JWT.
    pub bearer: Option<String>,
    /// The date of day 0.
    pub start: jiff::civil::Date,
    /// Whether today's exports are out, as TMDB's are from 08:00 UTC on.
    pub export_ready: bool,
    /// Decides which requests the faults hit.
    pub seed: u64,
    /// Whether clients that ask for gzip get it.
    pub gzip: bool,
}

impl Options {
    pub fn new(universe: Arc<dyn Universe>) -> Self {
        Self {
            addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            universe,
            limits: Limits::default(),
            faults: Faults::default(),
            key: None,
            bearer: None,
            start: FIRST_DAY,
            export_ready: true,
            seed: 1,
            gzip: true,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("addr", &self.addr)
            .field("limits", &self.limits)
            .field("faults", &self.faults)
            .field("start", &self.start)
            .field("seed", &self.seed)
            .field("gzip", &self.gzip)
            .finish_non_exhaustive()
    }
}

/// What the fake allows its clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// API requests let through in any second; those above it get a 429.
    pub requests_per_second: Option<u32>,
    /// What a 429 says of when to come back.
    pub retry_after: Option<RetryAfter>,
    /// Connections open at once; those above it are reset.
    pub connections: Option<u32>,
}

/// The two forms of a `Retry-After` header, both in seconds from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAfter {
    Seconds(u32),
    HttpDate(u32),
}
