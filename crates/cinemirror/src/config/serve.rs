//! Serving over HTTP: `[serve]`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::settings::check;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    pub listen: String,
    pub wait_seconds: f64,
}

impl Default for Serve {
    fn default() -> Self {
        let options = web::Options::default();
        Self { listen: options.listen, wait_seconds: options.wait.as_secs_f64() }
    }
}

impl Serve {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_wait = (0.0..=60.0).contains(&self.wait_seconds);
        check(is_wait, "serve.wait_seconds", "must lie between 0 and 60")
    }

    /// Whether `up` serves too.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.listen.is_empty()
    }

    pub(crate) fn options(&self) -> web::Options {
        web::Options {
            listen: self.listen.clone(),
            wait: Duration::from_secs_f64(self.wait_seconds),
        }
    }
}
