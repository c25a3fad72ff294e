//! What runs when: `[schedule]`.

use std::time::Duration;

use domain::schedule::{Entry, Job, Preset, When};
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::settings::check;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    pub preset: String,
    pub entries: Vec<OwnEntry>,
    pub lease_seconds: u64,
}

/// An entry of one's own, or what is to be different about one of the preset's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnEntry {
    pub name: String,
    pub cron: Option<String>,
    pub zone: Option<String>,
    pub job: Option<String>,
    #[serde(default)]
    pub paused: bool,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { preset: Preset::Mirror.to_string(), entries: vec![], lease_seconds: 30 }
    }
}

impl Schedule {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let lease = (3..=3_600).contains(&self.lease_seconds);
        check(lease, "schedule.lease_seconds", "must lie between 3 and 3600")?;
        self.entries().map(drop)
    }

    /// The preset's entries with one's own among them, in the order of names.
    pub fn entries(&self) -> Result<Vec<Entry>, ConfigError> {
        let preset = self.preset.parse::<Preset>();
        let unknown = |error: domain::schedule::UnknownPreset| ConfigError::Invalid {
            name: "schedule.preset",
            why: format!("makes no sense: {error}"),
        };
        let mut entries = preset.map_err(unknown)?.entries();
        let mut names: Vec<&str> = vec![];
        for own in &self.entries {
            let refuse = |why: String| ConfigError::Invalid {
                name: "schedule.entries",
                why: format!("holds `{}`: {why}", own.name),
            };
            if names.contains(&own.name.as_str()) {
                return Err(refuse("there are two of that name".to_owned()));
            }
            names.push(&own.name);
            let place = entries.iter().position(|entry| entry.name == own.name);
            let preset = place.map(|place| entries.swap_remove(place));
            entries.push(own.over(preset.as_ref()).map_err(refuse)?);
        }
        entries.sort_by(|one, two| one.name.cmp(&two.name));
        Ok(entries)
    }

    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds)
    }
}

impl OwnEntry {
    fn over(&self, preset: Option<&Entry>) -> Result<Entry, String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.name.is_empty() || !self.name.bytes().all(fits) {
            return Err("a name is made of letters, digits, - and _".to_owned());
        }
        let missing =
            |what: &str| format!("it needs `{what}`, since the preset has no entry of that name");
        let given = |own: &Option<String>, preset: Option<&str>| {
            own.clone().or_else(|| preset.map(ToOwned::to_owned))
        };
        let when = preset.map(|entry| &entry.when);
        let cron = given(&self.cron, when.map(When::cron)).ok_or_else(|| missing("cron"))?;
        let zone = given(&self.zone, when.map(When::zone)).unwrap_or_else(|| "UTC".to_owned());
        let job = match (&self.job, preset) {
            (Some(job), _) => job.parse::<Job>().map_err(|error| error.to_string())?,
            (None, Some(preset)) => preset.job,
            (None, None) => return Err(missing("job")),
        };
        let when = When::parse(&cron, &zone).map_err(|error| error.to_string())?;
        Ok(Entry { name: self.name.clone(), when, job, paused: self.paused })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> Schedule {
        toml::from_str(&format!("preset = \"s4\"\nlease_seconds = 30\n{text}")).unwrap()
    }

    #[track_caller]
    fn check(text: &str, entries: &[&str]) {
        let show = |entry: &Entry| {
            let paused = if entry.paused { " paused" } else { "" };
            format!("{}: {} {}{paused}", entry.name, entry.when, entry.job)
        };
        let found: Vec<_> = schedule(text).entries().unwrap().iter().map(show).collect();
        assert_eq!(found, entries);
    }

    #[track_caller]
    fn check_refused(text: &str, says: &str) {
        let error = schedule(text).check().unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn own_entries_join_and_override_those_of_the_preset() {
        check(
            "[[entries]]\nname = \"quick\"\npaused = true\n
             [[entries]]\nname = \"daily\"\ncron = \"30 4 * * *\"\nzone = \"Europe/Berlin\"\n
             [[entries]]\nname = \"clean\"\ncron = \"@hourly\"\njob = \"purge\"\n",
            &[
                "clean: @hourly UTC purge",
                "daily: 30 4 * * * Europe/Berlin daily",
                "quick: 0 */6 * * * UTC quick paused",
                "weekly: 0 2 * * SUN UTC weekly",
            ],
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_entry() {
        let entry = |rest: &str| format!("[[entries]]\nname = \"mine\"\n{rest}");
        check_refused(&entry("job = \"purge\""), "`mine`: it needs `cron`");
        check_refused(&entry("cron = \"0 3 * * *\""), "`mine`: it needs `job`");
        check_refused(&entry("cron = \"0 3 * * *\"\njob = \"sweep\""), "unknown job `sweep`");
        check_refused(&entry("cron = \"3 o'clock\"\njob = \"purge\""), "no cron expression");
        check_refused(
            &entry("cron = \"0 3 * * *\"\njob = \"purge\"\nzone = \"Mars/Olympus\""),
            "unknown time zone `Mars/Olympus`",
        );
        let twice = entry("cron = \"0 3 * * *\"\njob = \"purge\"\n").repeat(2);
        check_refused(&twice, "two of that name");
        check_refused("[[entries]]\nname = \"a b\"", "letters, digits");
        let schedule = Schedule { preset: "s9".to_owned(), ..Schedule::default() };
        assert!(schedule.check().unwrap_err().to_string().contains("unknown preset `s9`"));
    }
}
