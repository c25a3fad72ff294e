//! Serving over HTTP: `[serve]`.

use std::path::PathBuf;
use std::time::Duration;

use domain::staleness::Staleness;
use pipeline::demand::DemandOptions;
use serde::{Deserialize, Serialize};
use web::{Caching, ClientMode, Limits, Options, Reads, Tls};

use super::ConfigError;
use super::settings::check;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    pub listen: String,
    pub public_url: String,
    pub wait_seconds: f64,
    pub clients: String,
    pub control: String,
    /// How much of composed answers is kept for equal requests; 0 keeps none.
    pub cache_mib: u64,
    /// And how much of the memory that there is, at most.
    pub cache_share: f64,
    /// A refreshed record shows after this time at the latest.
    pub cache_seconds: f64,
    /// Files in PEM; both or none.
    pub tls_certificate: String,
    pub tls_key: String,
    /// Addresses or nets of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<String>,
    pub access_log: bool,
    pub max_connections: usize,
    pub max_in_flight: usize,
    /// For a request's headers, from the last answer on.
    pub header_seconds: f64,
    pub request_seconds: f64,
    /// For a client that takes none of its answer.
    pub stall_seconds: f64,
    pub waited_for_at_most: usize,
    pub demanded_at_most: u64,
    pub missing_minutes: u32,
}

impl Default for Serve {
    fn default() -> Self {
        let Options {
            listen,
            public_url,
            demand,
            limits,
            caching,
            trusted_proxies: _,
            access_log,
            ..
        } = Options::default();
        let minutes = demand.gone_for.as_secs() / 60;
        Self {
            listen,
            clients: "open".to_owned(),
            control: "auto".to_owned(),
            public_url: public_url.unwrap_or_default(),
            wait_seconds: demand.wait.as_secs_f64(),
            waited_for_at_most: demand.keys_at_once,
            demanded_at_most: demand.pending_at_most,
            missing_minutes: u32::try_from(minutes).unwrap_or(u32::MAX),
            cache_mib: 4 << 10,
            cache_share: 0.12,
            cache_seconds: caching.keep.as_secs_f64(),
            tls_certificate: String::new(),
            tls_key: String::new(),
            trusted_proxies: vec![],
            access_log,
            max_connections: limits.connections,
            max_in_flight: limits.in_flight,
            header_seconds: limits.headers_within.as_secs_f64(),
            request_seconds: limits.answer_within.as_secs_f64(),
            stall_seconds: limits.taken_within.as_secs_f64(),
        }
    }
}

