//! Serving over HTTP: `[serve]`.

use std::time::Duration;

use domain::staleness::Staleness;
use pipeline::demand::DemandOptions;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::settings::check;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serve {
    pub listen: String,
    pub public_url: String,
    pub wait_seconds: f64,
    pub waited_for_at_most: usize,
    pub demanded_at_most: u64,
    pub missing_minutes: u32,
}

impl Default for Serve {
    fn default() -> Self {
        let options = web::Options::default();
        let demand = options.demand;
        let minutes = demand.gone_for.as_secs() / 60;
        Self {
            listen: options.listen,
            public_url: options.public_url.unwrap_or_default(),
            wait_seconds: demand.wait.as_secs_f64(),
            waited_for_at_most: demand.keys_at_once,
            demanded_at_most: demand.pending_at_most,
            missing_minutes: u32::try_from(minutes).unwrap_or(u32::MAX),
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
        check(fits, "serve.missing_minutes", "must lie between 1 and 1440, which is a day")
    }

    /// Whether `up` serves too.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.listen.is_empty()
    }

    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs_f64(self.wait_seconds)
    }

    pub(crate) fn options(&self, staleness: Staleness) -> web::Options {
        web::Options {
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
        }
    }
}
