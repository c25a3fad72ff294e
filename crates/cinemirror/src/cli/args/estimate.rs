//! What can be said of a plan to be estimated.

use std::fmt::Display;
use std::str::FromStr;

use clap::Args;
use domain::schedule::Job;
use domain::{Kind, Source};

/// Something and how often a day it runs, if that is said.
#[derive(Clone, Debug)]
pub(crate) struct Often<T> {
    pub(crate) what: T,
    pub(crate) runs_a_day: Option<f64>,
}

fn often<T: FromStr<Err: Display>>(text: &str) -> Result<Often<T>, String> {
    let (what, runs) = match text.split_once('=') {
        Some((what, runs)) => (what, Some(runs)),
        None => (text, None),
    };
    let what = what.parse().map_err(|error: T::Err| error.to_string())?;
    let Some(runs) = runs else { return Ok(Often { what, runs_a_day: None }) };
    match runs.parse() {
        Ok(number) if (0.0..=1_440.0).contains(&number) => {
            Ok(Often { what, runs_a_day: Some(number) })
        }
        _ => Err(format!("`{runs}` is not how often a day it runs, such as 4 or 0.14")),
    }
}

const PRESET_HELP: &str = "\
Runs to plan for, and how often a day: quick, daily, weekly, full, changes, exports or refresh, as in \
quick=4 [default: the configured schedule, where no --source is given]";

#[derive(Debug, Args)]
pub(crate) struct EstimateArgs {
    #[arg(long = "preset", value_name = "NAME[=RUNS]", value_delimiter = ',', help = PRESET_HELP, value_parser = often::<Job>)]
    pub(crate) presets: Vec<Often<Job>>,
    /// Sources to plan for, and how often a day, as in movie.popular=2
    #[arg(long = "source", alias = "sources", value_name = "SOURCE[=RUNS]", value_delimiter = ',', value_parser = often::<Source>)]
    pub(crate) sources: Vec<Often<Source>>,
    /// Only these kinds, with commas [default: the configuration's]
    #[arg(long = "type", alias = "kinds", value_name = "KIND", value_delimiter = ',')]
    pub(crate) kinds: Vec<Kind>,
    /// Lists in these languages, with commas
    #[arg(long = "language", alias = "languages", value_name = "CODE", value_delimiter = ',')]
    pub(crate) languages: Vec<String>,
    /// Lists for these regions, with commas
    #[arg(long = "region", alias = "regions", value_name = "CODE", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,
    /// Pages of each list
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) pages: Option<u32>,
    /// Requests a second [default: the configuration's budget]
    #[arg(long, value_name = "REQUESTS")]
    pub(crate) rate: Option<u32>,
    /// The monthly bill on AWS too, against its free tier
    #[arg(long)]
    pub(crate) aws: bool,
}
