//! How fresh and how lawful: `[changes]`, `[exports]`, `[refresh]`, `[terms]`.

use std::time::Duration;

use domain::staleness::{Staleness, Tier};
use pipeline::purge::PurgePlan;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::settings::check;

const DAY: Duration = Duration::from_hours(24);

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    pub unknown: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exports {
    pub min_share: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    pub tiers: Vec<(u32, u32)>,
    pub older_every_days: u32,
    pub others_every_days: u32,
    pub everything_days: u32,
    pub doubted_every_days: u32,
    pub jitter: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub refresh_days: u32,
    pub purge_days: u32,
    pub grace_days: u32,
}

impl Default for Exports {
    fn default() -> Self {
        Self { min_share: 0.9 }
    }
}

impl Default for Refresh {
    fn default() -> Self {
        let rules = Staleness::default();
        let tier = |tier: &Tier| (tier.released_within_days, tier.every_days);
        Self {
            tiers: rules.tiers.iter().map(tier).collect(),
            older_every_days: rules.older_every_days,
            others_every_days: rules.others_every_days,
            everything_days: rules.everything_days,
            doubted_every_days: rules.doubted_every_days,
            jitter: rules.jitter,
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self { refresh_days: 150, purge_days: 180, grace_days: 30 }
    }
}

impl Exports {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        check(
            (0.0..=1.0).contains(&self.min_share),
            "exports.min_share",
            "must lie between 0 and 1",
        )
    }
}

impl Refresh {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let rising = self.tiers.is_sorted_by(|one, two| one.0 < two.0);
        check(rising, "refresh.tiers", "must rise by their first numbers, the days since release")?;
        let days = [self.older_every_days, self.others_every_days, self.everything_days];
        let every =
            self.tiers.iter().map(|tier| tier.1).chain(days).chain([self.doubted_every_days]);
        let fits = every.into_iter().all(|days| days > 0);
        check(fits, "refresh", "an interval must be at least one day")?;
        check((0.0..=0.9).contains(&self.jitter), "refresh.jitter", "must lie between 0 and 0.9")
    }

    /// The rules of staleness, within what the terms ask for.
    pub(crate) fn rules(&self, terms: &Terms) -> Staleness {
        let tier = |(released_within_days, every_days): &(u32, u32)| Tier {
            released_within_days: *released_within_days,
            every_days: *every_days,
        };
        Staleness {
            tiers: self.tiers.iter().map(tier).collect(),
            older_every_days: self.older_every_days,
            others_every_days: self.others_every_days,
            everything_days: self.everything_days.min(terms.refresh_days),
            doubted_every_days: self.doubted_every_days,
            jitter: self.jitter,
            schema_version: records::SCHEMA_VERSION,
        }
    }
}

impl Terms {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        check(
            (10..=180).contains(&self.purge_days),
            "terms.purge_days",
            "must lie between 10 and 180, what TMDB's terms allow",
        )?;
        check(
            (1..=self.purge_days - 7).contains(&self.refresh_days),
            "terms.refresh_days",
            "must be at least 1, and a week less than terms.purge_days",
        )
    }

    pub(crate) fn kept(&self) -> Duration {
        DAY * self.purge_days
    }

    /// A purge drops what would grow too old before the next one, a day later
    /// at the least: so nothing is too old on any day.
    pub(crate) fn purge(&self, calls_days: u64) -> PurgePlan {
        PurgePlan {
            kept: self.kept().saturating_sub(DAY * 2),
            grace: DAY * self.grace_days,
            calls_kept: DAY * u32::try_from(calls_days).unwrap_or(u32::MAX),
        }
    }
}
