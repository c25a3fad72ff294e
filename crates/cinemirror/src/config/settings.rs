//! Every option, its default, and what makes sense.

use std::time::Duration;

use domain::Kind;
use domain::filter::Filter;
use domain::queue::RetryPolicy;
use domain::schedule::{Entry, Job};
use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::freshness::{Changes, Exports, Refresh, Terms};
use super::images::Images;
use super::schedule::Schedule;
use super::serve::Serve;
use super::{ConfigError, recipes};

/// Options that may hold a password, and are shown without it.
pub(super) const URLS: [&str; 1] = ["store.url"];

/// Options that are never shown.
pub(super) const SECRETS: [&str; 1] = ["tmdb.key"];

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub tmdb: Tmdb,
    pub store: Store,
    pub archive: Archive,
    pub budget: Budget,
    pub collect: Collect,
    pub harvest: Harvest,
    pub changes: Changes,
    pub exports: Exports,
    pub refresh: Refresh,
    pub terms: Terms,
    pub images: Images,
    pub recipes: recipes::Section,
    pub schedule: Schedule,
    pub serve: Serve,
    pub log: Log,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tmdb {
    pub key: String,
    pub api_url: String,
    pub files_url: String,
    pub images_url: String,
    pub timeout_seconds: u64,
    pub resume_wait_seconds: f64,
    pub connections: usize,
    pub body_limit_mib: usize,
}

impl std::fmt::Debug for Tmdb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tmdb").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    pub url: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    pub requests_per_second: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collect {
    pub concurrency: usize,
    pub attempts: u32,
    pub retry_base_seconds: f64,
    pub retry_cap_seconds: f64,
    pub lease_seconds: u64,
    pub outage_minutes: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harvest {
    pub kinds: Vec<Kind>,
    pub pages: u32,
    pub regions: Vec<String>,
    pub languages: Vec<String>,
    pub timezone: String,
    pub genres: Vec<String>,
    pub ahead: usize,
    pub adult: bool,
    pub video: bool,
    pub min_popularity: f64,
    pub original_languages: Vec<String>,
    pub released_from: String,
    pub released_to: String,
    pub fresh_hours: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: String,
    pub calls_days: u64,
}

impl Default for Tmdb {
    fn default() -> Self {
        Self {
            key: String::new(),
            api_url: "https://api.themoviedb.org/3".to_owned(),
            files_url: "https://files.tmdb.org/p/exports".to_owned(),
            images_url: "https://image.tmdb.org/t/p".to_owned(),
            timeout_seconds: 20,
            resume_wait_seconds: 1.0,
            connections: 20,
            body_limit_mib: 64,
        }
    }
}

impl Store {
    /// Its address as it may be shown.
    pub(crate) fn shown(&self) -> String {
        store::without_secrets(&self.url)
    }

    /// Whether it is a server, which may come back by itself.
    pub(crate) fn is_server(&self) -> bool {
        self.url.starts_with("postgres")
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { url: "sqlite:cinemirror.db".to_owned() }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self { requests_per_second: 30 }
    }
}

impl Default for Collect {
    fn default() -> Self {
        Self {
            concurrency: 8,
            attempts: 8,
            retry_base_seconds: 2.0,
            retry_cap_seconds: 900.0,
            lease_seconds: 120,
            outage_minutes: 10,
        }
    }
}

impl Default for Harvest {
    fn default() -> Self {
        Self {
            kinds: vec![Kind::Movie, Kind::Tv, Kind::Person],
            pages: 5,
            regions: vec![],
            languages: vec![],
            timezone: String::new(),
            genres: recipes::default_genres(),
            ahead: 200,
            adult: false,
            video: true,
            min_popularity: 0.0,
            original_languages: vec![],
            released_from: String::new(),
            released_to: String::new(),
            fresh_hours: 24.0,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: "auto".to_owned(), calls_days: 30 }
    }
}

