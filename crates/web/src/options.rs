//! What serving is told; `[serve]` in the configuration.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use domain::schedule::Entry;
use ipnet::IpNet;
use pipeline::demand::DemandOptions;
use pipeline::harvest::HarvestPlan;

use crate::secrets::Entropy;

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
    pub limits: Limits,
    pub caching: Caching,
    /// Absent where a proxy before it speaks TLS, or nobody does.
    pub tls: Option<Tls>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether each request is logged.
    pub access_log: bool,
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

/// What a client may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a connection may take to send a request's headers, from its last answer on.
    pub headers_within: Duration,
    /// How long a request may take to be answered.
    pub answer_within: Duration,
    /// How long a client may take none of an answer that is sent.
    pub taken_within: Duration,
    /// How many connections are open at once; further ones wait.
    pub connections: usize,
    /// How many requests are answered at once; further ones are turned away.
    pub in_flight: usize,
}

/// How answers are kept for those who ask the same.
#[derive(Clone, Debug)]
pub struct Caching {
    /// 0 keeps none.
    pub bytes: u64,
    /// A refreshed record shows after this time at the latest.
    pub keep: Duration,
}

/// The files of a certificate and its key, in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// Reads a net, `10.0.0.0/8`, or a lone address.
pub fn net(text: &str) -> Option<IpNet> {
    let lone = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(lone)
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8484".to_owned(),
            clients: ClientMode::default(),
            reads: Reads::default(),
            entries: vec![],
            harvest: HarvestPlan::default(),
            kept: Duration::from_hours(180 * 24),
            entropy: None,
            public_url: None,
            demand: DemandOptions::default(),
            limits: Limits::default(),
            caching: Caching::default(),
            tls: None,
            trusted_proxies: vec![],
            access_log: true,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            headers_within: Duration::from_secs(15),
            answer_within: Duration::from_secs(30),
            taken_within: Duration::from_secs(30),
            connections: 4_096,
            in_flight: 2_048,
        }
    }
}

impl Default for Caching {
    fn default() -> Self {
        Self { bytes: 128 << 20, keep: Duration::from_mins(5) }
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
