//! The queue and its dead letters.

use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use domain::queue::{DeadFilter, QueueDepth};
use domain::{FailureClass, Key, Kind, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::{Given, Params};
use super::problem::Problem;
use super::runs::limited;
use crate::site::Site;

/// How deep the queue is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Depth {
    /// Due now, and in nobody's hands.
    pub(crate) ready: u64,
    /// To be tried again later.
    delayed: u64,
    /// In the hands of workers.
    leased: u64,
    /// Dead letters.
    dead: u64,
    /// When the oldest of what waits was added.
    #[schemars(with = "Option<jiff::Timestamp>")]
    oldest: Option<Timestamp>,
}

impl From<QueueDepth> for Depth {
    fn from(depth: QueueDepth) -> Self {
        let QueueDepth { ready, delayed, leased, dead, oldest, .. } = depth;
        Self { ready, delayed, leased, dead, oldest }
    }
}

/// How many tasks are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TasksQuery {
    /// So many at most, 500 in all.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 500))]
    limit: usize,
}

fn fifty() -> usize {
    50
}

/// What waits.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Tasks {
    tasks: Vec<TaskView>,
}

/// A key that waits to be collected.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TaskView {
    /// `movie/550`.
    key: String,
    /// The smaller, the sooner.
    priority: u32,
    source: String,
    run: Option<i64>,
    attempts: u32,
    #[schemars(with = "jiff::Timestamp")]
    added_at: Timestamp,
    #[schemars(with = "jiff::Timestamp")]
    due_at: Timestamp,
    leased_by: Option<String>,
    #[schemars(with = "Option<jiff::Timestamp>")]
    leased_until: Option<Timestamp>,
    last_error: Option<String>,
}

/// Which dead letters are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeadQuery {
    /// Only of this kind: `movie`, `tv` …
    kind: Option<String>,
    /// Only of this class of failure: `later`, `ours`.
    class: Option<String>,
    /// So many at most, 500 in all.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 500))]
    limit: usize,
}

/// Dead letters.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DeadLetters {
    dead: Vec<DeadView>,
}

/// A key that failed for good.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DeadView {
    key: String,
    /// `later`: another try may help; `ours`: it may not.
    class: &'static str,
    error: String,
    attempts: u32,
    source: String,
    run: Option<i64>,
    #[schemars(with = "jiff::Timestamp")]
    added_at: Timestamp,
    #[schemars(with = "jiff::Timestamp")]
    died_at: Timestamp,
}

/// Which dead letters are meant: those that fit all that is said, or all of them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// These: `movie/550`.
    #[serde(default)]
    keys: Vec<String>,
    kind: Option<String>,
    class: Option<String>,
    /// Died before this instant.
    #[schemars(with = "Option<jiff::Timestamp>")]
    died_before: Option<Timestamp>,
    /// All of them; must be said where nothing else is.
    #[serde(default)]
    all: bool,
}

/// What was done with dead letters.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Moved {
    /// How many.
    count: u64,
}

pub(super) async fn depth(State(site): State<Site>) -> Result<Json<Depth>, Problem> {
    Ok(Json(site.stores().queue.depth(site.now()).await?.into()))
}

pub(super) async fn tasks(
    State(site): State<Site>,
    Params(query): Params<TasksQuery>,
) -> Result<Json<Tasks>, Problem> {
    let tasks = site.stores().queue.pending(limited(query.limit)?).await?;
    let tasks = tasks.into_iter().map(|task| TaskView {
        key: task.key.to_string(),
        priority: task.priority,
        source: task.source,
        run: task.run.map(|run| run.0),
        attempts: task.attempts,
        added_at: task.added_at,
        due_at: task.due_at,
        leased_by: task.leased_by,
        leased_until: task.leased_until,
        last_error: task.last_error,
    });
    Ok(Json(Tasks { tasks: tasks.collect() }))
}

pub(super) async fn dead(
    State(site): State<Site>,
    Params(query): Params<DeadQuery>,
) -> Result<Json<DeadLetters>, Problem> {
    let which = DeadFilter {
        kind: read(query.kind.as_deref(), "kind", kind)?,
        class: read(query.class.as_deref(), "class", FailureClass::from_name)?,
        ..DeadFilter::default()
    };
    let letters = site.stores().queue.dead(&which, limited(query.limit)?).await?;
    let dead = letters.into_iter().map(|letter| DeadView {
        key: letter.key.to_string(),
        class: letter.class.as_str(),
        error: letter.error,
        attempts: letter.attempts,
        source: letter.source,
        run: letter.run.map(|run| run.0),
        added_at: letter.added_at,
        died_at: letter.died_at,
    });
    Ok(Json(DeadLetters { dead: dead.collect() }))
}

pub(super) async fn redrive(
    State(site): State<Site>,
    Given(which): Given<Which>,
) -> Result<Json<Moved>, Problem> {
    let count = site.stores().queue.redrive(&chosen(&which)?, site.now()).await?;
    Ok(Json(Moved { count }))
}

pub(super) async fn purge(
    State(site): State<Site>,
    Given(which): Given<Which>,
) -> Result<Json<Moved>, Problem> {
    let count = site.stores().queue.purge(&chosen(&which)?).await?;
    Ok(Json(Moved { count }))
}

fn chosen(which: &Which) -> Result<DeadFilter, Problem> {
    let keys = which.keys.iter().map(|text| {
        let wrong = |why| Problem::Unprocessable(format!("`{text}` is no key: {why}"));
        Key::from_str(text).map_err(wrong)
    });
    let filter = DeadFilter {
        keys: keys.collect::<Result<_, _>>()?,
        kind: read(which.kind.as_deref(), "kind", kind)?,
        class: read(which.class.as_deref(), "class", FailureClass::from_name)?,
        died_before: which.died_before,
    };
    if !which.all && filter == DeadFilter::default() {
        let why = "Say which dead letters: `keys`, `kind`, `class`, `died_before`, or `all`.";
        return Err(Problem::Unprocessable(why.to_owned()));
    }
    Ok(filter)
}

fn kind(name: &str) -> Option<Kind> {
    name.parse().ok()
}

/// A value that has a name.
pub(super) fn read<T>(
    given: Option<&str>,
    what: &str,
    named: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(name) = given else { return Ok(None) };
    let value = named(name);
    value.map(Some).ok_or_else(|| Problem::Unprocessable(format!("`{name}` is no {what}.")))
}
