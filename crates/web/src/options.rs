//! What serving is told; `[serve]` in the configuration.

use pipeline::demand::DemandOptions;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen: `127.0.0.1:8484`; port 0 takes a free one.
    pub listen: String,
    /// Where clients reach this mirror, if `/3/configuration` is to send them here for
    /// images: `https://mirror.example`.
    pub public_url: Option<String>,
    /// How what is missing or old is asked for, and within which bounds.
    pub demand: DemandOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8484".to_owned(),
            public_url: None,
            demand: DemandOptions::default(),
        }
    }
}
