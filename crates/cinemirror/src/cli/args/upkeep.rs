//! What can be said to look after a mirror: its books, queue, archive, a TMDB beside it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::run::RunStatus;
use domain::{FailureClass, Key, Kind};

#[derive(Debug, Args)]
pub(crate) struct RunsArgs {
    /// REQUESTED, RUNNING, SUCCESS, FAILED, STOPPED or INTERRUPTED
    #[arg(long, value_parser = status)]
    pub(crate) status: Option<RunStatus>,
    /// Show so many at most
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Show everything of one run
    pub(crate) id: Option<i64>,
}

fn status(text: &str) -> Result<RunStatus, String> {
    RunStatus::from_name(text).ok_or_else(|| {
        format!("`{text}` is not {}", RunStatus::ALL.map(RunStatus::as_str).join(", "))
    })
}

#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// List what is waiting, the most urgent first
    List {
        /// Show so many at most
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// List dead letters, the newest first
    Dead {
        #[command(flatten)]
        which: DeadArgs,
        /// Show so many at most
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Queue dead letters again
    Redrive {
        #[command(flatten)]
        which: DeadArgs,
        /// All of them
        #[arg(long)]
        all: bool,
    },
    /// Drop dead letters
    Purge {
        #[command(flatten)]
        which: DeadArgs,
        /// All of them
        #[arg(long)]
        all: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DeadArgs {
    /// Only these keys, as movie/550
    #[arg(value_name = "KEY")]
    pub(crate) keys: Vec<Key>,
    /// Only this kind
    #[arg(long = "type", value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// Only this class of failure: later, ours
    #[arg(long, value_parser = class)]
    pub(crate) class: Option<FailureClass>,
}

fn class(text: &str) -> Result<FailureClass, String> {
    FailureClass::from_name(text)
        .ok_or_else(|| format!("`{text}` is not later, slow_down, gone, ours or fatal"))
}

#[derive(Debug, Args)]
pub(crate) struct ServedArgs {
    /// So many hours back
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=8_784))]
    pub(crate) hours: u32,
    /// Show each hour for itself
    #[arg(long)]
    pub(crate) by_hour: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ApiCallsArgs {
    /// Only this endpoint, such as movie/{id}
    #[arg(long)]
    pub(crate) endpoint: Option<String>,
    /// Only this HTTP status
    #[arg(long)]
    pub(crate) status: Option<u16>,
    /// Only what failed
    #[arg(long)]
    pub(crate) failed: bool,
    /// Only this run
    #[arg(long)]
    pub(crate) run: Option<i64>,
    /// Count by endpoint and status instead
    #[arg(long)]
    pub(crate) count: bool,
    /// Show so many at most
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Measure it
    Stats,
    /// Train a dictionary from its own records; later records get smaller by it
    Train {
        /// Only this kind [default: every kind with enough records]
        #[arg(long = "type", value_name = "KIND")]
        kind: Option<Kind>,
    },
    /// Read and check every version of every record, and look for objects that nothing names
    Verify {
        #[command(flatten)]
        grace: GraceArgs,
    },
    /// Drop and queue again what is lost, and delete objects that nothing names
    Repair {
        #[command(flatten)]
        grace: GraceArgs,
        #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "", help = FROM_OBJECTS_HELP)]
        #[arg(conflicts_with = "grace_minutes")]
        from_objects: Option<String>,
        /// Drop and delete though most bodies are missing, or no object is named: where
        /// archive.url is wrong or not mounted, that is every record
        #[arg(long, conflicts_with = "from_objects")]
        force: bool,
    },
    /// Move all bodies to where they are written by now
    #[command(after_help = COPY_HELP)]
    Copy {
        #[arg(help = "Where they lay before: database, file:///DIR or s3://BUCKET/PREFIX")]
        from: String,
        /// Where they are written: what archive.url says
        to: String,
    },
}

/// How long an object may be without a row that names it.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct GraceArgs {
    /// Objects that are younger may be about to be named by a row
    #[arg(long, default_value_t = 60, value_name = "MINUTES")]
    pub(crate) grace_minutes: u64,
}

