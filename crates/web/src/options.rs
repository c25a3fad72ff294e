//! What serving is told; `[serve]` in the configuration.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
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
    pub limits: Limits,
    pub caching: Caching,
    /// Absent where a proxy before it speaks TLS, or nobody does.
    pub tls: Option<Tls>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether each request is logged.
    pub access_log: bool,
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
        Self { bytes: 64 << 20, keep: Duration::from_secs(10) }
    }
}
