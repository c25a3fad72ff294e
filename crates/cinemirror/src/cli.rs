//! The command line: what can be said, and which exit code says how it went.

mod api_calls;
mod archive;
mod args;
mod backup;
mod client;
mod collect;
mod config;
mod demo;
mod doctor;
mod estimate;
mod export;
mod fake;
mod get;
mod gone;
mod harvest;
mod history;
mod images;
mod import;
mod migrate_store;
mod query;
mod queue;
mod ratings;
mod refresh;
mod restore;
mod run;
mod runs;
mod schedule;
mod serve;
mod served;
mod simulate;
mod status;
mod token;
pub(crate) mod up;
mod workers;

pub(crate) use run::{collect_options, job_plans};

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use indicatif::MultiProgress;
use tracing::level_filters::LevelFilter;

use crate::config::{Config, ConfigError, Inputs};
use crate::output::Output;
use crate::{app, logging};
use args::{Cli, Command};

/// How a command ended, for scripts. Printed by `cinemirror --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    /// It failed; the last line says why.
    Failed = 1,
    /// The command line or the configuration makes no sense: a person must change it.
    /// Clap's own errors end so too.
    Misused = 2,
    /// There is no such thing in the mirror.
    NotFound = 3,
    /// TMDB refuses the key.
    Refused = 4,
    /// It ended, but some sources or titles failed.
    Partly = 5,
    /// Stopped by a signal; what was not done stays queued.
    Stopped = 130,
}

/// What every command has at hand.
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) output: Output,
    pub(crate) bars: MultiProgress,
    pub(crate) quiet: bool,
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match start(cli) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to be done where even this cannot be written.
            drop(writeln!(io::stderr().lock(), "error: {error:#}"));
            ExitCode::from(exit_of(&error) as u8)
        }
    }
}

/// A command line that makes no sense, as clap could not see.
#[derive(Debug)]
struct Misuse(anyhow::Error);

impl std::fmt::Display for Misuse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.0)
    }
}

impl std::error::Error for Misuse {}

/// Says that an error is the command line's.
pub(crate) fn understood<T>(meant: anyhow::Result<T>) -> anyhow::Result<T> {
    meant.map_err(|error| anyhow::Error::new(Misuse(error)))
}

fn exit_of(error: &anyhow::Error) -> Exit {
    let is_meant = error.is::<Misuse>() || error.is::<serve::Unbindable>();
    if is_meant || error.chain().any(is_misconfigured) {
        return Exit::Misused;
    }
    match error.downcast_ref::<pipeline::PipelineError>() {
        Some(pipeline::PipelineError::Refused(_)) => Exit::Refused,
        Some(pipeline::PipelineError::Stopped | pipeline::PipelineError::Cancelled { .. }) => {
            Exit::Stopped
        }
        _ => Exit::Failed,
    }
}

/// Whether trying again is no use before a person has changed a setting.
fn is_misconfigured(cause: &(dyn std::error::Error + 'static)) -> bool {
    let of_store = match cause.downcast_ref() {
        Some(pipeline::PipelineError::Store(error)) => Some(error),
        _ => cause.downcast_ref(),
    };
    let of_opening = match cause.downcast_ref() {
        Some(store::UpkeepError::Open(error)) => Some(error),
        _ => cause.downcast_ref(),
    };
    cause.is::<ConfigError>()
        || cause.is::<tmdb::CredentialError>()
        || matches!(of_store, Some(domain::StoreError::Misconfigured(_)))
        || of_opening.is_some_and(|error| !matches!(error, store::OpenError::Unavailable { .. }))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn start(cli: Cli) -> anyhow::Result<Exit> {
    let output = Output { json: cli.json };
    match &cli.command {
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "cinemirror", &mut io::stdout());
            return Ok(Exit::Done);
        }
        Command::Config { command: args::ConfigCommand::Example } => {
            return config::example(output);
        }
        _ => (),
    }
    let config = crate::config::load(&inputs(&cli))?;
    let bars = MultiProgress::new();
    logging::start(&config.settings.log, level(&cli), &bars);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let context = Context { config, output, bars, quiet: cli.quiet };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(dispatch(&context, cli.command));
    // Threads that wait for a connection must not keep the process alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    done
}

