//! What can be said on the command line.

mod access;
mod estimate;
mod export;
mod images;
mod moving;
mod ratings;
mod schedule;
mod time;
mod upkeep;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use domain::catalogue::WorkSort;
use domain::{Kind, Source};

pub(crate) use access::{ClientArgs, ClientCommand, TokenArgs, TokenCommand};
pub(crate) use estimate::{EstimateArgs, Often};
pub(crate) use export::{ExportArgs, ImportArgs};
pub(crate) use images::ImagesCommand;
pub(crate) use moving::{BackupArgs, MigrateArgs, RestoreArgs};
pub(crate) use ratings::RatingsCommand;
pub(crate) use schedule::{ScheduleCommand, WhichArgs};
pub(crate) use time::{
    DiffArgs, GoneArgs, HistoryArgs, KeyArgs, RefreshArgs, SeriesArgs, TermsCommand, When,
};
pub(crate) use upkeep::{
    ApiCallsArgs, ArchiveCommand, ConfigCommand, DeadArgs, FakeArgs, GraceArgs, QueueCommand,
    RunsArgs, ServedArgs, SimulateArgs, WorkerArgs,
};

const AFTER_HELP: &str = "\
Exit codes: 0 done; 1 failed, the last line says why; 2 the command line or the configuration makes no \
sense; 3 no such thing in the mirror; 4 TMDB refuses the key; 5 ended, but some sources or titles failed; \
130 stopped by a signal, what was not done stays queued.

This product uses TMDB and the TMDB APIs but is not endorsed, certified, or otherwise approved by TMDB.";

/// A complete, fresh and lawful mirror of TMDB.
#[derive(Debug, Parser)]
#[command(name = "cinemirror", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// The configuration file [default: cinemirror.toml, where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The store, such as sqlite:cinemirror.db
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// Print JSON instead of tables and texts
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Log more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Log errors only, show no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the main job, with no key and no network: a TMDB of generated titles, mirrored
    Demo(DemoArgs),
    /// Harvest and collect in one go
    Run(RunArgs),
    /// Read sources and queue what is new
    Harvest(HarvestArgs),
    /// Collect what is queued, or the keys given, now
    Collect(CollectArgs),
    /// Print a record
    Get(GetArgs),
    /// Show the versions of a record, and what each changed
    History(HistoryArgs),
    /// Tell two versions of a record apart, field by field
    Diff(DiffArgs),
    /// Show popularity and votes of a title through time
    Series(SeriesArgs),
    /// Find titles
    Query(QueryArgs),
    /// Collect again what is older than it should be
    Refresh(RefreshArgs),
    /// Drop what TMDB's terms do not let us keep any longer
    Purge,
    /// Look after TMDB's terms of use
    Terms {
        #[command(subcommand)]
        command: TermsCommand,
    },
    /// List what was deleted at TMDB, with the proofs
    Gone(GoneArgs),
    /// Show how the mirror stands
    Status,
    /// List runs
    Runs(RunsArgs),
    /// Look after the queue and its dead letters
    Queue {
        #[command(subcommand)]
        command: QueueCommand,
    },
    /// Show what was asked of the mirror, by endpoint, and what of it needed no call to TMDB
    Served(ServedArgs),
    /// List calls to TMDB
    ApiCalls(ApiCallsArgs),
    /// Look after the archive
    Archive {
        #[command(subcommand)]
        command: ArchiveCommand,
    },
    /// Look after ratings of other sources than TMDB
    Ratings {
        #[command(subcommand)]
        command: RatingsCommand,
    },
    /// Look after the images on disk
    Images {
        #[command(subcommand)]
        command: ImagesCommand,
    },
    /// Write tables or whole records to files, with a manifest
    #[command(long_about = export::EXPORT_HELP)]
    Export(ExportArgs),
    /// Take back records that `export --format protobuf` wrote
    #[command(long_about = export::IMPORT_HELP)]
    Import(ImportArgs),
    /// Make the catalogue again from the archive
    Rebuild,
    /// Copy a whole deployment from one store into another, SQLite or PostgreSQL
    MigrateStore(MigrateArgs),
    /// Write one state of the whole store into a file, while workers go on
    Backup(BackupArgs),
    /// Fill an empty store from a backup
    Restore(RestoreArgs),
    /// Say what a plan costs before it runs: calls, time, room, and money on AWS
    Estimate(EstimateArgs),
    /// Check key, connection, clock, store, bodies, disk and budget, and say what to do
    Doctor,
    /// Keep a mirror complete, fresh and lawful until stopped: keep the schedule, collect, serve
    Up,
    /// Serve the mirror as a TMDB v3 API until stopped, beside whatever collects
    Serve,
    /// Keep the schedule and collect, beside other workers on the same store
    Worker(WorkerArgs),
    /// Show which processes work on this store, and how they do
    Workers,
    /// Show what runs when, and pause, resume or trigger it
    Schedule {
        #[command(subcommand)]
        command: ScheduleCommand,
    },
    /// Look after the tokens of the control API
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Look after the clients that may ask /3, where serve.clients is keys
    Client {
        #[command(subcommand)]
        command: ClientCommand,
    },
    /// Run a TMDB of one's own
    FakeTmdb(FakeArgs),
    /// Live a year in minutes beside a TMDB of one's own, and judge the mirror
    #[command(hide = true)]
    SimulateYear(SimulateArgs),
    /// Look after the configuration
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print completions for a shell
    Completions { shell: Shell },
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Keep the mirror in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// Titles in the generated universe
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub(crate) titles: u64,
    /// Serve the mirror for so many minutes, 0 for not at all [default: until Ctrl-C on a
    /// terminal, else 5]
    #[arg(long, value_name = "N")]
    pub(crate) minutes: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RunName {
    /// What is popular and trending
    Quick,
    /// Every list
    Daily,
    /// Every list, deeper, genres, hidden gems, award winners, and the reference data
    Weekly,
    /// Every id there is, by the daily exports
    Full,
    /// What --source or --category say
    Custom,
}