impl Serve {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_address = ["http://", "https://"].iter().any(|scheme| {
            self.public_url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty())
        });
        let fits = self.public_url.is_empty() || is_address;
        check(fits, "serve.public_url", "must begin with http:// or https://, or be empty")?;
        let is_wait = (0.0..=60.0).contains(&self.wait_seconds);
        check(is_wait, "serve.wait_seconds", "must lie between 0 and 60")?;
        let fits = (1..=100_000).contains(&self.waited_for_at_most);
        check(fits, "serve.waited_for_at_most", "must lie between 1 and 100000")?;
        let fits = (1..=1_000_000).contains(&self.demanded_at_most);
        check(fits, "serve.demanded_at_most", "must lie between 1 and 1000000")?;
        // TMDB's own servers repeat a 404 for eight hours.
        let fits = (1..=1_440).contains(&self.missing_minutes);
        check(fits, "serve.missing_minutes", "must lie between 1 and 1440, which is a day")?;
        check(self.cache_mib <= 1 << 20, "serve.cache_mib", "must be at most 1048576")?;
        let is_share = (0.0..=0.9).contains(&self.cache_share);
        check(is_share, "serve.cache_share", "must lie between 0 and 0.9")?;
        let is_kept = (0.0..=3_600.0).contains(&self.cache_seconds);
        check(is_kept, "serve.cache_seconds", "must lie between 0 and 3600")?;
        let has_both = self.tls_certificate.is_empty() == self.tls_key.is_empty();
        check(
            has_both,
            "serve.tls_key",
            "must be set where serve.tls_certificate is, and only there",
        )?;
        for proxy in &self.trusted_proxies {
            let why = "must hold addresses or nets, such as 127.0.0.1 or 10.0.0.0/8";
            check(web::net(proxy).is_some(), "serve.trusted_proxies", why)?;
        }
        let is_number = |number: usize| (1..=1_000_000).contains(&number);
        let why = "must lie between 1 and 1000000";
        check(is_number(self.max_connections), "serve.max_connections", why)?;
        check(is_number(self.max_in_flight), "serve.max_in_flight", why)?;
        for (seconds, name) in [
            (self.header_seconds, "serve.header_seconds"),
            (self.request_seconds, "serve.request_seconds"),
            (self.stall_seconds, "serve.stall_seconds"),
        ] {
            let is_time = (0.1..=3_600.0).contains(&seconds);
            check(is_time, name, "must lie between 0.1 and 3600")?;
        }
        let is_longer = self.request_seconds > self.wait_seconds;
        check(is_longer, "serve.request_seconds", "must be more than serve.wait_seconds")?;
        let is_mode = client_mode(&self.clients).is_some();
        check(is_mode, "serve.clients", "must be open or keys")?;
        let is_reads = reads(&self.control).is_some();
        check(is_reads, "serve.control", "must be auto, open or token")
    }

    /// Whether `up` serves too.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.listen.is_empty()
    }

    /// Whether clients need keys.
    pub(crate) fn has_keys(&self) -> bool {
        client_mode(&self.clients) == Some(ClientMode::Keys)
    }

    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs_f64(self.wait_seconds)
    }

    /// What is kept of answers, in bytes, on a machine with so many bytes of memory.
    fn cache_bytes(&self, memory: Option<u64>) -> u64 {
        // A machine that does not tell is taken for a small one.
        let memory = memory.unwrap_or(1 << 30);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a number of bytes is one"
        )]
        let share = (memory as f64 * self.cache_share) as u64;
        share.min(self.cache_mib << 20)
    }

    /// `memory` is what the machine has, in bytes, if it is known.
    pub(crate) fn options(&self, staleness: Staleness, memory: Option<u64>) -> Options {
        Options {
            listen: self.listen.clone(),
            public_url: Some(self.public_url.clone()).filter(|address| !address.is_empty()),
            demand: DemandOptions {
                wait: self.wait(),
                keys_at_once: self.waited_for_at_most,
                pending_at_most: self.demanded_at_most,
                gone_for: Duration::from_mins(self.missing_minutes.into()),
                staleness,
                ..DemandOptions::default()
            },
            limits: Limits {
                headers_within: Duration::from_secs_f64(self.header_seconds),
                answer_within: Duration::from_secs_f64(self.request_seconds),
                taken_within: Duration::from_secs_f64(self.stall_seconds),
                connections: self.max_connections,
                in_flight: self.max_in_flight,
            },
            caching: Caching {
                bytes: self.cache_bytes(memory),
                keep: Duration::from_secs_f64(self.cache_seconds),
            },
            tls: (!self.tls_certificate.is_empty()).then(|| Tls {
                certificate: PathBuf::from(&self.tls_certificate),
                key: PathBuf::from(&self.tls_key),
            }),
            trusted_proxies: self.trusted_proxies.iter().filter_map(|net| web::net(net)).collect(),
            access_log: self.access_log,
            clients: client_mode(&self.clients).unwrap_or_default(),
            reads: reads(&self.control).unwrap_or_default(),
            ..Options::default()
        }
    }
}

fn client_mode(name: &str) -> Option<ClientMode> {
    match name {
        "open" => Some(ClientMode::Open),
        "keys" => Some(ClientMode::Keys),
        _ => None,
    }
}

fn reads(name: &str) -> Option<Reads> {
    match name {
        "auto" => Some(Reads::Auto),
        "open" => Some(Reads::Open),
        "token" => Some(Reads::Token),
        _ => None,
    }
}