impl Settings {
    /// Refuses values that have the right type and make no sense.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let (tmdb, collect, harvest) = (&self.tmdb, &self.collect, &self.harvest);
        let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        check(web(&tmdb.api_url), "tmdb.api_url", "must start with https:// (or http://)")?;
        check(web(&tmdb.files_url), "tmdb.files_url", "must start with https:// (or http://)")?;
        check(web(&tmdb.images_url), "tmdb.images_url", "must start with https:// (or http://)")?;
        check(tmdb.timeout_seconds > 0, "tmdb.timeout_seconds", "must be at least 1")?;
        check(
            (0.0..=3_600.0).contains(&tmdb.resume_wait_seconds),
            "tmdb.resume_wait_seconds",
            "must lie between 0 and 3600",
        )?;
        check(tmdb.connections > 0, "tmdb.connections", "must be at least 1")?;
        check(tmdb.body_limit_mib > 0, "tmdb.body_limit_mib", "must be at least 1")?;
        check(
            (1..=1_000).contains(&collect.concurrency),
            "collect.concurrency",
            "must lie between 1 and 1000",
        )?;
        check(collect.attempts > 0, "collect.attempts", "must be at least 1")?;
        check(collect.lease_seconds >= 10, "collect.lease_seconds", "must be at least 10")?;
        let wait = |seconds: f64| (0.0..=86_400.0).contains(&seconds);
        check(
            wait(collect.retry_base_seconds),
            "collect.retry_base_seconds",
            "must lie between 0 and 86400",
        )?;
        check(
            wait(collect.retry_cap_seconds),
            "collect.retry_cap_seconds",
            "must lie between 0 and 86400",
        )?;
        check(
            (1..=500).contains(&harvest.pages),
            "harvest.pages",
            "must lie between 1 and 500, TMDB's own limit",
        )?;
        check(
            (0.0..=1e6).contains(&harvest.fresh_hours),
            "harvest.fresh_hours",
            "must not be negative",
        )?;
        for (name, date) in [
            ("harvest.released_from", &harvest.released_from),
            ("harvest.released_to", &harvest.released_to),
        ] {
            let fits = date.is_empty() || date.parse::<jiff::civil::Date>().is_ok();
            check(fits, name, "must be a date as 2024-12-31, or empty")?;
        }
        self.archive.check()?;
        self.exports.check()?;
        self.refresh.check()?;
        self.terms.check()?;
        self.images.check()?;
        self.serve.check()?;
        recipes::check(self)?;
        self.schedule.check()?;
        let levels = ["error", "warn", "info", "debug", "trace"];
        check(
            levels.contains(&self.log.level.as_str()),
            "log.level",
            "must be error, warn, info, debug or trace",
        )?;
        let formats = ["auto", "human", "json"];
        check(
            formats.contains(&self.log.format.as_str()),
            "log.format",
            "must be auto, human or json",
        )
    }

    /// The entries of the schedule, without those of images where these are off.
    pub fn entries(&self) -> Result<Vec<Entry>, ConfigError> {
        let mut entries = self.schedule.entries()?;
        entries.retain(|entry| self.images.enabled || entry.job != Job::Images);
        Ok(entries)
    }

    pub fn retry(&self) -> RetryPolicy {
        RetryPolicy {
            attempts: self.collect.attempts,
            base: Duration::from_secs_f64(self.collect.retry_base_seconds),
            cap: Duration::from_secs_f64(self.collect.retry_cap_seconds),
        }
    }

    pub fn filter(&self) -> Filter {
        let harvest = &self.harvest;
        let given = |date: &String| Some(date.clone()).filter(|date| !date.is_empty());
        let mut kinds = harvest.kinds.clone();
        // Reference data explains the others and is always wanted.
        if !kinds.is_empty() {
            kinds.push(Kind::Reference);
        }
        Filter {
            kinds,
            adult: harvest.adult,
            video: harvest.video,
            min_popularity: harvest.min_popularity,
            languages: harvest.original_languages.clone(),
            released_from: given(&harvest.released_from),
            released_to: given(&harvest.released_to),
        }
    }
}

pub(super) fn check(holds: bool, name: &'static str, why: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::Invalid { name, why: why.to_owned() }) }
}
