//! Queues titles that are like the hot ones, before anybody asks for them.

use domain::run::RunFigures;
use domain::sighting::{List, Trending, Window};
use domain::{Sighting, Source};

use super::intake::{Intake, Known, Rules, Unknown};
use crate::error::PipelineError;

/// Lists whose titles are asked for most.
const HOT: [List; 7] = [
    List::MoviePopular,
    List::MovieNowPlaying,
    List::TvPopular,
    List::TvOnTheAir,
    List::Trending(Trending::All, Window::Day),
    List::Trending(Trending::Movie, Window::Week),
    List::Trending(Trending::Tv, Window::Week),
];

/// Asks TMDB nothing: the records of hot titles say what is similar.
pub(super) async fn read(intake: &mut Intake<'_>) -> Result<(), PipelineError> {
    let lists = HOT.map(|list| Source::List(list).to_string());
    let catalog = &intake.pipeline.stores.catalog;
    let keys = catalog.wanted_similar(&lists, intake.plan.ahead).await?;
    let sightings: Vec<Sighting> = keys.into_iter().map(Sighting::of).collect();
    let rules = Rules { unknown: Unknown::Ahead, known: Known::WhenStale, changed: false };
    intake.take(&Source::Similar.to_string(), &sightings, rules, RunFigures::default()).await?;
    Ok(())
}