const CATEGORY_HELP: &str = "\
Sources of a custom run by their short names, with commas (popular, top_rated, upcoming, \
now_playing, airing_today, on_the_air, genres, genre_28, hidden_gems, award_winning, or a recipe \
of the configuration), of every wanted kind that has them";

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    pub(crate) name: RunName,
    /// Sources of a custom run (movie.popular, tv.genres, export.movie, similar, reference …)
    #[arg(long = "source", value_name = "SOURCE")]
    pub(crate) sources: Vec<Source>,
    #[arg(long = "category", alias = "categories", value_name = "LIST", value_delimiter = ',', help = CATEGORY_HELP)]
    pub(crate) categories: Vec<String>,
    /// Add the week's trending titles to a custom run
    #[arg(long)]
    pub(crate) include_trending: bool,
    /// Collect what is queued (default)
    #[arg(long, overrides_with = "no_enrich")]
    pub(crate) enrich: bool,
    /// Only queue, do not collect
    #[arg(long, overrides_with = "enrich")]
    pub(crate) no_enrich: bool,
    /// Collect so many titles at most
    #[arg(long, value_name = "TITLES")]
    pub(crate) max_enrichment: Option<u64>,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
}

#[derive(Debug, Args)]
pub(crate) struct HarvestArgs {
    /// Sources (movie.popular, tv.genres, export.movie, similar, reference …) [default: a daily run's]
    #[arg(long = "source", value_name = "SOURCE")]
    pub(crate) sources: Vec<Source>,
    /// Read and count, queue nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
}

