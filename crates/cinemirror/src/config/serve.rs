//! Serving over HTTP: `[serve]`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use web::{ClientMode, Reads};

use super::ConfigError;
use super::settings::check;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    pub listen: String,
    pub wait_seconds: f64,
    pub clients: String,
    pub control: String,
}

impl Default for Serve {
    fn default() -> Self {
        let options = web::Options::default();
        Self {
            listen: options.listen,
            wait_seconds: options.wait.as_secs_f64(),
            clients: "open".to_owned(),
            control: "auto".to_owned(),
        }
    }
}

impl Serve {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_wait = (0.0..=60.0).contains(&self.wait_seconds);
        check(is_wait, "serve.wait_seconds", "must lie between 0 and 60")?;
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

    /// What this section says; the rest comes from others.
    pub(crate) fn options(&self) -> web::Options {
        web::Options {
            listen: self.listen.clone(),
            wait: Duration::from_secs_f64(self.wait_seconds),
            clients: client_mode(&self.clients).unwrap_or_default(),
            reads: reads(&self.control).unwrap_or_default(),
            ..web::Options::default()
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
