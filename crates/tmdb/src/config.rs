//! Where TMDB is, and how patiently it is asked.

use std::time::Duration;

/// Where TMDB is, and how patiently it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The API, up to and with its `/3`.
    pub api_url: String,
    /// The folder of the daily id exports.
    pub files_url: String,
    /// The folder of the image sizes.
    pub images_url: String,
    /// For a whole answer of the API; for each read of an export.
    pub timeout: Duration,
    pub connect_timeout: Duration,
    /// Before the second time a broken read of an export is resumed; the first
    /// is at once, and each further one waits twice as long.
    pub resume_wait: Duration,
    /// Requests under way at once; also the connections kept open.
    pub connections: usize,
    /// Of one body, decompressed.
    pub body_limit_bytes: usize,
    pub user_agent: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            api_url: "https://api.themoviedb.org/3".to_owned(),
            files_url: "https://files.tmdb.org/p/exports".to_owned(),
            images_url: "https://image.tmdb.org/t/p".to_owned(),
            timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            resume_wait: Duration::from_millis(500),
            connections: 20,
            body_limit_bytes: 64 << 20,
            user_agent: concat!("cinemirror/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