const FROM_OBJECTS_HELP: &str = "\
Make versions and catalogue again from objects, after the database was lost: from file:///DIR or \
s3://BUCKET/PREFIX [default: where bodies lie]";

const COPY_HELP: &str = "\
Workers may go on. First set archive.url to the new place and archive.earlier_url to the old one, \
and start them anew: from then on they write to the new place and read both. When all is moved, \
archive.earlier_url can go. Moved into the database, objects are deleted as they go; between two object \
stores they are copied. What lies in the old place then is yours to delete: TMDB's terms hold there too.";

const FAULTS_HELP: &str = "\
Faults as JSON, each a share of the requests: '{\"error_502\": 0.05, \"truncate\": 0.01}'; also \
error_500, error_503, error_504, reset, invalid_json, html_200, error_body_200, slow_body, \
wrong_length, empty_body, export_garbage, export_cut, image_cut, image_short, image_html; latency \
as '{\"latency\": {\"median_ms\": 60, \"p95_ms\": 200}}'; \"export_file\" spoils today's exports: short, \
few_lines, no_lines, empty, missing or yesterday; \"outage\" stops everything: unavailable (503) or \
reset. A running one takes all of them by POST /_fake/faults, as {\"faults\": …}";

const LIMITS_HELP: &str = "\
Limits as JSON: '{\"requests_per_second\": 40, \"retry_after\": {\"seconds\": 2}, \"connections\": 20}'";

#[derive(Debug, Args)]
pub(crate) struct FakeArgs {
    /// Serve recorded bodies, found by DIR's INDEX.tsv
    #[arg(long, value_name = "DIR", group = "universe")]
    pub(crate) recorded: Option<PathBuf>,
    /// Serve the titles of data sets (tmdb5000, seasons)
    #[arg(long, value_name = "DIR", group = "universe")]
    pub(crate) dataset: Option<PathBuf>,
    /// Serve a generated universe of so many movies [default: 2000]
    #[arg(long, value_name = "MOVIES", group = "universe")]
    pub(crate) generate: Option<u64>,
    /// Which generated universe, and which requests faults hit
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The day it starts on, as 2026-11-20 [default: today]
    #[arg(long)]
    pub(crate) date: Option<jiff::civil::Date>,
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,
    #[arg(long, default_value_t = 8090)]
    pub(crate) port: u16,
    /// Accept this v3 key only [default: any 32 hex digits]
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Answer 429 above so many requests a second
    #[arg(long, value_name = "REQUESTS")]
    pub(crate) rate: Option<u32>,
    /// Accept so many connections at most
    #[arg(long, value_name = "NUMBER")]
    pub(crate) connections: Option<u32>,
    #[arg(long, value_name = "JSON", help = FAULTS_HELP)]
    pub(crate) faults: Option<String>,
    #[arg(long, value_name = "JSON", help = LIMITS_HELP, conflicts_with_all = ["rate", "connections"])]
    pub(crate) limits: Option<String>,
    /// Do not compress answers
    #[arg(long)]
    pub(crate) no_gzip: bool,
}

impl FakeArgs {
    pub(crate) fn addr(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print each value and where it came from, secrets hidden
    Check,
    /// Print a configuration file with every option
    Example,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Movies in the universe on the first day; a fifth as many shows come with them
    #[arg(long, default_value_t = 16_700, value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub(crate) movies: u64,
    #[arg(long, default_value_t = 365)]
    pub(crate) days: u32,
    /// Days in the middle on which TMDB is down
    #[arg(long, default_value_t = 40)]
    pub(crate) outage: u32,
    /// Which universe
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    /// Collect only, and leave the schedule to others
    #[arg(long)]
    pub(crate) collect_only: bool,
}
