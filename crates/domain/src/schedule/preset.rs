//! Schedules that have names.

use std::fmt;
use std::str::FromStr;

use super::entry::Entry;
use super::job::Job;
use super::when::When;

/// A ready schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Keeps a mirror complete, fresh and lawful for months.
    Mirror,
    /// Once a day, and deeper once a week.
    S0,
    /// New titles once a week, old ones refreshed at night, in California.
    S3,
    /// What is popular every six hours, every list at night.
    S4,
    /// Nothing but own entries.
    None,
}

const LOS_ANGELES: &str = "America/Los_Angeles";

impl Preset {
    pub const ALL: [Self; 5] = [Self::Mirror, Self::S0, Self::S3, Self::S4, Self::None];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mirror => "mirror",
            Self::S0 => "s0",
            Self::S3 => "s3",
            Self::S4 => "s4",
            Self::None => "none",
        }
    }

    pub fn entries(self) -> Vec<Entry> {
        let lines = self.lines().iter();
        lines.filter_map(|(name, cron, zone, job)| entry(name, cron, zone, *job)).collect()
    }

    /// Name, cron expression, time zone and job.
    fn lines(self) -> &'static [(&'static str, &'static str, &'static str, Job)] {
        match self {
            // The exports are out by 08:00 UTC (`FACTS.md` section 8). The others
            // keep out of each other's way.
            Self::Mirror => &[
                ("changes", "0 */6 * * *", "UTC", Job::Changes),
                ("refresh", "0 1 * * *", "UTC", Job::Refresh),
                ("purge", "0 2 * * *", "UTC", Job::Purge),
                ("images", "0 3 * * *", "UTC", Job::Images),
                ("quick", "0 4,10,16,22 * * *", "UTC", Job::Quick),
                ("weekly", "0 5 * * SUN", "UTC", Job::Weekly),
                ("exports", "0 9 * * *", "UTC", Job::Exports),
            ],
            Self::S0 => &[
                ("daily", "0 8 * * *", "UTC", Job::Daily),
                ("weekly", "0 9 * * SUN", "UTC", Job::Weekly),
            ],
            Self::S3 => &[
                ("refresh", "0 3 * * *", LOS_ANGELES, Job::Refresh),
                ("weekly", "0 2 * * SUN", LOS_ANGELES, Job::Weekly),
            ],
            Self::S4 => &[
                ("quick", "0 */6 * * *", "UTC", Job::Quick),
                ("daily", "0 3 * * *", "UTC", Job::Daily),
                ("weekly", "0 2 * * SUN", "UTC", Job::Weekly),
            ],
            Self::None => &[],
        }
    }
}

/// Every line above is one; a test sees to it.
fn entry(name: &str, cron: &str, zone: &str, job: Job) -> Option<Entry> {
    let when = When::parse(cron, zone).ok()?;
    Some(Entry { name: name.to_owned(), when, job, paused: false })
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(text: &str) -> Result<Self, UnknownPreset> {
        let found = Self::ALL.into_iter().find(|preset| preset.as_str() == text);
        found.ok_or_else(|| UnknownPreset(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown preset `{0}` (mirror, s0, s3, s4 or none)")]
pub struct UnknownPreset(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_preset_is_an_entry() {
        for preset in Preset::ALL {
            assert_eq!(preset.entries().len(), preset.lines().len(), "{preset}");
            assert_eq!(preset.as_str().parse(), Ok(preset));
        }
    }

    #[test]
    fn a_mirror_is_kept_fresh_and_lawful_by_its_preset() {
        let jobs: Vec<Job> = Preset::Mirror.entries().iter().map(|entry| entry.job).collect();
        for job in [Job::Changes, Job::Exports, Job::Refresh, Job::Purge] {
            assert!(jobs.contains(&job), "{job} is missing");
        }
    }
}