/// What is wanted of the sources; what is not given comes from the configuration.
#[derive(Debug, Default, Args)]
pub(crate) struct WantedArgs {
    /// Pages of each list
    #[arg(long, alias = "pages-per-category", value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) pages: Option<u32>,
    /// Queue so many titles at most
    #[arg(long, value_name = "TITLES")]
    pub(crate) limit: Option<u64>,
    /// Only this kind (repeatable)
    #[arg(long = "type", value_name = "KIND")]
    pub(crate) kinds: Vec<Kind>,
    /// Read lists for this region, such as DE (repeatable)
    #[arg(long = "region", value_name = "CODE")]
    pub(crate) regions: Vec<String>,
    /// Read lists in this language, such as de-DE (repeatable)
    #[arg(long = "language", value_name = "CODE")]
    pub(crate) languages: Vec<String>,
    /// Only titles at least this popular
    #[arg(long, value_name = "NUMBER")]
    pub(crate) min_popularity: Option<f64>,
    /// Adult titles too
    #[arg(long)]
    pub(crate) adult: bool,
    /// Only what is new or no longer fresh (default)
    #[arg(long, overrides_with = "again")]
    pub(crate) incremental: bool,
    /// Collect again what is fresh too
    #[arg(long, alias = "no-incremental", overrides_with = "incremental")]
    pub(crate) again: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CollectArgs {
    /// Keys to collect now: movie 550 tv 1396, or movie/550 tv/1396/season/1 [default: the queue]
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Collect so many titles at most
    #[arg(long, value_name = "TITLES")]
    pub(crate) limit: Option<u64>,
    /// End when nothing is ready, without waiting for retries
    #[arg(long)]
    pub(crate) no_wait: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GetArgs {
    #[command(flatten)]
    pub(crate) key: KeyArgs,
    /// As it was then: a date (2026-01-31, its end in UTC) or an instant (2026-01-31T12:00:00Z)
    #[arg(long, value_name = "WHEN", value_parser = time::instant)]
    pub(crate) as_of: Option<domain::Timestamp>,
    /// Print what people want to know (default on a terminal, but for --as-of)
    #[arg(long, conflicts_with_all = ["proto", "as_of"])]
    pub(crate) summary: bool,
    /// Write the record as protobuf (message cinemirror.v1.Record)
    #[arg(long, conflicts_with = "json")]
    pub(crate) proto: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SortBy {
    Popularity,
    /// TMDB's users' rating
    Rating,
    /// Of all sources, imported ones too
    Score,
    Votes,
    Released,
    Title,
}

impl From<SortBy> for WorkSort {
    fn from(sort: SortBy) -> Self {
        match sort {
            SortBy::Popularity => Self::Popularity,
            SortBy::Rating => Self::Rating,
            SortBy::Score => Self::Score,
            SortBy::Votes => Self::Votes,
            SortBy::Released => Self::Released,
            SortBy::Title => Self::Title,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// movie or tv [default: both]
    #[arg(long = "type", value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// Print this title (as `get` does)
    #[arg(long, requires = "kind")]
    pub(crate) id: Option<u64>,
    /// A genre's name
    #[arg(long)]
    pub(crate) genre: Option<String>,
    /// A year, or a span of years: 1999 or 1990-1999
    #[arg(long, value_parser = years)]
    pub(crate) year: Option<(i32, i32)>,
    /// Only titles with so many votes at TMDB
    #[arg(long, value_name = "NUMBER")]
    pub(crate) min_votes: Option<u64>,
    /// Only titles that TMDB's users rate so high, 0 to 10
    #[arg(long, value_name = "NUMBER")]
    pub(crate) min_rating: Option<f64>,
    /// The original language, such as ja
    #[arg(long, value_name = "CODE")]
    pub(crate) language: Option<String>,
    /// Words in title, overview or tagline
    #[arg(long)]
    pub(crate) text: Option<String>,
    /// Adult titles too
    #[arg(long)]
    pub(crate) adult: bool,
    /// Highest or latest first; titles from A to Z
    #[arg(long, value_enum, default_value_t = SortBy::Popularity)]
    pub(crate) sort: SortBy,
    /// Show so many titles at most
    #[arg(long, value_name = "TITLES", default_value_t = 20)]
    pub(crate) limit: usize,
    /// Leave out so many first
    #[arg(long, value_name = "TITLES", default_value_t = 0)]
    pub(crate) offset: usize,
}

fn years(text: &str) -> Result<(i32, i32), String> {
    let year = |text: &str| {
        text.trim()
            .parse::<i32>()
            .map_err(|error| format!("`{text}` is not a year such as 1999: {error}"))
    };
    match text.split_once('-') {
        Some((from, to)) => Ok((year(from)?, year(to)?)),
        None => year(text).map(|year| (year, year)),
    }
}
