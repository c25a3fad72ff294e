//! What serving is told; `[serve]` in the configuration.

use std::time::Duration;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen: `127.0.0.1:8484`; port 0 takes a free one.
    pub listen: String,
    /// How long a request waits for what is missing to be collected.
    pub wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8484".to_owned(), wait: Duration::from_secs(5) }
    }
}
