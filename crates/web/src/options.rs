//! What serving is told; `[serve]` in the configuration.

use std::net::IpAddr;
use std::time::Duration;

use domain::schedule::Entry;
use pipeline::harvest::HarvestPlan;

use crate::secrets::Entropy;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen: `127.0.0.1:8484`; port 0 takes a free one.
    pub listen: String,
    /// How long a request waits for what is missing to be collected.
    pub wait: Duration,
    /// Whether `/3` is open to all, or to clients with keys.
    pub clients: ClientMode,
    /// Whether the control API may be read without a token.
    pub reads: Reads,
    /// The schedule that the control API shows and changes.
    pub entries: Vec<Entry>,
    /// What runs go by that the control API starts.
    pub harvest: HarvestPlan,
    /// How long TMDB's terms let data be kept.
    pub kept: Duration,
    /// What keys of new clients are made from; without it none are made.
    pub entropy: Option<Entropy>,
}

/// Who may ask `/3`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientMode {
    /// Anybody, with any key or none.
    #[default]
    Open,
    /// Clients with a key, within their quotas.
    Keys,
}

/// Who may read the control API; writes always need a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// Anybody while only this machine can ask, else who has a token.
    #[default]
    Auto,
    Open,
    Token,
}

impl Options {
    /// Whether only this machine can ask.
    pub(crate) fn is_on_loopback(&self) -> bool {
        let host = self.listen.rsplit_once(':').map_or("", |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8484".to_owned(),
            wait: Duration::from_secs(5),
            clients: ClientMode::default(),
            reads: Reads::default(),
            entries: vec![],
            harvest: HarvestPlan::default(),
            kept: Duration::from_hours(180 * 24),
            entropy: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_this_machine_alone() {
        let is_alone = |listen: &str| {
            Options { listen: listen.to_owned(), ..Options::default() }.is_on_loopback()
        };
        for listen in ["127.0.0.1:80", "127.1.2.3:0", "[::1]:8484", "localhost:8484"] {
            assert!(is_alone(listen), "{listen}");
        }
        for listen in ["0.0.0.0:80", "[::]:8484", "192.168.1.2:80", "mirror.example:80", ""] {
            assert!(!is_alone(listen), "{listen}");
        }
    }
}