async fn dispatch(context: &Context, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Demo(args) => demo::demo(context, args).await,
        Command::Run(args) => run::run(context, args).await,
        Command::Harvest(args) => harvest::harvest(context, args).await,
        Command::Collect(args) => collect::collect(context, args).await,
        Command::Get(args) => get::get(context, args).await,
        Command::History(args) => history::history(context, args).await,
        Command::Diff(args) => history::diff(context, args).await,
        Command::Series(args) => history::series(context, args).await,
        Command::Refresh(args) => refresh::refresh(context, args).await,
        Command::Purge => refresh::purge(context).await,
        Command::Terms { command } => refresh::terms(context, command).await,
        Command::Gone(args) => gone::gone(context, args).await,
        Command::Query(args) => query::query(context, args).await,
        Command::Status => status::status(context).await,
        Command::Runs(args) => runs::runs(context, args).await,
        Command::Queue { command } => queue::queue(context, command).await,
        Command::Served(args) => served::served(context, args).await,
        Command::ApiCalls(args) => api_calls::api_calls(context, args).await,
        Command::Archive { command } => archive::archive(context, command).await,
        Command::Images { command } => images::images(context, command).await,
        Command::Ratings { command } => ratings::ratings(context, command).await,
        Command::Export(args) => export::export(context, args).await,
        Command::Import(args) => import::import(context, args).await,
        Command::MigrateStore(args) => migrate_store::migrate_store(context, args).await,
        Command::Backup(args) => backup::backup(context, args).await,
        Command::Restore(args) => restore::restore(context, args).await,
        Command::Rebuild => archive::rebuild(context).await,
        Command::Estimate(args) => estimate::estimate(context, args).await,
        Command::Doctor => doctor::doctor(context).await,
        Command::SimulateYear(args) => simulate::simulate_year(context, args).await,
        Command::Up => up::up(context).await,
        Command::Serve => serve::serve(context).await,
        Command::Worker(args) => up::worker(context, args).await,
        Command::Workers => workers::workers(context).await,
        Command::Schedule { command } => schedule::schedule(context, command).await,
        Command::Token { command } => token::token(context, command).await,
        Command::Client { command } => client::client(context, command).await,
        Command::FakeTmdb(args) => fake::fake_tmdb(context, args).await,
        Command::Config { command: args::ConfigCommand::Check } => config::check(context),
        Command::Config { command: args::ConfigCommand::Example } | Command::Completions { .. } => {
            Ok(Exit::Done)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the environment is read here, once")]
fn inputs(cli: &Cli) -> Inputs {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let mut flags = vec![];
    if let Some(url) = &cli.store {
        flags.push(("store.url", url.clone()));
    }
    Inputs { file: cli.config.clone(), environment, flags }
}

fn level(cli: &Cli) -> Option<LevelFilter> {
    match (cli.quiet, cli.verbose) {
        (true, _) => Some(LevelFilter::ERROR),
        // The demo tells its story itself.
        (_, 0) if matches!(cli.command, Command::Demo(_)) => Some(LevelFilter::WARN),
        (_, 0) => None,
        (_, 1) => Some(LevelFilter::DEBUG),
        (_, _) => Some(LevelFilter::TRACE),
    }
}

impl Context {
    /// The store alone, for commands that work with what is there: a file that is missing
    /// is not made.
    pub(crate) async fn store(&self) -> anyhow::Result<store::Store> {
        let settings = &self.config.settings;
        if store::is_missing(&settings.store.url) {
            let shown = settings.store.shown();
            return understood(Err(anyhow::anyhow!(
                "there is no {shown}; --store, DATABASE_URL or store.url says where the mirror \
                 is, and `cinemirror demo`, `run` or `up` makes a new one"
            )));
        }
        app::open(settings).await
    }

    /// As [`Context::store`], for commands that put something in: they make what is missing.
    pub(crate) async fn store_or_new(&self) -> anyhow::Result<store::Store> {
        app::open(&self.config.settings).await
    }

    /// As [`Context::store`], for commands that have something to say without a mirror
    /// too: an empty one stands in for a file that is missing.
    pub(crate) async fn store_or_none(&self) -> anyhow::Result<store::Store> {
        let mut settings = self.config.settings.clone();
        if store::is_missing(&settings.store.url) {
            "sqlite::memory:".clone_into(&mut settings.store.url);
        }
        app::open(&settings).await
    }
}
