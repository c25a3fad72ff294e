//! What can be said of records through time, and of keeping them fresh and lawful.

use clap::{Args, Subcommand};
use domain::{Key, Kind, Timestamp};
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// One key, as words or as a path.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// movie 550, tv 1396, person 287, or movie/550
    #[arg(required = true, value_name = "KEY")]
    words: Vec<String>,
    /// A season of a show
    #[arg(long)]
    season: Option<u32>,
    /// An episode of the season
    #[arg(long, requires = "season")]
    episode: Option<u32>,
}

impl KeyArgs {
    pub(crate) fn key(&self) -> anyhow::Result<Key> {
        crate::cli::understood(self.meant())
    }

    fn meant(&self) -> anyhow::Result<Key> {
        let keys = crate::cli::collect::keys(&self.words)?;
        let [key] = keys[..] else {
            anyhow::bail!("one key is wanted, as `movie 550` or `movie/550`");
        };
        Ok(match (self.season, self.episode) {
            (None, _) => key,
            (Some(_), _) if key.kind() != Kind::Tv => {
                anyhow::bail!("--season belongs to a show, as in `tv 1396 --season 1`")
            }
            (Some(season), None) => Key::season(key.id(), season),
            (Some(season), Some(episode)) => Key::episode(key.id(), season, episode),
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// A date (2026-01-31, its end in UTC), an instant (2026-01-31T12:00:00Z) or a version's number
    /// [default: the version before the last]
    #[arg(long, value_name = "WHEN")]
    pub(crate) from: Option<When>,
    /// As --from [default: the last version]
    #[arg(long, value_name = "WHEN")]
    pub(crate) to: Option<When>,
    /// Show popularity and votes too
    #[arg(long)]
    pub(crate) figures: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SeriesArgs {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
}

/// Which version is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    Version(u32),
    At(Timestamp),
}

impl std::str::FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Version(number));
        }
        instant(text).map(Self::At)
    }
}

/// Reads a date, meaning its end in UTC, or an instant.
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.into());
    }
    let day: Option<jiff::civil::Date> = text.parse().ok();
    let day = day.ok_or_else(|| {
        format!(
            "`{text}` is no date such as 2026-01-31 and no instant such as 2026-01-31T12:00:00Z"
        )
    })?;
    let end = day.checked_add(1.day()).and_then(|next| next.to_zoned(TimeZone::UTC));
    let end = end.map_err(|error| format!("`{text}` lies too far away: {error}"))?;
    let end: Timestamp = end.timestamp().into();
    Ok(end - std::time::Duration::from_millis(1))
}

#[derive(Debug, Args)]
pub(crate) struct RefreshArgs {
    /// Queue so many titles at most, the most pressing first
    #[arg(long, value_name = "TITLES")]
    pub(crate) limit: Option<u64>,
    /// Only this kind (repeatable)
    #[arg(long = "type", value_name = "KIND")]
    pub(crate) kinds: Vec<Kind>,
    /// Only queue, do not collect
    #[arg(long)]
    pub(crate) no_collect: bool,
    /// Count what is stale, queue nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum TermsCommand {
    /// Prove by query that nothing is held for longer than TMDB's terms allow
    Audit,
}

#[derive(Debug, Args)]
pub(crate) struct GoneArgs {
    /// Keys with one proof of being gone, instead of those with two
    #[arg(long)]
    pub(crate) suspects: bool,
    /// Show so many at most
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_its_end() {
        let end = instant("2026-01-31").unwrap();
        assert_eq!(end.to_string(), "2026-01-31T23:59:59Z");
        assert_eq!(instant("2026-01-31T12:00:00Z").unwrap().to_string(), "2026-01-31T12:00:00Z");
        assert!(instant("31.1.2026").unwrap_err().contains("is no date such as"));
    }
}
