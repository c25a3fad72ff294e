//! Starts runs. What is asked for is a run of the ledger at once; a process that has the
//! pipeline takes it, this one or another.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::Source;
use domain::request::{Asked, NewRequest};
use domain::schedule::Job;
use pipeline::requests::{Custom, Wish};
use pipeline::{SILENT_FOR, categories, jobs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::asked::Given;
use super::guard::Caller;
use super::problem::Problem;
use super::status::is_anybody_there;
use crate::site::Site;

/// What to run: a run that has a name, or one with sources of its own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// `quick`, `daily`, `weekly`, `full`, or a job of the schedule: `changes`, `exports`,
    /// `refresh`, `purge`, `images`. Nothing else may be given with it.
    #[schemars(example = &"quick")]
    update_type: Option<String>,
    /// The same under another name.
    #[serde(rename = "scheduleType", alias = "schedule_type")]
    schedule_type: Option<String>,
    /// Lists to read: `popular`, `top_rated`, `upcoming`, `now_playing`, `airing_today`,
    /// `on_the_air`, `genres`, `genre_28`, or a recipe such as `hidden_gems`.
    categories: Option<Vec<String>>,
    /// Pages of each list.
    #[schemars(range(min = 1, max = 500))]
    pages_per_category: Option<u32>,
    /// The week's trending titles too.
    include_trending: Option<bool>,
    /// Whether the run waits until what it queued is collected; true where it is not said.
    #[serde(alias = "enrich_data")]
    enrich: Option<bool>,
    /// Titles queued, and so collected, at most.
    max_enrichment: Option<u64>,
    /// Only what is new or no longer fresh; true where it is not said.
    incremental: Option<bool>,
}

/// A run that waits to be taken.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Accepted {
    /// Its number.
    run: i64,
    name: String,
    /// `REQUESTED`.
    status: &'static str,
    sources: Vec<String>,
    /// Where it is watched.
    location: String,
    /// Whether a process is there that takes it; if not, it waits for one.
    is_taken_soon: bool,
}

pub(super) async fn start(
    State(site): State<Site>,
    Extension(caller): Extension<Caller>,
    Given(start): Given<Start>,
) -> Result<Response, Problem> {
    let (wish, sources) = wish(&site, start)?;
    let now = site.now();
    let sources: Vec<String> = sources.iter().map(ToString::to_string).collect();
    let text = serde_json::to_string(&wish);
    let request = NewRequest {
        name: wish.name().to_owned(),
        sources: sources.clone(),
        wish: text.map_err(|error| Problem::Unprocessable(error.to_string()))?,
        asked_by: caller.0,
        excludes: wish.excludes(),
        silent_since: now - SILENT_FOR,
    };
    let run = match site.stores().requests.ask(&request, now).await? {
        Asked::Opened(run) => run,
        Asked::Busy { run, name } => return Err(Problem::RunInProgress { run, name }),
        Asked::Full => return Err(Problem::TooManyRuns),
    };
    let location = format!("/pipeline/runs/{run}");
    let accepted = Accepted {
        run: run.0,
        name: request.name,
        status: "REQUESTED",
        sources,
        is_taken_soon: is_anybody_there(&site).await?,
        location: location.clone(),
    };
    let mut response = (StatusCode::ACCEPTED, Json(accepted)).into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// What is asked for, and the sources that it reads.
fn wish(site: &Site, start: Start) -> Result<(Wish, Vec<Source>), Problem> {
    let harvest = &site.options().harvest;
    let Start { update_type, schedule_type, .. } = &start;
    let name = match (update_type, schedule_type) {
        (Some(_), Some(_)) => {
            let why = "Give `update_type` or `scheduleType`, not both.";
            return Err(Problem::Unprocessable(why.to_owned()));
        }
        (Some(name), None) | (None, Some(name)) => Some(name.clone()),
        (None, None) => None,
    };
    if let Some(name) = name.filter(|name| name != pipeline::requests::CUSTOM) {
        let job: Job = name.parse().ok().ok_or_else(|| unknown(&name))?;
        if start.is_custom() {
            let why = format!("`{name}` has sources of its own: give nothing else with it.");
            return Err(Problem::Unprocessable(why));
        }
        let plan = jobs::run_plan(harvest, &pipeline::run::Collecting::Elsewhere, job, "api");
        return Ok((Wish::Job(job), plan.harvest.sources));
    }
    custom(site, start)
}

fn custom(site: &Site, start: Start) -> Result<(Wish, Vec<Source>), Problem> {
    let harvest = &site.options().harvest;
    if start.pages_per_category.is_some_and(|pages| !(1..=500).contains(&pages)) {
        let why = "`pages_per_category` must lie between 1 and 500.";
        return Err(Problem::Unprocessable(why.to_owned()));
    }
    let categories = start.categories.unwrap_or_default();
    let trending = start.include_trending.unwrap_or(false);
    let kinds = &harvest.filter.kinds;
    let sources = categories::sources(&categories, trending, kinds, &harvest.recipes)
        .map_err(|error| Problem::Unprocessable(error.to_string()))?;
    if sources.is_empty() {
        let why = "Say what to run: `update_type` (quick, daily, weekly or full), \
                   `categories`, or `include_trending`.";
        return Err(Problem::Unprocessable(why.to_owned()));
    }
    let custom = Custom {
        pages: start.pages_per_category,
        enrich: start.enrich.unwrap_or(true),
        max_enrichment: start.max_enrichment,
        again: !start.incremental.unwrap_or(true),
    };
    Ok((Wish::Custom(custom), sources))
}

impl Start {
    /// Whether it says anything that belongs to a run with sources of its own.
    fn is_custom(&self) -> bool {
        self.categories.as_ref().is_some_and(|categories| !categories.is_empty())
            || self.pages_per_category.is_some()
            || self.include_trending == Some(true)
            || self.enrich.is_some()
            || self.max_enrichment.is_some()
            || self.incremental.is_some()
    }
}

fn unknown(name: &str) -> Problem {
    let known = Job::ALL.map(Job::as_str).join(", ");
    Problem::Unprocessable(format!("There is no run `{name}`; there are {known}, and custom."))
}
